import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import type { Rehearsal, RunResult } from "../../rehearsal/rehearsal";
import type { Scope } from "../../regions/scope";
import { projectRoot } from "../../toolchain/paths";
import { closeRehearsals, nameOf, openRehearsal } from "./support/engine";

jest.setTimeout(300_000);

const home = mkdtempSync(join(tmpdir(), "meridian-scope-"));
afterEach(closeRehearsals);
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A part of the network `dev`, without chains. */
function open(part: string, scope: Scope): Promise<Rehearsal> {
  const folder = join(home, part);
  mkdirSync(folder, { recursive: true });
  const file = parse(readFileSync(join(projectRoot, "Pulumi.dev.yaml"), "utf8")) as { config: Record<string, unknown> };
  file.config["meridian:contracts"] = { ...(file.config["meridian:contracts"] as object), chains: {} };
  file.config["meridian:scope"] = scope;
  const configuration = join(folder, "changed.yaml");
  writeFileSync(configuration, stringify(file));
  const backend = part === "global" ? {} : { backend: join(home, "global") };
  return openRehearsal({ program: projectRoot, stack: `dev.${part}`, folder, configuration, ...backend });
}
const up = async (rehearsal: Rehearsal): Promise<RunResult> => {
  const run = await rehearsal.run("up", { parallel: 64, checkpoints: false });
  expect(run.diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message)).toEqual([]);
  return run;
};

test("a region's stack reads keys, genesis and mesh from that of what is shared; keys are encrypted in both states", async () => {
  const global = await open("global", "global");
  const first = await up(global);
  expect(first.trace.filter(({ urn }) => !nameOf(urn).startsWith("global-"))).toEqual([]);
  const globalState = await global.exportState();
  global.close();

  mkdirSync(join(home, "japaneast"), { recursive: true });
  copyFileSync(join(home, "global", "cloud.jsonl"), join(home, "japaneast", "cloud.jsonl"));
  const region = await open("japaneast", "region");
  const run = await up(region);
  expect(run.trace.length).toBeGreaterThan(30);
  expect(run.trace.filter(({ urn }) => !nameOf(urn).startsWith("japaneast-"))).toEqual([]);

  const [secret] = region.cloud.below("/subscriptions/").filter(({ id }) => id.endsWith("/secrets/validator-0-key"));
  const { value } = secret!.inputs.properties as { value: string };
  expect(value).toMatch(/^[0-9a-f]{64}$/);
  const states = [globalState, await region.exportState()];
  expect(states.filter((state) => state.includes(value))).toEqual([]);

  const again = await up(region);
  expect(again.trace).toEqual([]);
});
