import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { parseFault } from "../../rehearsal/azure/faults";
import type { Rehearsal, RunResult } from "../../rehearsal/rehearsal";
import { projectRoot } from "../../toolchain/paths";
import { closeRehearsals, nameOf, openRehearsal } from "./support/engine";

jest.setTimeout(300_000);

const folder = mkdtempSync(join(tmpdir(), "meridian-capacity-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(closeRehearsals);

/** The dev stack with these of its regions, without chains. */
const openDev = (...names: readonly string[]): Promise<Rehearsal> => {
  const settings = parse(readFileSync(join(projectRoot, "Pulumi.dev.yaml"), "utf8")) as {
    config: Record<string, unknown>;
  };
  settings.config["meridian:regions"] = names.map((name) => ({ name, validators: 1 }));
  settings.config["meridian:contracts"] = { ...(settings.config["meridian:contracts"] as object), chains: {} };
  const configuration = join(folder, "changed.yaml");
  writeFileSync(configuration, stringify(settings));
  return openRehearsal({ program: projectRoot, stack: "dev", folder, configuration });
};

const errorsOf = ({ diagnostics }: RunResult): string[] =>
  diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
const regionsOf = ({ trace }: RunResult): string[] =>
  [...new Set(trace.map(({ urn }) => nameOf(urn).split("-")[0]!))].sort();

describe("a shortage of machines", () => {
  test("in two of four regions: the others come up, and the run after it touches those two only", async () => {
    const rehearsal = await openDev("northeurope", "japaneast", "brazilsouth", "eastasia");
    const faults = ["capacity@japaneast:cluster", "capacity@eastasia:pool"].map((text) => parseFault(text));
    const first = await rehearsal.run("up", { parallel: 64, checkpoints: false, continueOnError: true, faults });
    expect(first.exitCode).not.toBe(0);
    const failed = first.trace.filter(({ outcome }) => outcome === "failed");
    expect(failed.map(({ urn, errorCode }) => [nameOf(urn), errorCode]).sort()).toEqual([
      ["eastasia-cluster-validators", "ZonalAllocationFailed"],
      ["japaneast-cluster-aks", "AKSCapacityHeavyUsage"],
    ]);
    const made = first.trace.filter(({ outcome }) => outcome === "succeeded").map(({ urn }) => nameOf(urn));
    expect(made.filter((name) => name.endsWith("-validator-0-set")).sort()).toEqual([
      "brazilsouth-validator-0-set",
      "northeurope-validator-0-set",
    ]);
    // A refused cluster is not there; a pool without machines is, in a failed state.
    const azure = rehearsal.cloud.below("/subscriptions");
    const clusters = azure.filter(({ type }) => type.endsWith(":ManagedCluster"));
    expect(clusters.some(({ inputs }) => inputs.location === "japaneast")).toBe(false);
    const pools = azure.filter(({ type }) => type.endsWith(":AgentPool"));
    expect(pools.map(({ id, state }) => [/resourceGroups\/[^/]*-(\w+)\//.exec(id)?.[1], state]).sort()).toEqual([
      ["brazilsouth", "Succeeded"],
      ["eastasia", "Failed"],
      ["northeurope", "Succeeded"],
    ]);

    const second = await rehearsal.run("up", { parallel: 64, checkpoints: false });
    expect(errorsOf(second)).toEqual([]);
    expect(regionsOf(second)).toEqual(["eastasia", "japaneast"]);
    // The failed pool is in the stack: it is written again, not made a second time.
    const again = second.trace.find(({ urn }) => nameOf(urn) === "eastasia-cluster-validators");
    expect(again).toMatchObject({ kind: "update", outcome: "succeeded" });
    expect((await rehearsal.run("up", { parallel: 64, checkpoints: false })).trace).toEqual([]);
  });
});
