import fc from "fast-check";

import { SlotScheduler } from "../../../rehearsal/clock/scheduler";
import type { GraphNode } from "../../engine/support/graph";
import { listSchedule, type Scheduled } from "../../engine/support/list-schedule";

/** A graph whose resources depend on earlier ones only. */
const graphs = fc
  .array(fc.record({ after: fc.array(fc.nat(30), { maxLength: 3 }), durationMs: fc.integer({ min: 0, max: 40 }) }), {
    minLength: 1,
    maxLength: 25,
  })
  .map((drafts) =>
    drafts.map(({ after, durationMs }, index) => ({
      name: `r${String(index).padStart(2, "0")}`,
      after: [...new Set(after.filter((other) => other < index).map((other) => `r${String(other).padStart(2, "0")}`))],
      location: "japaneast",
      tag: "",
      durationMs,
    })),
  );

/** An engine without processes: registers what is ready, in an order of its own. */
const simulate = (
  nodes: readonly (GraphNode & { readonly durationMs: number })[],
  slots: number,
  shuffle: (names: string[]) => string[],
  { grantAfterEachArrival = false } = {},
): Scheduled[] => {
  const scheduler = new SlotScheduler(slots);
  const arrived = new Set<string>();
  const done = new Set<string>();
  const finished: Scheduled[] = [];
  const grant = (): void =>
    void scheduler.grant(({ urn }) => nodes.find(({ name }) => name === urn)?.durationMs ?? Number.NaN);
  for (;;) {
    const ready = nodes.filter(({ name, after }) => !arrived.has(name) && after.every((other) => done.has(other)));
    for (const name of shuffle(ready.map((node) => node.name))) {
      arrived.add(name);
      scheduler.arrive(name, "create");
      if (grantAfterEachArrival) grant();
    }
    grant();
    const ended = scheduler.complete();
    if (ended === undefined) return finished;
    done.add(ended.urn);
    finished.push({ name: ended.urn, startMs: ended.startMs, endMs: ended.endMs });
  }
};

const inOrder = (names: string[]): string[] => names;
const reversed = (names: string[]): string[] => [...names].reverse();

describe("SlotScheduler", () => {
  test("equals list scheduling on any graph at any number of slots, however arrivals are ordered", () => {
    fc.assert(
      fc.property(graphs, fc.integer({ min: 1, max: 9 }), (nodes, slots) => {
        const durations = new Map(nodes.map(({ name, durationMs }) => [name, durationMs]));
        const expected = listSchedule(nodes, (name) => durations.get(name)!, slots);
        expect(simulate(nodes, slots, inOrder)).toEqual(expected);
        expect(simulate(nodes, slots, reversed)).toEqual(expected);
      }),
    );
  });

  test("a variant that grants before the engine is quiet depends on the order of arrivals, and is caught", () => {
    const nodes = ["r00", "r01", "r02"].map((name, index) => ({
      name,
      after: [],
      location: "",
      tag: "",
      durationMs: 10 + index,
    }));
    const hasty = { grantAfterEachArrival: true };
    expect(simulate(nodes, 1, reversed, hasty)).not.toEqual(simulate(nodes, 1, inOrder, hasty));
    expect(simulate(nodes, 1, reversed)).toEqual(simulate(nodes, 1, inOrder));
  });

  test("never runs more operations than there are slots", () => {
    const scheduler = new SlotScheduler(2);
    for (const urn of ["a", "b", "c"]) scheduler.arrive(urn, "create");
    expect(scheduler.grant(() => 5).map(({ urn }) => urn)).toEqual(["a", "b"]);
    expect(scheduler.grant(() => 5)).toEqual([]);
    expect(scheduler.held).toBe(3);
  });

  test("an operation that waits for something ends when that has happened, never later than its timeout", () => {
    const scheduler = new SlotScheduler(3);
    for (const urn of ["validator", "ready"]) scheduler.arrive(urn, "create");
    const [ready] = scheduler.grant(({ urn }) => (urn === "ready" ? 1000 : 30));
    expect(scheduler.complete()?.urn).toBe("validator");
    scheduler.endEarlier(ready!.id, scheduler.nowMs + 5);
    expect(scheduler.complete()).toMatchObject({ urn: "ready", endMs: 35 });
  });

  test("refuses less than one slot", () => {
    expect(() => new SlotScheduler(0)).toThrow("slots is 0: it must be at least 1");
  });
});
