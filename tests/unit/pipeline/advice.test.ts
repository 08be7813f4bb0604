import fc from "fast-check";

import { cacheAdvice } from "../../../pipeline/caching";
import { combinations, cover, pairsOf, parseMatrix, uncovered } from "../../../pipeline/covering";
import { githubMatrix } from "../../../pipeline/matrix";
import { billedMinutes, usdAMinute } from "../../../pipeline/prices";
import { quarantine } from "../../../pipeline/quarantine";
import { timeouts, timeoutSeconds } from "../../../pipeline/timeouts";
import { daily, observation } from "./arbitrary";

describe("a job matrix", () => {
  const spec = fc
    .record({
      sizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
      exclude: fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3)), { maxLength: 3 }),
    })
    .map(({ sizes, exclude }) => ({
      axes: Object.fromEntries(
        sizes.map((size, axis) => [`axis${axis}`, Array.from({ length: size }, (_, value) => value)]),
      ),
      exclude:
        sizes.length < 2
          ? []
          : exclude.map(([a, b, first, second]) => ({
              [`axis${a % sizes.length}`]: first,
              [`axis${b % sizes.length}`]: second + 1,
            })),
    }));

  test("is reduced to jobs that have every pair that any job had; nothing is lost, nothing excluded comes back", () => {
    fc.assert(
      fc.property(spec, (some) => {
        let all;
        try {
          all = combinations(parseMatrix(some, "m"), "m");
        } catch (error) {
          expect(String(error)).toContain("leaves no combination");
          return;
        }
        const { chosen, dropped, pairs } = cover(all);
        expect(uncovered(all, chosen)).toEqual([]);
        expect(new Set(all.flatMap(pairsOf)).size).toBe(pairs);
        expect([...chosen, ...dropped]).toHaveLength(all.length);
        expect(all).toEqual(expect.arrayContaining([...chosen, ...dropped]));
      }),
    );
  });

  test("of 3 x 3 x 3 x 3 needs 9 to 12 jobs of 81", () => {
    const axes = Object.fromEntries(["a", "b", "c", "d"].map((axis) => [axis, [1, 2, 3]]));
    const { chosen, dropped } = cover(combinations(parseMatrix({ axes }, "m"), "m"));

    expect(chosen.length).toBeGreaterThanOrEqual(9);
    expect(chosen.length).toBeLessThanOrEqual(12);
    expect(dropped).toHaveLength(81 - chosen.length);
  });

  test("with a job too few is caught, by the pair", () => {
    const all = combinations(parseMatrix({ axes: { os: ["linux", "macos"], node: [20, 22] } }, "m"), "m");
    expect(uncovered(all, all.slice(1))).toEqual(['[["os","linux"],["node",20]]']);
  });

  test.each([
    ["an axis without values", { axes: { os: [] } }, "m, axes.os is []"],
    ["a value that is there twice", { axes: { os: ["a", "a"] } }, "m, axes.os has a value twice"],
    [
      "an exclusion of no axis",
      { axes: { os: ["a"] }, exclude: [{ oss: "a" }] },
      "m, exclude.0.oss is no axis. Allowed: os.",
    ],
    ["everything excluded", { axes: { os: ["a"] }, exclude: [{ os: "a" }] }, "m leaves no combination"],
    [
      "too many combinations",
      {
        axes: Object.fromEntries(
          Array.from({ length: 5 }, (_, axis) => [axis, Array.from({ length: 10 }, (_, value) => value)]),
        ),
      },
      "m, axes make 100000 combinations",
    ],
  ])("is refused for %s", (_, document, message) => {
    expect(() => combinations(parseMatrix(document, "m"), "m")).toThrow(message);
  });

  test("for GitHub has 1 to 256 jobs", () => {
    const jobs = (length: number) => Array.from({ length }, (_, shard) => ({ shard }));
    expect(githubMatrix(jobs(256)).include).toHaveLength(256);
    expect(() => githubMatrix(jobs(257))).toThrow("The matrix has 257 jobs. Allowed: 1 to 256");
    expect(() => githubMatrix([])).toThrow("has 0 jobs");
  });
});

describe("minutes and prices", () => {
  test("begun minutes count whole, and each job by itself", () => {
    expect([0, 1, 60, 60.1, 119, 120].map(billedMinutes)).toEqual([0, 1, 1, 2, 2, 2]);
  });

  test("an unknown runner has no price, rather than none to pay", () => {
    expect(usdAMinute("linux", "--price")).toBe(0.006);
    expect(() => usdAMinute("atari", "--price")).toThrow('--price is "atari". Allowed: linux_slim, linux,');
  });
});

describe("a timeout by history", () => {
  test("is over everything that passed, at least a minute, and unknown with fewer than five runs", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 5, maxLength: 30 }), (seconds) => {
        const limit = timeoutSeconds(seconds)!;
        const sorted = [...seconds].sort((a, b) => a - b);
        expect(limit).toBeGreaterThanOrEqual(60);
        expect(limit).toBeGreaterThan(sorted[Math.floor((sorted.length - 1) * 0.95)]!);
      }),
    );
    expect(timeoutSeconds([100, 100, 100, 100])).toBeUndefined();
    expect(timeoutSeconds([100, 100, 100, 100, 100])).toBe(150);
  });

  test("counts passed runs of that kind only", () => {
    const runs = [
      ...daily("a", [100, 100, 100, 100, 100]),
      observation({ name: "a", run: "hung", seconds: 9999, outcome: "failed" }),
    ];
    expect(timeouts(runs, "test")).toEqual([{ name: "a", seconds: 150, samples: 5 }]);
    expect(timeouts(runs, "job")).toEqual([]);
  });
});

describe("quarantine", () => {
  const seen = (commit: string, day: number, outcome: "passed" | "failed", attempt = 1) =>
    observation({
      name: "a",
      run: commit,
      commit,
      attempt,
      at: `2026-11-${String(day).padStart(2, "0")}T00:00:00Z`,
      outcome,
      ...(outcome === "failed" && { failed: ["breaks at times"] }),
    });
  const flip = (commit: string, day: number) => [seen(commit, day, "failed"), seen(commit, day, "passed", 2)];

  test("takes a test that both passed and failed at two commits, with the evidence, for a fortnight", () => {
    const history = [...flip("c1", 1), ...flip("c2", 5)];

    expect(quarantine(history, "2026-11-10T00:00:00Z")).toEqual([
      {
        name: "a",
        evidence: ["c1", "c2"].map((commit) => ({ commit, passed: 1, failed: 1 })),
        tests: ["breaks at times"],
        since: "2026-11-05T00:00:00.000Z",
        until: "2026-11-19T00:00:00.000Z",
      },
    ]);
    expect(quarantine(history, "2026-11-18T23:59:59Z")).toHaveLength(1);
    expect(quarantine(history, "2026-11-19T00:00:00Z")).toEqual([]);
  });

  test.each([
    ["a test that only fails", [seen("c1", 1, "failed"), seen("c2", 2, "failed")]],
    [
      "a test that a commit broke and another mended",
      [seen("c1", 1, "passed"), seen("c2", 2, "failed"), seen("c3", 3, "passed")],
    ],
    ["one commit's evidence", flip("c1", 1)],
    ["evidence of the future", [...flip("c1", 1), ...flip("c2", 20)]],
    ["runs without a commit", [...flip("c1", 1), ...flip("c2", 2)].map((each) => ({ ...each, commit: undefined }))],
  ])("leaves alone %s", (_, history) => expect(quarantine(history, "2026-11-10T00:00:00Z")).toEqual([]));
});

describe("advice on caches", () => {
  const step = (run: number, seconds: number, cache?: "hit" | "miss") =>
    observation({ kind: "step", name: "install", run: String(run), seconds, cache });

  test("a cache that saves time at its rate of hits is kept, one that costs is dropped, an untried one is not guessed", () => {
    expect(cacheAdvice([step(1, 60, "miss"), step(2, 10, "hit"), step(3, 10, "hit"), step(4, 60, "miss")])).toEqual([
      { step: "install", hitSeconds: 10, missSeconds: 60, hitRate: 0.5, savedSeconds: 25, advice: "keep" },
    ]);
    expect(cacheAdvice([step(1, 10, "miss"), step(2, 30, "hit")])[0]).toMatchObject({
      savedSeconds: -10,
      advice: "drop",
    });
    expect(cacheAdvice([step(1, 60, "miss")])[0]).toMatchObject({ savedSeconds: undefined, advice: "try" });
    expect(cacheAdvice([step(1, 60, "hit")])[0]).toMatchObject({ advice: "unknown" });
    expect(cacheAdvice([step(1, 60)])).toEqual([]);
  });
});
