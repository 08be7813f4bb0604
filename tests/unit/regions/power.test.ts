import fc from "fast-check";

import { haltGroups, planStop, startOrder } from "../../../regions/power";
import { quorum } from "../../../regions/quorum";

const upOf = (placement: readonly { name: string; validators: number }[]) =>
  Object.fromEntries(placement.map(({ name, validators }) => [name, validators]));
const single = (n: number) => Array.from({ length: n }, (_, i) => ({ name: `r${i}`, validators: 1 }));
const names = (n: number) => single(n).map(({ name }) => name);

/** Small placements, some of whose validators are down. */
const networks = fc
  .array(fc.record({ validators: fc.integer({ min: 1, max: 4 }), down: fc.integer({ min: 0, max: 2 }) }), {
    minLength: 1,
    maxLength: 7,
  })
  .map((regions) => ({
    placement: regions.map(({ validators }, i) => ({ name: `r${i}`, validators })),
    up: Object.fromEntries(regions.map(({ validators, down }, i) => [`r${i}`, Math.max(0, validators - down)])),
  }));
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

describe("planStop", () => {
  // ceil(2N/3) by hand: 3 of 4, 4 of 5, 5 of 7, 7 of 10, 32 of 48.
  it.each([
    [4, 1],
    [5, 1],
    [7, 2],
    [10, 3],
    [48, 16],
  ])("of %i validators lets exactly %i stop", (n, most) => {
    const plan = (stopping: number) => planStop(single(n), upOf(single(n)), names(n).slice(0, stopping));

    expect(plan(most)).toMatchObject({ halts: false, staying: n - most, needed: n - most });
    expect(plan(most + 1)).toMatchObject({ halts: true, staying: n - most - 1 });
    expect(plan(most + 1).mayStop).toHaveLength(most);
  });

  it("counts the validators that work now, not those that should", () => {
    const up = { ...upOf(single(5)), r4: 0 };

    expect(planStop(single(5), up, ["r0"])).toMatchObject({ up: 4, staying: 3, halts: true, mayStop: [] });
    expect(planStop(single(5), up, ["r4"])).toMatchObject({ staying: 4, halts: false, mayStop: ["r4"] });
  });

  it("proposes the largest set that leaves a quorum: no other set has more regions", () => {
    fc.assert(
      fc.property(networks, ({ placement, up }) => {
        const all = placement.map(({ name }) => name);
        const { mayStop, needed } = planStop(placement, up, all);
        const leaves = (set: readonly string[]) =>
          total(all.map((name) => (set.includes(name) ? 0 : (up[name] ?? 0)))) >= needed;
        const sets = Array.from({ length: 2 ** all.length }, (_, bits) => all.filter((_name, i) => (bits >> i) & 1));
        const best = Math.max(0, ...sets.filter(leaves).map((set) => set.length));

        expect(mayStop).toHaveLength(best);
        if (mayStop.length > 0) expect(leaves(mayStop)).toBe(true);
      }),
    );
  });
});

describe("haltGroups", () => {
  it("halts with its first group alone, which no region of it could be missing from", () => {
    fc.assert(
      fc.property(networks, ({ placement, up }) => {
        const all = placement.map(({ name }) => name);
        const [first, rest] = haltGroups(placement, up, all);
        const needed = quorum(total(placement.map(({ validators }) => validators)));
        const left = total(rest.map((name) => up[name] ?? 0));

        expect([...first, ...rest].sort()).toEqual([...all].sort());
        expect(left).toBeLessThan(needed);
        const last = Math.max(0, ...first.map((name) => up[name] ?? 0));
        if (first.length > 0) expect(left + last).toBeGreaterThanOrEqual(needed);
      }),
    );
  });

  it("leaves almost a quorum of 48 that know the last block", () => {
    const fleet = Array.from({ length: 24 }, (_, i) => ({ name: `r${i}`, validators: 2 }));
    const [first, rest] = haltGroups(
      fleet,
      upOf(fleet),
      fleet.map(({ name }) => name),
    );

    expect([first.length, rest.length]).toEqual([9, 15]);
  });
});

describe("startOrder", () => {
  it("brings the fewest regions for a quorum first, the rest as they are placed", () => {
    const placement = [1, 1, 3, 1, 2].map((validators, i) => ({ name: `r${i}`, validators }));

    expect(
      startOrder(
        placement,
        {},
        placement.map(({ name }) => name),
      ),
    ).toEqual(["r2", "r4", "r0", "r1", "r3"]);
    expect(startOrder(placement, { r2: 3, r4: 2, r0: 1 }, ["r3", "r1"])).toEqual(["r1", "r3"]);
  });
});
