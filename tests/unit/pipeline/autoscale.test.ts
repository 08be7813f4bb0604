import fc from "fast-check";

import {
  autoscale,
  autoscaleRules,
  breaches,
  parseRules,
  runnerLimit,
  type Scaling,
} from "../../../pipeline/autoscale";

const rules = fc
  .record({
    minRunners: fc.integer({ min: 1, max: 5 }),
    more: fc.integer({ min: 0, max: 15 }),
    evaluateEverySeconds: fc.integer({ min: 10, max: 120 }),
    startupSeconds: fc.integer({ min: 0, max: 200 }),
    budget: fc.option(fc.integer({ min: 5, max: 20 }), { nil: undefined }),
    up: fc.record({
      by: fc.integer({ min: 1, max: 4 }),
      cooldownSeconds: fc.nat(600),
      loadAtLeast: fc.constantFrom(0.5, 0.85, 1),
      queueAtLeast: fc.integer({ min: 1, max: 9 }),
    }),
    down: fc.record({
      by: fc.integer({ min: 1, max: 4 }),
      cooldownSeconds: fc.nat(900),
      loadBelow: fc.constantFrom(0.2, 0.5),
    }),
  })
  .map(({ more, budget, ...rest }) => ({
    ...rest,
    maxRunners: rest.minRunners + more,
    usdAMinute: 0.01,
    ...(budget !== undefined && { budgetUsdAnHour: budget * 0.6 }),
  }));
const arrivals = fc.array(fc.record({ atSeconds: fc.nat(6000), seconds: fc.nat(900) }), {
  minLength: 1,
  maxLength: 60,
});
const named = (all: readonly { atSeconds: number; seconds: number }[]) =>
  all.map((each, index) => ({ ...each, name: `j${index}` }));

test("limits, steps, cooldowns and the budget are obeyed by every set of rules, whatever arrives", () => {
  fc.assert(
    fc.property(rules, arrivals, (some, all) => {
      const result = autoscale(named(all), some);
      expect(breaches(result.scalings, some)).toEqual([]);
      expect(result.peakRunners * some.usdAMinute * 60).toBeLessThanOrEqual((some.budgetUsdAnHour ?? Infinity) + 1e-9);
      expect(result.makespanSeconds).toBeGreaterThanOrEqual(
        Math.max(...all.map(({ atSeconds, seconds }) => atSeconds + seconds)),
      );
      const work = all.reduce((total, { seconds }) => total + seconds, 0);
      expect(result.makespanSeconds * result.peakRunners).toBeGreaterThanOrEqual(work);
      expect(result.minutes * 60).toBeGreaterThanOrEqual(work);
    }),
  );
});

test("a burst scales up by three every five minutes, up to twenty, and quiet scales down by two every ten", () => {
  const burst = Array.from({ length: 400 }, (_, index) => ({ name: `j${index}`, atSeconds: 0, seconds: 120 }));
  const late = { name: "late", atSeconds: 14_400, seconds: 60 };
  const { scalings } = autoscale([...burst, late], autoscaleRules);
  const ups = scalings.filter(({ from, to }) => to > from);
  const downs = scalings.filter(({ from, to }) => to < from);

  expect(ups.map(({ atSeconds, to }) => [atSeconds, to])).toEqual([
    [0, 6],
    [300, 9],
    [600, 12],
    [900, 15],
    [1200, 18],
    [1500, 20],
  ]);
  expect(downs.map(({ from, to }) => from - to).slice(0, 8)).toEqual([2, 2, 2, 2, 2, 2, 2, 2]);
  downs.slice(1).forEach(({ atSeconds }, index) => expect(atSeconds - downs[index]!.atSeconds).toBe(600));
});

test("a budget caps the runners; one that does not pay the least is refused", () => {
  expect(runnerLimit({ ...autoscaleRules, budgetUsdAnHour: 3.6 })).toBe(10);
  expect(() => autoscale([], { ...autoscaleRules, budgetUsdAnHour: 0.5 })).toThrow(
    "budgetUsdAnHour 0.5 pays 1 runners, and minRunners is 3.",
  );
});

test("a simulation that would never end is refused", () => {
  const endless = [{ name: "a", atSeconds: 0, seconds: 1e12 }];
  expect(() => autoscale(endless, autoscaleRules)).toThrow("make more than 1000000 steps");
});

describe("the checker of changes", () => {
  const change = (atSeconds: number, from: number, to: number): Scaling => ({ atSeconds, from, to, load: 1, queue: 9 });

  test.each([
    ["too large a step up", [change(0, 3, 7)], "at 0 s: up by 4, over 3"],
    ["too large a step down", [change(0, 3, 6), change(900, 6, 3)], "at 900 s: down by 3, over 2"],
    ["too early up", [change(0, 3, 6), change(299, 6, 9)], "at 299 s: up within the cooldown"],
    ["too early down", [change(0, 3, 6), change(599, 6, 5)], "at 599 s: down within the cooldown"],
    [
      "too many",
      [3, 6, 9, 12, 15, 18].map((from, index) => change(index * 300, from, from + 3)),
      "at 1500 s: 21 runners, over the limit of 20",
    ],
    ["too few", [change(0, 3, 2)], "at 0 s: 2 runners, under the least of 3"],
    ["a jump between changes", [change(0, 5, 6)], "at 0 s: begins with 5 runners, not 3"],
  ])("catches %s", (_, scalings, breach) => expect(breaches(scalings, autoscaleRules)).toContain(breach));
});

test.each([
  ["no capacity", { maxRunners: 0 }, "r.yaml, maxRunners is 0"],
  ["limits that cross", { minRunners: 30 }, "r.yaml, minRunners is 30. Allowed: at most maxRunners."],
  ["an unknown rule", { upBy: 3 }, "r.yaml, upBy is not known"],
  ["a budget without a price", { usdAMinute: undefined, budgetUsdAnHour: 1 }, "r.yaml, usdAMinute is missing"],
  ["a load over 1", { down: { ...autoscaleRules.down, loadBelow: 50 } }, "r.yaml, down.loadBelow is 50"],
])("rules are refused for %s", (_, broken, message) => {
  expect(() => parseRules({ ...autoscaleRules, ...broken }, "r.yaml")).toThrow(message);
});
