import { readFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";

import { matches } from "../../../pipeline/glob";
import type { Observation } from "../../../pipeline/history";
import { parsePipeline, runnersOf } from "../../../pipeline/pipeline-file";
import { planPipeline } from "../../../pipeline/pipeline-plan";
import { planFileOf, planTests, type TestPlanOptions } from "../../../pipeline/plan-tests";
import { parsePlan } from "../../../pipeline/plan-file";
import { choose, reductionPercent, sweep } from "../../../pipeline/sweep";
import { files, observation } from "./arbitrary";

const swept = { minRunners: 1, maxRunners: 6, setupSeconds: 20, strategy: "predictive" } as const;

describe("the sweep of runners", () => {
  test("marks what no other number beats in both time and price, and only that", () => {
    fc.assert(
      fc.property(files(20), (all) => {
        const cases = sweep(all, { ...swept, usdAMinute: 0.01 });
        const beats = (a: (typeof cases)[number], b: (typeof cases)[number]) =>
          a.durationSeconds <= b.durationSeconds &&
          a.minutes <= b.minutes &&
          (a.durationSeconds < b.durationSeconds || a.minutes < b.minutes);
        for (const one of cases) expect(one.onFront).toBe(!cases.some((other) => beats(other, one)));
        for (const one of cases) expect(one.usd).toBeCloseTo(one.minutes * 0.01);
        expect(choose(cases, all).onFront).toBe(true);
      }),
    );
  });

  const all = [60, 60, 60, 60].map((seconds, index) => ({ name: `t${index}`, seconds }));

  test("takes the cheapest number that saves enough, and the fastest when nothing is asked", () => {
    const cases = sweep(all, swept);

    expect(cases.map(({ minutes }) => minutes)).toEqual([5, 6, 7, 8, 8, 8]);
    expect(choose(cases, all, { reductionPercent: 50, baselineSeconds: 280 }).runners).toBe(2);
    expect(choose(cases, all).runners).toBe(4);
    expect(reductionPercent(120, 240)).toBe(50);
    expect(sweep(all, swept)[0]!.usd).toBeUndefined();
  });

  test("says why a target cannot be reached: one long file, or too few runners", () => {
    const refusal = (maxRunners: number) => {
      try {
        choose(sweep(all, { ...swept, setupSeconds: 0, maxRunners }), all, {
          reductionPercent: 90,
          baselineSeconds: 240,
        });
      } catch (error) {
        return error;
      }
    };
    expect(refusal(6)).toMatchObject({
      exitCode: 1,
      hint: expect.stringContaining("t0 alone takes 60.0 s: split that file"),
      message: expect.stringContaining("75.0% less than the baseline of 240.0 s"),
    });
    expect(refusal(2)).toMatchObject({ exitCode: 1, hint: expect.stringContaining("more runners would help") });
  });
});

describe("a plan of test files", () => {
  const run = (id: string, day: number, seconds: Readonly<Record<string, number>>): Observation[] =>
    Object.entries(seconds).map(([name, each]) =>
      observation({ name, run: id, seconds: each, at: `2026-11-0${day}T00:00:00Z` }),
    );
  const two = { a: 40, b: 30, c: 20, d: 10, e: 5, f: 3 };
  const history = [...run("1", 1, two), ...run("2", 2, two)];
  const now = Object.keys(two).map((name) => ({ name }));
  const options: TestPlanOptions = {
    level: "intelligent",
    minRunners: 2,
    maxRunners: 4,
    setupSeconds: 10,
    now: "2026-11-03T00:00:00Z",
  };

  test("takes the strategy that won on the history; only experimental may take one that needs a queue", () => {
    expect(planTests(now, history, options)).toMatchObject({
      strategy: "predictive",
      replay: { winnerBefore: "predictive" },
    });
    expect(planTests(now, history, { ...options, level: "basic" }).strategy).toBe("least-loaded");
    // The last run turned out other than the first: a queue adapts, a matrix cannot.
    const turned = [...run("1", 1, two), ...run("2", 2, { a: 3, b: 5, c: 10, d: 60, e: 30, f: 40 })];
    expect(planTests(now, turned, { ...options, level: "experimental" }).strategy).toBe("adaptive");
    expect(planTests(now, turned, options).strategy).not.toBe("adaptive");
    expect(planTests(now, run("1", 1, two), options)).toMatchObject({ strategy: "predictive", replay: undefined });
  });

  test("basic takes the least number of runners and fixed timeouts; the others sweep, and set timeouts", () => {
    const basic = planTests(now, history, { ...options, level: "basic" });
    expect([basic.cases.length, basic.shards[0]!.timeoutSeconds]).toEqual([1, undefined]);
    const other = planTests(now, history, options);
    expect([other.cases.length, other.shards[0]!.timeoutSeconds]).toEqual([3, 75]);
    expect(planTests(now, history, { ...options, shards: 5 }).shards).toHaveLength(5);
  });

  test("aggressive puts flaky tests into a shard of their own, and every test stays in exactly one", () => {
    const flips = ["c1", "c2"].flatMap((commit, index) =>
      (["failed", "passed"] as const).map((outcome, attempt) =>
        observation({
          name: "b",
          run: commit,
          commit,
          attempt: attempt + 1,
          at: `2026-11-0${index + 1}T00:00:00Z`,
          outcome,
          seconds: 30,
        }),
      ),
    );
    const plan = planTests(now, [...history, ...flips], { ...options, level: "aggressive" });

    expect(plan.shards.at(-1)).toMatchObject({ tests: ["b"], quarantined: true });
    expect(plan.shards.flatMap(({ tests }) => tests).sort()).toEqual(Object.keys(two));
    expect(planTests(now, [...history, ...flips], options).quarantined).toEqual([]);
  });

  test("its file comes back as it was written, and a broken one is refused", () => {
    const file = planFileOf(planTests(now, history, options));
    expect(parsePlan(JSON.parse(JSON.stringify(file)), "p")).toEqual(file);
    expect(() => parsePlan({ ...file, shards: [{ shard: 0, tests: [], seconds: 1 }] }, "p")).toThrow(
      "p, shards.0.shard is 0",
    );
  });
});

describe("a pipeline", () => {
  const path = join(__dirname, "../../../pipeline/examples/six-groups.yaml");
  const example = readFileSync(path, "utf8");
  const limits = { min: 1, max: 6 };
  const nothing = { jobs: new Map<string, number>(), tests: [] };

  test("of six groups on five pools keeps the order of its groups, and ends with its critical path", () => {
    const pipeline = parsePipeline(example, "six-groups.yaml");
    const plan = planPipeline(pipeline, nothing, "predictive", limits, "six-groups.yaml");
    const time = (group: string, of: "beginSeconds" | "endSeconds") =>
      plan.jobs.filter((job) => job.group === group).map((job) => job[of]);

    expect([pipeline.groups.length, pipeline.pools.length, runnersOf(pipeline.pools).length]).toEqual([6, 5, 11]);
    expect(Math.min(...time("build", "beginSeconds"))).toBeGreaterThanOrEqual(
      Math.max(...time("immediate", "endSeconds")),
    );
    expect(Math.min(...time("finalisation", "beginSeconds"))).toBeGreaterThanOrEqual(
      Math.max(...time("test", "endSeconds")),
    );
    expect(plan.criticalPath.names).toEqual(["lint", "build", "images", "engine", "package", "report"]);
    expect(plan).toMatchObject({ durationSeconds: 980, lowerBound: { seconds: 980 }, unpriced: [] });
    expect(plan.jobs.filter(({ platform }) => platform === "macos").map(({ runner }) => runner)).toEqual([
      "platform-1",
      "platform-2",
    ]);
  });

  const small = (jobs: string, pools = "  p: { runners: 4, cpu: 2, memoryGiB: 4 }") =>
    `pools:\n${pools}\njobs:\n${jobs}\n`;

  test("measured durations go before the file's, and a job's tests become shards that its followers wait for", () => {
    const text = small(
      '  lint: { seconds: 50 }\n  unit: { tests: "unit/**", shards: auto, setupSeconds: 5 }\n  end: { seconds: 1, after: [unit] }',
    );
    const tests = [30, 20, 10].map((seconds, index) => ({ name: `unit/x/${index}.ts`, seconds }));
    const plan = planPipeline(
      parsePipeline(text, "p"),
      { jobs: new Map([["lint", 7]]), tests },
      "predictive",
      limits,
      "p",
    );

    expect(plan.jobs.map(({ name, seconds, after }) => [name, seconds, after])).toEqual([
      ["lint", 7, []],
      ["unit-1", 35, []],
      ["unit-2", 35, []],
      ["end", 1, ["unit-1", "unit-2"]],
    ]);
    expect(plan.durationSeconds).toBe(36);
    expect(plan.unpriced).toHaveLength(4);
  });

  test.each([
    [
      "a circle",
      small("  a: { seconds: 1, after: [b] }\n  b: { seconds: 1, after: [a] }"),
      "p, jobs wait for each other",
    ],
    ["a name that is there twice", small("  a: { seconds: 1 }\n  a: { seconds: 2 }"), "p:5 holds a name twice"],
    ["a missing duration", small("  a: {}"), "p, jobs.a.seconds is missing"],
    ["a negative duration", small("  a: { seconds: -4 }"), "p, jobs.a.seconds is -4. Allowed: seconds, at least 0."],
    [
      "no capacity",
      small("  a: { seconds: 1 }", "  p: { runners: 4, cpu: 0, memoryGiB: 4 }"),
      "p, pools.p.cpu is 0. Allowed: a number over 0.",
    ],
    [
      "no runners",
      small("  a: { seconds: 1 }", "  p: { runners: 0, cpu: 1, memoryGiB: 4 }"),
      "p, pools.p.runners is 0",
    ],
    ["an unknown need", small("  a: { seconds: 1, needs: { gpu: 1 } }"), "p, jobs.a.needs.gpu is not known"],
    [
      "a need that no runner has",
      small("  a: { seconds: 1, needs: { cpu: 9 } }"),
      "p, jobs.a.needs are cpu 9. Allowed: what one runner has: cpu 2.",
    ],
    ["an unknown pool", small("  a: { seconds: 1, pool: q }"), 'p, jobs.a.pool is "q". Allowed: p.'],
    ["an unknown group", small("  a: { seconds: 1, group: g }"), 'p, jobs.a.group is "g". Allowed: none is declared.'],
    [
      "an unknown price",
      small("  a: { seconds: 1 }", "  p: { runners: 1, cpu: 2, memoryGiB: 4, price: atari }"),
      'p, pools.p.price is "atari"',
    ],
    ["an unknown job before", small("  a: { seconds: 1, after: [b] }"), 'p, jobs.a.after names "b"'],
    ["tests that match nothing", small("  a: { tests: [x], shards: 2 }"), "p, jobs.a.tests match no test file"],
    ["shards without tests", small("  a: { seconds: 1, shards: 2 }"), "p, jobs.a.shards is for a job without tests"],
    ["no jobs", "pools: {}\njobs: {}", "p, jobs are none"],
    ["text that is no YAML", "pools: [", "p:1 is no YAML"],
    ["nothing", "", "p is null"],
  ])("is refused for %s", (_, text, message) => {
    expect(() => planPipeline(parsePipeline(text, "p"), nothing, "predictive", limits, "p")).toThrow(message);
  });

  test.each([
    ["tests/unit/**", "tests/unit/a/b.test.ts", true],
    ["tests/*/a.ts", "tests/unit/a.ts", true],
    ["tests/*.ts", "tests/unit/a.ts", false],
    ["**/a.ts", "a.ts", true],
    ["a?.ts", "ab.ts", true],
    ["a.ts", "aXts", false],
  ])("pattern %s, file %s: %s", (pattern, name, expected) => expect(matches(pattern, name)).toBe(expected));
});
