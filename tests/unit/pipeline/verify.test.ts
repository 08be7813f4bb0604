import fc from "fast-check";

import { coverageDifferences, type Coverage, mergeCoverage, parseCoverage } from "../../../pipeline/coverage";
import { metricsOf } from "../../../pipeline/metrics";
import { parsePlan } from "../../../pipeline/plan-file";
import { rebalance } from "../../../pipeline/rebalance";
import { type Shard, split } from "../../../pipeline/split";
import { accuracyOf, coverOf, type ShardReport } from "../../../pipeline/verify";
import { files } from "./arbitrary";

const report = (shard: number, tests: readonly string[], wallSeconds?: number): ShardReport => ({
  ...{ shard, source: `${shard}.json`, wallSeconds },
  tests: tests.map((name) => ({ name, seconds: 10, outcome: "passed" })),
});
const plan: Shard[] = [
  { shard: 1, tests: ["a", "b"], seconds: 20 },
  { shard: 2, tests: ["c"], seconds: 5 },
];

describe("exact cover", () => {
  test("holds for what ran as planned", () => {
    expect(coverOf(plan, [report(1, ["a", "b"]), report(2, ["c"])])).toEqual({
      dropped: [],
      doubled: [],
      moved: [],
      unplanned: [],
      exact: true,
    });
  });

  test("names what was dropped, doubled in two shards or in one, moved, or not planned", () => {
    expect(coverOf(plan, [report(1, ["a"]), report(2, ["c"])])).toMatchObject({
      exact: false,
      dropped: [{ name: "b", shard: 1 }],
    });
    expect(coverOf(plan, [report(1, ["a", "b"]), report(2, ["c", "a"])])).toMatchObject({
      exact: false,
      doubled: [{ name: "a", shards: [1, 2] }],
    });
    expect(coverOf(plan, [report(1, ["a", "b"]), report(1, ["b"]), report(2, ["c"])])).toMatchObject({
      exact: false,
      doubled: [{ name: "b", shards: [1, 1] }],
    });
    expect(coverOf(plan, [report(1, ["a"]), report(2, ["c", "b", "new"])])).toMatchObject({
      exact: true,
      moved: [{ name: "b", from: 1, to: 2 }],
      unplanned: [{ name: "new", shard: 2 }],
    });
  });

  test("any one test taken out of, or repeated in, any split is found, by name", () => {
    fc.assert(
      fc.property(
        files(20),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(19),
        fc.nat(4),
        fc.boolean(),
        (all, shards, at, to, drop) => {
          const { name } = all[at % all.length]!;
          const made = split(all, shards, "predictive").shards;
          const sound = made.map(({ shard, tests }) => report(shard, tests));
          const broken: ShardReport[] = sound.map((one) => ({
            ...one,
            tests: one.tests.filter((each) => !drop || each.name !== name),
          }));
          if (!drop) broken.push(report((to % shards) + 1, [name]));
          const cover = coverOf(made, broken);

          expect(coverOf(made, sound).exact).toBe(true);
          expect(cover.exact).toBe(false);
          expect((drop ? cover.dropped : cover.doubled).map((each) => each.name)).toEqual([name]);
        },
      ),
    );
  });

  test("a plan that doubles a test itself is refused", () => {
    const document = {
      schemaVersion: 1,
      strategy: "predictive",
      tests: {},
      shards: [...plan, { shard: 3, tests: ["a"], seconds: 1 }],
    };
    expect(() => parsePlan(document, "plan.json")).toThrow('plan.json, shards 3 plan "a" again');
  });
});

describe("metrics", () => {
  const value = (metrics: ReturnType<typeof metricsOf>) =>
    Object.fromEntries(metrics.map((one) => [one.name, one.value]));

  test("follow their formulas", () => {
    const metrics = metricsOf(2, [report(1, ["a", "b"], 25), report(2, ["c"], 15)]);

    expect(value(metrics)).toEqual({
      duration: 25,
      efficiency: 30 / 50,
      utilisation: 40 / 50,
      balance: 15 / 20,
      success: 1,
    });
    expect(Object.fromEntries(metrics.map(({ name, met }) => [name, met]))).toEqual({
      duration: undefined,
      efficiency: false,
      utilisation: true,
      balance: false,
      success: true,
    });
  });

  test("are unknown, not nothing, without data", () => {
    expect(value(metricsOf(2, []))).toEqual({
      duration: undefined,
      efficiency: undefined,
      utilisation: undefined,
      balance: undefined,
      success: undefined,
    });
    expect(value(metricsOf(2, [report(1, ["a"], 10)]))).toMatchObject({
      duration: undefined,
      balance: undefined,
      success: 1,
    });
    expect(value(metricsOf(1, [report(1, ["a"])]))).toMatchObject({ duration: undefined, balance: 1 });
  });

  test("predicted against actual is unknown for a shard without results", () => {
    expect(accuracyOf(plan, [report(1, ["a", "b"])])).toEqual([
      { shard: 1, predictedSeconds: 20, actualSeconds: 20, ratio: 1 },
      { shard: 2, predictedSeconds: 5, actualSeconds: undefined, ratio: undefined },
    ]);
  });
});

describe("a shard that dies", () => {
  test("is split over the others: every unfinished test exactly once, and none of the finished", () => {
    fc.assert(
      fc.property(
        files(25),
        fc.integer({ min: 2, max: 6 }),
        fc.nat(5),
        fc.array(fc.nat(24)),
        (all, shards, at, done) => {
          const made = split(all, shards, "predictive").shards;
          const finished = new Set(done.map((index) => all[index % all.length]!.name));
          const dead = (at % shards) + 1;
          const left = rebalance(made, dead, new Map(all.map(({ name, seconds }) => [name, seconds])), finished);

          expect(left.map(({ shard }) => shard)).not.toContain(dead);
          expect(left.flatMap(({ tests }) => tests).sort()).toEqual(
            all
              .map(({ name }) => name)
              .filter((name) => !finished.has(name))
              .sort(),
          );
        },
      ),
    );
  });

  test("the longest of its tests goes to whoever has least left; the only shard has nobody", () => {
    const seconds = new Map([
      ["a", 9],
      ["b", 4],
      ["c", 1],
    ]);

    expect(rebalance([...plan, { shard: 3, tests: [], seconds: 0 }], 1, seconds)).toMatchObject([
      { shard: 2, tests: ["c", "b"], taken: ["b"] },
      { shard: 3, taken: ["a"] },
    ]);
    expect(() => rebalance(plan, 7, seconds)).toThrow("Shard 7 is not in the plan.");
    expect(() => rebalance(plan.slice(0, 1), 1, seconds)).toThrow("Shard 1 was the only one");
  });
});

describe("coverage of shards", () => {
  const file = (path: string, s: readonly number[], branch: readonly number[]): Coverage => ({
    [path]: {
      ...{
        path,
        statementMap: Object.fromEntries(s.map((_, index) => [index, { line: index }])),
        fnMap: { 0: {} },
        branchMap: { 0: {} },
      },
      ...{ s: Object.fromEntries(s.map((times, index) => [index, times])), f: { 0: s[0] ?? 0 }, b: { 0: [...branch] } },
    },
  });

  test("merged is the unsharded one, however the tests were split", () => {
    const hits = fc.array(fc.tuple(fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }), fc.nat(3)), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(hits, fc.integer({ min: 1, max: 3 }), (tests, shards) => {
        const of = (some: typeof tests) =>
          file(
            "a.ts",
            [0, 1, 2, 3].map((at) => some.reduce((total, [s]) => total + s[at]!, 0)),
            [some.reduce((total, [, b]) => total + b, 0), 0],
          );
        const parts = Array.from({ length: shards }, (_, shard) =>
          of(tests.filter((_, index) => index % shards === shard)),
        );
        expect(mergeCoverage(parts)).toEqual(of(tests));
        expect(coverageDifferences(mergeCoverage(parts), of(tests))).toEqual([]);
      }),
    );
  });

  test("a shard left out is told by place, and shards of other sources are refused", () => {
    const [one, two] = [file("a.ts", [1, 0], [1, 0]), file("a.ts", [1, 1], [0, 1])];
    expect(coverageDifferences(one, mergeCoverage([one, two]))).toEqual([
      "a.ts, statement 1: not reached, reached",
      "a.ts, branch 0.1: not reached, reached",
    ]);
    expect(coverageDifferences(one, { ...one, ...file("b.ts", [1], []) })).toEqual(["b.ts: only in the second"]);
    expect(() => mergeCoverage([one, file("a.ts", [1], [])])).toThrow(
      "a.ts has other statements in one shard than in another",
    );
    expect(() => parseCoverage({ "a.ts": { path: "a.ts" } }, "c.json")).toThrow("c.json, a.ts.statementMap is missing");
  });
});
