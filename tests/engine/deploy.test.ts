import { join } from "node:path";

import { deploy, type DeployableStack } from "../../operations/deploy/deploy";
import { parseFault } from "../../rehearsal/azure/faults";
import type { Rehearsal, RunResult } from "../../rehearsal/rehearsal";
import { inventoryOf } from "../../rehearsal/sweep/inventory";
import { closeRehearsals, nameOf, openRehearsal } from "./support/engine";
import type { GraphNode } from "./support/graph";

const regions = ["japaneast", "uksouth"];
/** A chain of three resources in each region. */
const nodes: GraphNode[] = regions.flatMap((location) =>
  ["a", "b", "c"].map((letter, index) => ({
    name: `${location}-${letter}`,
    after: index === 0 ? [] : [`${location}-${"abc"[index - 1]}`],
    location,
    tag: "first",
    fixedName: `${location}-${letter}`,
  })),
);

const open = (): Promise<Rehearsal> =>
  openRehearsal({
    program: join(__dirname, "programs", "graph"),
    environment: { MERIDIAN_TEST_GRAPH: JSON.stringify(nodes) },
    durationMs: () => 10_000,
  });

/** The engine and the simulated providers as `meridian up` sees a real stack: nobody looks into the cloud. */
const asStack = (rehearsal: Rehearsal, ...faults: string[]): DeployableStack<RunResult> => ({
  clearLocks: () => rehearsal.clearLocks(),
  exportState: () => rehearsal.exportState(),
  importState: (state) => rehearsal.importState(state),
  refresh: (targets) => rehearsal.refresh(targets),
  up: ({ parallel, targets, number }) =>
    rehearsal.run("up", {
      ...{ parallel, targets, continueOnError: true },
      faults: number === 1 ? faults.map((text) => parseFault(text)) : [],
    }),
});

const deployed = async (stack: DeployableStack<RunResult>, { importExisting = false, attempts = 3 } = {}) => {
  const told: string[] = [];
  const result = await deploy(stack, {
    ...{ attempts, parallel: 8, random: () => 0.5, contracts: [], importExisting },
    onStep: (text) => told.push(text),
    isInterrupted: () => false,
  });
  return { ...result, told };
};

const expectWhole = async (rehearsal: Rehearsal): Promise<void> => {
  const { ids, cloud, pending } = await inventoryOf(rehearsal);
  expect(ids).toEqual(cloud);
  expect(ids).toHaveLength(nodes.length);
  expect(pending).toBe(0);
};

jest.setTimeout(240_000);
afterEach(closeRehearsals);

describe("a deployment to a cloud that nobody can look into", () => {
  test("takes in what a killed engine had begun, once the provider says that it exists, and makes the rest", async () => {
    const rehearsal = await open();
    await rehearsal.run("up", { parallel: 8, faults: [parseFault("crash@japaneast-b")] });
    const { runs, outcomes, cured, told } = await deployed(asStack(rehearsal));

    expect(cured).toBe(true);
    expect(outcomes.every((outcome) => outcome.cured && outcome.failure.code === "AlreadyExists")).toBe(true);
    expect(outcomes.map(({ failure }) => failure.name)).toContain("japaneast-b");
    expect(told.join("\n")).toContain(
      "japaneast-b exists in the cloud, where an interrupted run of this stack had begun it",
    );
    // Its inputs were written down when it was begun, so there is nothing to change.
    expect(runs.flatMap(({ trace }) => trace).filter(({ kind }) => kind === "update" || kind === "delete")).toEqual([]);
    await expectWhole(rehearsal);
    expect((await rehearsal.run("up", { parallel: 8 })).trace).toEqual([]);
  });

  test("leaves alone what the stack has not begun, and imports it when that is wanted", async () => {
    const rehearsal = await open();
    await rehearsal.run("up", { parallel: 8 });
    // Somebody made the stack forget a resource that others need.
    const state = JSON.parse(await rehearsal.exportState()) as { deployment: { resources: { urn: string }[] } };
    const forgotten = ["japaneast-b", "japaneast-c"];
    state.deployment.resources = state.deployment.resources.filter(({ urn }) => !forgotten.includes(nameOf(urn)));
    await rehearsal.importState(JSON.stringify(state));

    const refused = await deployed(asStack(rehearsal));
    expect(refused.cured).toBe(false);
    expect(refused.runs).toHaveLength(1);
    expect(refused.outcomes[0]!.failure.advice.action).toContain("--import-existing");

    const imported = await deployed(asStack(rehearsal), { importExisting: true });
    expect(imported.cured).toBe(true);
    expect(imported.told.join("\n")).toContain(
      "japaneast-b exists in the cloud and was not in the stack: it is imported",
    );
    const made = imported.runs.flatMap(({ trace }) => trace).filter(({ outcome }) => outcome === "succeeded");
    expect(made.filter(({ kind }) => kind !== "read")).toEqual([]);
    await expectWhole(rehearsal);
  });
});
