import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { projectRoot } from "../../toolchain/paths";
import { closeRehearsals, nameOf, openRehearsal } from "./support/engine";

jest.setTimeout(180_000);

const folder = mkdtempSync(join(tmpdir(), "meridian-entry-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(closeRehearsals);

test("the one name for all regions' RPC gateways comes up with what is global, before any region does", async () => {
  const settings = parse(readFileSync(join(projectRoot, "Pulumi.dev.yaml"), "utf8")) as { config: object };
  const rpc = { enabled: true, exposure: "public", entry: "frontDoor" };
  const configuration = join(folder, "changed.yaml");
  writeFileSync(configuration, stringify({ config: { ...settings.config, "meridian:rpc": rpc } }));
  const rehearsal = await openRehearsal({ program: projectRoot, stack: "dev", configuration });
  const targets = ["**::global-*"];

  const first = await rehearsal.run("up", { parallel: 64, checkpoints: false, targets });
  expect(first.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  const made = first.trace.map(({ urn }) => nameOf(urn)).filter((name) => name.startsWith("global-entry"));
  expect(made).toHaveLength(9); // profile, endpoint, group, five gateways, route
  const second = await rehearsal.run("up", { parallel: 64, checkpoints: false, targets });
  expect(second.trace).toEqual([]);
});
