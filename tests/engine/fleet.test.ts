import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { type Fault, parseFault } from "../../rehearsal/azure/faults";
import type { Rehearsal, RunResult } from "../../rehearsal/rehearsal";
import { projectRoot } from "../../toolchain/paths";
import { closeRehearsals, nameOf, openRehearsal } from "./support/engine";
import { forecastOf, timesOf } from "./support/forecast";

jest.setTimeout(180_000);

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));
afterEach(closeRehearsals);

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "meridian-fleet-"));
  folders.push(folder);
  return folder;
};

/** The fleet's stack with these of its regions, a validator in each, without chains. */
const openFleet = (folder: string, names: readonly string[]): Promise<Rehearsal> => {
  const settings = parse(readFileSync(join(projectRoot, "Pulumi.fleet.yaml"), "utf8")) as {
    config: Record<string, unknown>;
  };
  settings.config["meridian:regions"] = names.map((name) => ({ name, validators: 1 }));
  settings.config["meridian:contracts"] = { ...(settings.config["meridian:contracts"] as object), chains: {} };
  settings.config["meridian:protect"] = false;
  const configuration = join(folder, "changed.yaml");
  writeFileSync(configuration, stringify(settings));
  return openRehearsal({ program: projectRoot, stack: "fleet", folder, configuration });
};

const errorsOf = ({ diagnostics }: RunResult): string[] =>
  diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
const up = async (rehearsal: Rehearsal, faults: readonly Fault[] = []): Promise<RunResult> => {
  const result = await rehearsal.run("up", { parallel: 64, checkpoints: false, faults });
  expect(errorsOf(result)).toEqual([]);
  return result;
};
const changesOf = ({ trace }: RunResult): string[] => trace.map(({ kind, urn }) => `${kind} ${nameOf(urn)}`);
/** The files of a validator, as they are in the cluster. */
const filesOf = (rehearsal: Rehearsal, region: string): Record<string, string> => {
  const [config] = rehearsal.cloud.below(`kubernetes://${region}/core/v1/ConfigMap/besu/validator-0-config`);
  return (config!.inputs as { data: Record<string, string> }).data;
};

const living = ["eastasia", "southeastasia", "japaneast", "koreacentral", "uksouth", "westeurope", "brazilsouth"];

describe("a living fleet", () => {
  const folder = newFolder();

  test("a region that joins changes itself, the mesh and the lists of peers, and no genesis", async () => {
    const before = await openFleet(folder, living);
    // Flaky answers change nothing but time; forecast and rehearsal agree on each of them.
    const faults = ["flaky=0.02", "throttle@japaneast"].map((text) => parseFault(text));
    const first = await up(before, faults);
    expect(first.trace.some(({ retries = 0 }) => retries > 0)).toBe(true);
    expect(timesOf(first.trace)).toEqual(await forecastOf(before, first, 64, faults));
    const genesis = filesOf(before, "eastasia")["genesis.json"];
    before.close();

    const after = await openFleet(folder, [...living, "italynorth"]);
    const result = await up(after);
    const elsewhere = changesOf(result).filter((change) => !change.startsWith("create italynorth-"));
    expect(elsewhere.sort()).toEqual(
      [
        "create global-key-italynorth-0",
        "update global-mesh-commit",
        ...living.map((region) => `update ${region}-validator-0-config`),
      ].sort(),
    );
    expect(filesOf(after, "eastasia")["genesis.json"]).toBe(genesis);
    expect(filesOf(after, "italynorth")["genesis.json"]).toBe(genesis);
    expect(JSON.parse(filesOf(after, "eastasia")["static-nodes.json"]!)).toHaveLength(8);
    const told = result.diagnostics.map(({ message }) => message).join("\n");
    expect(told).toContain("The genesis stays; validators change by vote:");
  });

  test("regions without which the chain would halt cannot be removed", async () => {
    const rehearsal = await openFleet(folder, living.slice(0, 4));
    const size = rehearsal.cloud.size;
    const result = await rehearsal.run("up", { parallel: 64, checkpoints: false });

    expect(result.exitCode).not.toBe(0);
    expect(errorsOf(result).join("\n")).toContain("4 are less than the quorum of 5: the chain would halt");
    expect(changesOf(result).filter((change) => change.startsWith("delete"))).toEqual([]);
    expect(rehearsal.cloud.size).toBe(size);
  });

  test("another timing than the chain was made with is refused", async () => {
    const rehearsal = await openFleet(folder, living);
    const configuration = join(folder, "changed.yaml");
    const settings = parse(readFileSync(configuration, "utf8")) as { config: Record<string, unknown> };
    settings.config["meridian:chain"] = { blockPeriodSeconds: 5 };
    rehearsal.close();
    writeFileSync(configuration, stringify(settings));
    const changed = await openRehearsal({ program: projectRoot, stack: "fleet", folder, configuration });
    const result = await changed.run("up", { parallel: 64, checkpoints: false });

    // One error, of one line and without a stack, beside the engine's own word that the update failed.
    const told = errorsOf(result).filter((message) => !message.trim().startsWith("update failed"));
    expect(told).toEqual([
      expect.stringMatching(
        /^The chain is deployed, and its genesis is frozen\. blockPeriodSeconds is 5 and the chain was made with 2/,
      ),
    ]);
    expect(told.join("\n")).not.toMatch(/^\s+at /m);
  });

  test("destroying eastasia leaves southeastasia, and all others, alone", async () => {
    const rehearsal = await openFleet(folder, [...living, "italynorth"]);
    const result = await rehearsal.run("destroy", { parallel: 64, checkpoints: false, targets: ["**::eastasia-*"] });

    expect(errorsOf(result)).toEqual([]);
    const changes = changesOf(result);
    expect(changes.length).toBeGreaterThan(30);
    expect(changes.filter((change) => !change.startsWith("delete eastasia-"))).toEqual([]);
    const left = rehearsal.cloud.below("/subscriptions").map(({ id }) => id);
    expect(left.filter((id) => id.includes("-southeastasia"))).not.toEqual([]);
    expect(left.filter((id) => id.includes("meridian-fleet-eastasia"))).toEqual([]);
  });
});
