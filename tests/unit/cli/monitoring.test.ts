import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { dashboardFaults } from "../../../monitoring/dashboards/check";
import type { Dashboard } from "../../../monitoring/dashboards/panels";
import { projectRoot } from "../../../toolchain/paths";
import { runCommand } from "../../support/command";
import { rehearsedAzure, type RehearsedAzure } from "../../support/rehearsed-azure";

jest.setTimeout(120_000);

let folder: string;
let azure: RehearsedAzure;
let exitCode: typeof process.exitCode;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "meridian-monitoring-"));
  azure = await rehearsedAzure("dev");
  const { config } = parse(readFileSync(join(projectRoot, "Pulumi.dev.yaml"), "utf8")) as { config: object };
  const { url: endpoint, validatorUrl } = azure.server;
  const operations = { "meridian:operations": { endpoint, validatorUrl } };
  writeFileSync(join(folder, "Pulumi.dev.yaml"), stringify({ config: { ...config, ...operations } }));
});
afterAll(async () => {
  await azure.server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => (exitCode = process.exitCode));
afterEach(() => (process.exitCode = exitCode));

const here = () => ["--dir", folder];

test("monitoring render writes a dashboard a file, without faults, and the rules", async () => {
  const out = join(folder, "rendered");
  expect(await runCommand("monitoring", "render", "--stack", "dev", ...here(), "--out", out)).toMatchObject({
    exitCode: 0,
  });

  const files = readdirSync(out);
  expect(files).toHaveLength(8);
  for (const file of files.filter((name) => name.endsWith(".json"))) {
    expect(dashboardFaults(JSON.parse(readFileSync(join(out, file), "utf8")) as Dashboard)).toEqual([]);
  }
  expect(parse(readFileSync(join(out, "rules.yaml"), "utf8"))).toMatchObject({ groups: [{ name: "meridian" }] });
});

test("exporter --once prints the metrics of every region, and what expires in no vault", async () => {
  const { exitCode: code, out } = await runCommand("exporter", "--once", ...here());
  expect(code).toBe(0);
  expect(out.match(/^meridian_validator_ready\{.*\} 1$/gm)).toHaveLength(5);
  expect(out).toMatch(/^meridian_cost_usd_per_month\{what="NAT gateways"\} /m);
});

test("drill restore --dry-run shows the plan and touches nothing; without it the validator comes back", async () => {
  const planned = await runCommand("drill", "restore", "japaneast", "--dry-run", ...here());
  expect(planned.exitCode).toBe(0);
  expect(planned.out).toMatch(
    /^Restore of validator 0 in japaneast from data-validator-0-0-snapshots-\d+, [\d.]+ hours old:\n {2}1\. stop/,
  );
  expect(planned.out).not.toContain("stopping it");

  const done = await runCommand("drill", "restore", "japaneast", ...here(), "--json");
  expect(JSON.parse(done.out)).toMatchObject({
    schemaVersion: 1,
    plan: { region: "japaneast", ordinal: 0 },
    result: { oldDisk: "pvc-of-data-validator-0-0" },
  });
});

test.each([
  ["a validator that the region does not have", ["drill", "restore", "japaneast", "1"], "japaneast has no validator 1"],
  ["a region that the stack does not have", ["drill", "restore", "japanest"], 'Did you mean "japaneast"?'],
  ["all regions at once", ["drill", "restore", "all"], "all has no validator 0"],
  ["a snapshot that is not there", ["drill", "restore", "japaneast", "--snapshot", "x"], "The snapshot x is not there"],
  ["a port that there is not", ["exporter", "--port", "70000"], "It must be a port, 0 to 65535"],
  ["no seconds between looks", ["exporter", "--interval", "0"], "It must be a whole number of at least 1"],
])("%s is one error and exit code 2", async (_, argv, message) => {
  const { exitCode: code, err } = await runCommand(...argv, ...here());
  expect(code).toBe(2);
  expect(err).toContain(message);
});
