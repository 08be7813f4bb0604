import fc from "fast-check";

import {
  compareGroups,
  type Direction,
  laneAt,
  layOut,
  neighbour,
  stack,
  visibleEndMs,
} from "../../../../rehearsal/report/lanes";
import { partsOf, spentMs } from "../../../../rehearsal/report/parts";
import type { Operation } from "../../../../rehearsal/report/report-data";
import { operation, operations } from "./arbitrary";

const all = (list: readonly unknown[]): number[] => list.map((_, index) => index);
const metrics = { tall: 17, slim: 6, thin: 3, namedMs: 1_000, markMs: 50, titleHeight: 20, groupGap: 8 };

describe("lanes", () => {
  test("no two bars of a lane overlap, not even when short ones are drawn longer than they are", () => {
    fc.assert(
      fc.property(operations, fc.nat(500), (list, minimumMs) => {
        for (const { lanes } of layOut(list, all(list), minimumMs)) {
          for (const lane of lanes) {
            lane.slice(1).forEach((index, before) => {
              const earlier = list[lane[before]!]!;
              expect(list[index]!.arrivedMs).toBeGreaterThanOrEqual(visibleEndMs(earlier, minimumMs));
            });
          }
        }
      }),
    );
  });

  test("every operation that is shown is in exactly one lane, in the group that its name begins with", () => {
    fc.assert(
      fc.property(operations, fc.nat(500), fc.nat(3), (list, minimumMs, skip) => {
        const shown = all(list).filter((index) => index % (skip + 1) === 0);
        const groups = layOut(list, shown, minimumMs);
        const placed = groups.flatMap(({ lanes }) => lanes.flat());
        expect([...placed].sort((a, b) => a - b)).toEqual(shown);
        for (const { name, lanes } of groups) {
          for (const index of lanes.flat()) expect(list[index]!.urn).toContain(`::${name}-`);
        }
      }),
    );
  });

  test("there are no more lanes than bars at the busiest moment", () => {
    fc.assert(
      fc.property(operations, (list) => {
        for (const { lanes } of layOut(list, all(list), 1)) {
          const group = lanes.flat().map((index) => list[index]!);
          const busiest = group.map(
            ({ arrivedMs }) =>
              group.filter((other) => other.arrivedMs <= arrivedMs && visibleEndMs(other, 1) > arrivedMs).length,
          );
          expect(lanes.length).toBe(Math.max(...busiest));
        }
      }),
    );
  });

  test("global is first, then the regions by name, then the chains", () => {
    const names = ["uksouth", "chain138", "global", "chain1", "eastus"];
    expect([...names].sort(compareGroups)).toEqual(["global", "eastus", "uksouth", "chain1", "chain138"]);
  });

  test("lanes stand below each other without a gap inside a group, and are found again at their height", () => {
    fc.assert(
      fc.property(operations, (list) => {
        const { placed, height } = stack(list, layOut(list, all(list), 1), metrics);
        let y = 0;
        for (const group of placed) {
          expect(group.top).toBe(y);
          let lane = group.top + metrics.titleHeight;
          for (const { top, height: laneHeight, operations: indexes } of group.lanes) {
            expect(top).toBe(lane);
            expect(laneAt(placed, top + laneHeight / 2)?.operations).toEqual(indexes);
            lane += laneHeight;
          }
          expect(group.bottom).toBeGreaterThanOrEqual(lane + metrics.groupGap);
          y = group.bottom;
        }
        expect(height).toBe(y);
        expect(laneAt(placed, height + 1)).toBeUndefined();
      }),
    );
  });

  test("a lane is tall where a name fits or something went wrong, thin where there are only marks, else slim", () => {
    const base = { kind: "create", arrivedMs: 0, startMs: 0, outcome: "succeeded" } as const;
    const at = (name: string, endMs: number, more: Partial<Operation> = {}): Operation => ({
      ...base,
      urn: `urn:pulumi:dev::meridian::a:b:C::${name}-x`,
      endMs,
      workMs: endMs,
      ...more,
    });
    const list = [
      at("a", 49),
      at("a2", 999),
      at("b", 1_000),
      at("c", 5, { outcome: "failed" }),
      at("d", 5, { faults: ["flaky"] }),
    ];
    const { placed } = stack(list, layOut(list, all(list), 1), metrics);
    expect(placed.map(({ lanes }) => lanes[0]!.height)).toEqual([3, 6, 17, 17, 17]);
  });

  test("with the arrow keys every bar of a group is reached, and up undoes down", () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 30 }), (list) => {
        const groups = layOut(list, all(list), 1);
        const go = (from: number | undefined, direction: Direction) => neighbour(list, groups, from, direction)!;
        for (const { lanes } of groups) {
          const members = lanes.flat();
          let at = members[0]!;
          members.forEach(() => (at = go(at, "left")));
          const seen = new Set([at]);
          members.forEach(() => seen.add((at = go(at, "right"))));
          expect(seen).toEqual(new Set(members));
        }
        const first = go(undefined, "right");
        expect(groups[0]!.lanes[0]).toContain(first);
        const lanes = groups.flatMap((group) => group.lanes);
        const below = go(first, "down");
        expect(lanes.length > 1 ? lanes[1] : lanes[0]).toContain(below);
        expect(lanes[0]).toContain(go(below, "up"));
      }),
    );
  });
});

describe("parts of an operation", () => {
  test("cover it from arrival to end without gap or overlap", () => {
    fc.assert(
      fc.property(operation, (entry) => {
        let at = entry.arrivedMs;
        for (const { startMs, endMs } of partsOf(entry)) {
          expect(startMs).toBe(at);
          expect(endMs).toBeGreaterThan(startMs);
          at = endMs;
        }
        expect(at).toBe(entry.endMs);
      }),
    );
  });

  test("the queue is what came before the slot; there is never more work than it says", () => {
    fc.assert(
      fc.property(operation, (entry) => {
        expect(spentMs(entry, "queued")).toBe(entry.startMs - entry.arrivedMs);
        expect(spentMs(entry, "work")).toBeLessThanOrEqual(entry.workMs);
      }),
    );
  });

  test("throttled time is taken from its slot, the rest of what it waited comes before its work", () => {
    const entry: Operation = {
      urn: "urn:pulumi:dev::meridian::a:b:C::uksouth-x",
      kind: "create",
      arrivedMs: 0,
      startMs: 10,
      endMs: 100,
      workMs: 30,
      outcome: "succeeded",
      throttled: [
        { startMs: 40, endMs: 60 },
        { startMs: 50, endMs: 90 },
        { startMs: 95, endMs: 200 },
      ],
    };
    expect(partsOf(entry)).toEqual([
      { startMs: 0, endMs: 10, kind: "queued" },
      { startMs: 10, endMs: 15, kind: "blocked" },
      { startMs: 15, endMs: 40, kind: "work" },
      { startMs: 40, endMs: 90, kind: "throttled" },
      { startMs: 90, endMs: 95, kind: "work" },
      { startMs: 95, endMs: 100, kind: "throttled" },
    ]);
  });
});
