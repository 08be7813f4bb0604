import { join } from "node:path";

import { runAttempts } from "../../rehearsal/attempts";
import { parseFault } from "../../rehearsal/azure/faults";
import type { Rehearsal } from "../../rehearsal/rehearsal";
import { closeRehearsals, nameOf, openRehearsal } from "./support/engine";
import type { GraphNode } from "./support/graph";

const regions = ["japaneast", "uksouth", "eastasia"];
/** A chain of three resources in each region. */
const nodes: GraphNode[] = regions.flatMap((location) =>
  ["a", "b", "c"].map((letter, index) => ({
    name: `${location}-${letter}`,
    after: index === 0 ? [] : [`${location}-${"abc"[index - 1]}`],
    location,
    tag: "first",
    fixedName: `${location.slice(0, 8)}${letter}`,
  })),
);

const open = (): Promise<Rehearsal> =>
  openRehearsal({
    program: join(__dirname, "programs", "graph"),
    environment: { MERIDIAN_TEST_GRAPH: JSON.stringify(nodes) },
    durationMs: () => 10_000,
  });

const attempt = async (rehearsal: Rehearsal, ...faults: string[]) => {
  const steps: string[] = [];
  const run = await runAttempts(
    rehearsal,
    { parallel: 8, continueOnError: true, faults: faults.map((text) => parseFault(text)) },
    { attempts: 4, seed: 1, contracts: [], onStep: (text) => steps.push(text), isInterrupted: () => false },
  );
  return { run, steps };
};

jest.setTimeout(180_000);
afterEach(closeRehearsals);

describe("several attempts", () => {
  test("try the failed region alone again, at half the parallelism, until the throttling is over", async () => {
    const rehearsal = await open();
    const { run, steps } = await attempt(rehearsal, "hard-throttle@japaneast");

    expect(run.exitCode).toBe(0);
    expect(run.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(run.attempts).toBeGreaterThan(1);
    expect(steps.every((text) => text.endsWith(": japaneast"))).toBe(true);
    expect(steps[0]).toContain("--parallel 4");
    expect(run.outcomes).toMatchObject([{ cured: true, failure: { name: "japaneast-a", status: 429 } }]);
    expect(rehearsal.cloud.below("")).toHaveLength(nodes.length);
  });

  test("are one run on one clock: every resource once, the later attempt after the earlier one", async () => {
    const { run } = await attempt(await open(), "hard-throttle@japaneast");
    const succeeded = run.trace.filter(({ outcome }) => outcome === "succeeded");
    expect(succeeded.map(({ urn }) => nameOf(urn)).sort()).toEqual(nodes.map(({ name }) => name).sort());
    const ends = run.trace.map(({ endMs }) => endMs);
    expect(ends).toEqual(ends.toSorted((a, b) => a - b));
    expect(run.trace.map(({ completionsAtArrival }, index) => completionsAtArrival <= index)).not.toContain(false);
    expect(run.virtualMs).toBe(ends.at(-1));
    expect(run.changes).toMatchObject({ create: nodes.length + 1 }); // and the stack itself
  });

  test("what no waiting cures is tried once, and the others are complete", async () => {
    const broken = nodes.map((node) => (node.name === "uksouth-b" ? { ...node, fixedName: "bad!name" } : node));
    const rehearsal = await openRehearsal({
      program: join(__dirname, "programs", "graph"),
      environment: { MERIDIAN_TEST_GRAPH: JSON.stringify(broken) },
      durationMs: () => 10_000,
    });
    const { run, steps } = await attempt(rehearsal);
    expect(run.exitCode).not.toBe(0);
    expect(steps).toEqual([]);
    expect(run.outcomes).toMatchObject([{ cured: false, failure: { name: "uksouth-b" } }]);
    expect(rehearsal.cloud.below("")).toHaveLength(nodes.length - 2);
  });
});
