import fc from "fast-check";

import { SlotScheduler } from "../../../../rehearsal/clock/scheduler";
import { criticalPathBound, slotsBound } from "../../../../rehearsal/forecast/bounds";
import { traceOf } from "../../../../rehearsal/forecast/forecast";
import type { Graph } from "../../../../rehearsal/forecast/graph";
import { azureModel } from "../../../../rehearsal/forecast/azure-model";
import { prepare, simulate, type SimulatedRun } from "../../../../rehearsal/forecast/simulate";
import { criticalPath } from "../../../../rehearsal/report/critical-path";
import { listSchedule, type Scheduled } from "../../../engine/support/list-schedule";
import { type Drafted, drafts, fixedModel, ownProgram, recorded } from "./graphs";

const slots = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant(Infinity));

const run = ({ graph, durations }: Drafted, parallel: number): SimulatedRun =>
  simulate(prepare(graph), fixedModel(durations).start(0), parallel);

const scheduleOf = ({ operations }: Graph, { order, startMs, endMs }: SimulatedRun): Scheduled[] =>
  order.map((operation) => ({
    name: operations[operation]!.urn,
    startMs: startMs[operation]!,
    endMs: endMs[operation]!,
  }));

/** The rehearsal's own scheduler, driven by the graph in place of an engine. */
const withSlotScheduler = ({ graph: { operations }, durations }: Drafted, parallel: number): Scheduled[] => {
  const scheduler = new SlotScheduler(parallel);
  const index = new Map(operations.map(({ urn }, operation) => [urn, operation]));
  const arrived = new Set<number>();
  const done = new Set<number>();
  const finished: Scheduled[] = [];
  for (;;) {
    operations.forEach(({ urn, after }, operation) => {
      if (arrived.has(operation) || !after.every((other) => done.has(other))) return;
      arrived.add(operation);
      scheduler.arrive(urn, "create");
    });
    scheduler.grant(({ urn }) => durations[index.get(urn)!]!);
    const ended = scheduler.complete();
    if (ended === undefined) return finished;
    done.add(index.get(ended.urn)!);
    finished.push({ name: ended.urn, startMs: ended.startMs, endMs: ended.endMs });
  }
};

describe("a simulated run", () => {
  test("equals the independent list scheduler on any graph at any number of slots", () => {
    fc.assert(
      fc.property(drafts, slots, (drafted, parallel) => {
        const { operations } = drafted.graph;
        const nodes = operations.map(({ urn, after }) => ({
          ...{ name: urn, location: "", tag: "" },
          after: after.map((other) => operations[other]!.urn),
        }));
        const durations = new Map(operations.map(({ urn }, operation) => [urn, drafted.durations[operation]!]));
        const expected = listSchedule(nodes, (name) => durations.get(name)!, parallel);
        expect(scheduleOf(drafted.graph, run(drafted, parallel))).toEqual(expected);
      }),
    );
  });

  test("equals the rehearsal's SlotScheduler on any graph at any number of slots", () => {
    fc.assert(
      fc.property(drafts, slots, (drafted, parallel) => {
        expect(scheduleOf(drafted.graph, run(drafted, parallel))).toEqual(withSlotScheduler(drafted, parallel));
      }),
    );
  });

  test("is never under the longest chain, nor under the work shared out over the slots", () => {
    fc.assert(
      fc.property(drafts, slots, (drafted, parallel) => {
        const prepared = prepare(drafted.graph);
        const shortest = (operation: number): number => drafted.durations[operation]!;
        const { totalMs } = run(drafted, parallel);
        expect(totalMs).toBeGreaterThanOrEqual(criticalPathBound(prepared)(shortest));
        expect(totalMs).toBeGreaterThanOrEqual(slotsBound(prepared, shortest, parallel));
      }),
    );
  });

  test("takes the longest chain with unlimited slots, and all work one after the other with one", () => {
    fc.assert(
      fc.property(drafts, (drafted) => {
        const prepared = prepare(drafted.graph);
        const longest = criticalPathBound(prepared)((operation) => drafted.durations[operation]!);
        expect(run(drafted, Infinity).totalMs).toBe(longest);
        expect(run(drafted, 1).totalMs).toBe(drafted.durations.reduce((sum, duration) => sum + duration, 0));
      }),
    );
  });

  test("is within (2 - 1/slots) of the best that can be, as Graham proved of every list schedule", () => {
    fc.assert(
      fc.property(drafts, fc.integer({ min: 1, max: 9 }), (drafted, parallel) => {
        const prepared = prepare(drafted.graph);
        const shortest = (operation: number): number => drafted.durations[operation]!;
        const chain = criticalPathBound(prepared)(shortest);
        const total = slotsBound(prepared, shortest, 1);
        expect(run(drafted, parallel).totalMs).toBeLessThanOrEqual(
          total / parallel + (1 - 1 / parallel) * chain + 1e-6,
        );
      }),
    );
  });

  test("is never slower with more slots for independent operations of one length", () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(40), fc.integer({ min: 1, max: 20 }), (count, durationMs, parallel) => {
        const operations = Array.from({ length: count }, (_, index) => ({
          ...{ urn: `r${index}`, type: "test", phase: "infrastructure" as const, after: [] },
        }));
        const drafted = { graph: { operations, waits: [] }, durations: operations.map(() => durationMs) };
        expect(run(drafted, parallel + 1).totalMs).toBeLessThanOrEqual(run(drafted, parallel).totalMs);
        expect(run(drafted, parallel).totalMs).toBe(Math.ceil(count / parallel) * durationMs);
      }),
    );
  });

  test("may be slower with more slots where operations depend on each other (Graham's anomaly)", () => {
    // Graham, "Bounds on multiprocessing timing anomalies" (1969), figure 2: nine tasks, 12 units on three, 15 on four.
    const lengths = [3, 2, 2, 2, 4, 4, 4, 4, 9];
    const operations = lengths.map((_, index) => ({
      ...{ urn: `t${index + 1}`, type: "test", phase: "infrastructure" as const },
      after: index === 8 ? [0] : index >= 4 && index <= 7 ? [3] : [],
    }));
    const graham = { graph: { operations, waits: [] }, durations: lengths };
    // Graham's list gives a ready task of high rank the slot at once, ours goes by readiness; the anomaly is the same.
    expect(run(graham, 3).totalMs).toBe(12);
    expect(run(graham, 4).totalMs).toBe(15);
  });

  test("has a critical path that is as long as the run", () => {
    fc.assert(
      fc.property(drafts, slots, (drafted, parallel) => {
        const result = run(drafted, parallel);
        const path = criticalPath(traceOf(drafted.graph, result));
        expect(path.reduce((sum, { entry }) => sum + entry.workMs, 0)).toBe(result.totalMs);
      }),
    );
  });

  test("depends on its seed and on nothing else", () => {
    const graph = recorded("dev", ownProgram);
    const prepared = prepare(graph);
    const timesOf = (seed: number): number[] => [...simulate(prepared, azureModel(graph).start(seed), 8).endMs];
    expect(timesOf(7)).toEqual(timesOf(7));
    expect(timesOf(7)).not.toEqual(timesOf(8));
  });

  test("refuses less than one slot", () => {
    const prepared = prepare({ operations: [], waits: [] });
    expect(() => simulate(prepared, fixedModel([]).start(0), 0)).toThrow("slots is 0: it must be at least 1");
  });
});

describe("an operation that waits for the network", () => {
  /** `a` waits for both validators, which take 50 and 70 ms; then it takes 5 ms, and `z` follows it. */
  const waiting = (timeoutMs: number): Drafted => ({
    durations: [5, 50, 70, 10],
    graph: {
      operations: ["a", "v1", "v2", "z"].map((urn) => ({
        ...{ urn, type: "test", phase: "besu" as const },
        after: urn === "z" ? [0] : [],
      })),
      waits: [{ operation: 0, for: [1, 2], needed: 2, timeoutMs }],
    },
  });

  test("holds its slot until what it waits for has happened", () => {
    expect(run(waiting(1000), 3)).toMatchObject({ totalMs: 85, failed: undefined });
    expect(run(waiting(1000), 2)).toMatchObject({ totalMs: 135, failed: undefined });
  });

  test("gives up when it holds the only slot, and nothing begins after it", () => {
    const result = run(waiting(1000), 1);
    expect(result).toMatchObject({ totalMs: 1000, failed: 0, order: [0] });
    expect([...result.startMs]).toEqual([0, -1, -1, -1]);
  });

  test("gives up while others run, which end", () => {
    expect(run(waiting(60), 3)).toMatchObject({ totalMs: 70, failed: 0, order: [1, 0, 2] });
  });

  test("does not wait for what has happened before it begins", () => {
    const { graph, durations } = waiting(1000);
    const late = {
      ...graph,
      operations: graph.operations.map((one, index) => (index === 0 ? { ...one, after: [1, 2] } : one)),
    };
    expect(run({ graph: late, durations }, 1)).toMatchObject({ totalMs: 135, failed: undefined });
  });
});
