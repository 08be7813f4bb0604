import fc from "fast-check";

import type { Timed } from "../../../pipeline/durations";
import { criticalPath, link, type Node, stagesOf } from "../../../pipeline/graph";
import { execute, faultsOf, type Schedule } from "../../../pipeline/schedule";
import { split } from "../../../pipeline/split";
import { strategies, strategyNames } from "../../../pipeline/strategies";
import { independent, lowerBound, prepare } from "../../../pipeline/work";
import { files, work } from "./arbitrary";

/** The least makespan of all ways to split, by trying them. */
function optimum(seconds: readonly number[], shards: number): number {
  const loads = Array.from({ length: shards }, () => 0);
  let best = Infinity;
  const place = (at: number): void => {
    const worst = Math.max(...loads);
    if (worst >= best) return;
    if (at === seconds.length) {
      best = worst;
      return;
    }
    const tried = new Set<number>();
    loads.forEach((load, shard) => {
      if (tried.has(load)) return; // equal shards are one
      tried.add(load);
      loads[shard] = load + seconds[at]!;
      place(at + 1);
      loads[shard] = load;
    });
  };
  place(0);
  return best;
}

const inOrder = (schedule: Schedule) => schedule.slots.map(({ runner }) => runner);

describe("longest first", () => {
  test("stays within 4/3 - 1/(3m) of the optimum (Graham, 1969), and is never under it", () => {
    fc.assert(
      fc.property(files(9), fc.integer({ min: 1, max: 4 }), (all, shards) => {
        const best = optimum(
          all.map(({ seconds }) => seconds),
          shards,
        );
        for (const strategy of ["predictive", "resource-aware"] as const) {
          const { makespanSeconds, lowerBoundSeconds } = split(all, shards, strategy);
          expect(makespanSeconds).toBeLessThanOrEqual(best * (4 / 3 - 1 / (3 * shards)) + 1e-9);
          expect(makespanSeconds).toBeGreaterThanOrEqual(best);
          expect(best).toBeGreaterThanOrEqual(lowerBoundSeconds - 1e-9);
        }
      }),
    );
  });

  test("reaches that bound, and no less, on Graham's worst case", () => {
    const all = [5, 5, 4, 4, 3, 3, 3].map((seconds, index) => ({ name: `t${index}`, seconds }));

    expect(split(all, 3, "predictive").makespanSeconds).toBe(11);
    expect(
      optimum(
        all.map(({ seconds }) => seconds),
        3,
      ),
    ).toBe(9);
  });
});

describe("every strategy", () => {
  test("puts every test into exactly one shard", () => {
    fc.assert(
      fc.property(
        files(40),
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom(...strategyNames),
        (all, shards, name) => {
          const made = split(all, shards, name);
          expect(made.shards.flatMap(({ tests }) => tests).sort()).toEqual(all.map((file) => file.name).sort());
          expect(Math.max(...made.shards.map(({ seconds }) => seconds))).toBe(made.makespanSeconds);
        },
      ),
    );
  });

  test("keeps dependencies, pools and capacities, also when jobs take other than predicted, and never beats the bound", () => {
    fc.assert(
      fc.property(
        work,
        fc.constantFrom(...strategyNames),
        fc.array(fc.integer({ min: 0, max: 80 })),
        (some, name, real) => {
          const seconds = (index: number) => real[index] ?? some.jobs[index]!.seconds;
          const schedule = execute(some, strategies[name].assign(some), seconds);

          expect(faultsOf(some, schedule)).toEqual([]);
          expect(schedule.makespanSeconds).toBeGreaterThanOrEqual(lowerBound(some, seconds).seconds - 1e-9);
          const links = link(some.jobs, "jobs");
          expect(schedule.makespanSeconds).toBeGreaterThanOrEqual(
            criticalPath(some.jobs, links, seconds).seconds - 1e-9,
          );
        },
      ),
    );
  });

  test("gives the same plan for the same input", () => {
    fc.assert(
      fc.property(work, fc.constantFrom(...strategyNames), (some, name) => {
        expect(strategies[name].assign(some)).toEqual(strategies[name].assign(some));
      }),
      { numRuns: 20 },
    );
  });

  test("differs: round-robin deals, least-loaded follows the load, predictive begins with the longest", () => {
    const made = independent(
      [
        { name: "a", seconds: 1 },
        { name: "b", seconds: 9 },
        { name: "c", seconds: 2 },
        { name: "d", seconds: 8 },
      ],
      2,
    );
    const runners = (name: (typeof strategyNames)[number]) => inOrder(execute(made, strategies[name].assign(made)));

    expect(runners("round-robin")).toEqual([0, 1, 0, 1]);
    expect(runners("least-loaded")).toEqual([0, 1, 0, 0]);
    expect(runners("predictive")).toEqual([0, 0, 1, 1]);
  });

  test("resource-aware spreads what is scarce: two jobs that need most of the memory do not share a runner", () => {
    const needs = (memoryGiB: number) => ({ slots: 1, cpu: 1, memoryGiB, io: 0 });
    const capacity = { slots: 2, cpu: 4, memoryGiB: 8, io: 1 };
    const job = (name: string, seconds: number, memoryGiB: number) => ({
      name,
      seconds,
      after: [],
      needs: needs(memoryGiB),
    });
    const made = prepare(
      [job("big-1", 10, 6), job("small-1", 12, 1), job("big-2", 10, 6), job("small-2", 12, 1)],
      ["one", "two"].map((name) => ({ name, pool: "p", capacity })),
    );
    const [first, , second] = inOrder(execute(made, strategies["resource-aware"].assign(made)));

    expect(first).not.toBe(second);
    expect(execute(made, strategies["resource-aware"].assign(made)).makespanSeconds).toBe(12);
  });
});

describe("the checker of schedules", () => {
  const some = prepare(
    [
      { name: "build", seconds: 10, after: [], needs: { slots: 1, cpu: 2, memoryGiB: 1, io: 0 }, pool: "p" },
      { name: "test", seconds: 5, after: ["build"], needs: { slots: 1, cpu: 2, memoryGiB: 1, io: 0 }, pool: "p" },
    ],
    [
      { name: "p-1", pool: "p", capacity: { slots: 2, cpu: 2, memoryGiB: 4, io: 1 } },
      { name: "q-1", pool: "q", capacity: { slots: 1, cpu: 2, memoryGiB: 4, io: 1 } },
    ],
  );
  const sound = execute(some, strategies.predictive.assign(some));
  const broken = (slot: Partial<Schedule["slots"][number]>): Schedule => ({
    ...sound,
    slots: [sound.slots[0]!, { ...sound.slots[1]!, ...slot }],
  });

  test("accepts a sound one", () => expect(faultsOf(some, sound)).toEqual([]));

  test.each([
    ["a job that is missing", { ...sound, slots: sound.slots.slice(0, 1) }, "test does not run"],
    [
      "a job before what it waits for",
      broken({ beginSeconds: 5, endSeconds: 10 }),
      "test begins before build has ended",
    ],
    ["a job in the wrong pool", broken({ runner: 1 }), "test runs on a runner that cannot hold it"],
    ["a runner that is overfull", broken({ beginSeconds: 0, endSeconds: 5 }), "runner p-1 is overfull at 0 s"],
    ["a makespan that is too short", { ...sound, makespanSeconds: 12 }, "test ends after the end"],
  ])("catches %s", (_, schedule, fault) => expect(faultsOf(some, schedule)).toContain(fault));
});

describe("the critical path", () => {
  const jobs = (...pairs: readonly (readonly [string, number, ...string[]])[]) =>
    pairs.map(([name, seconds, ...after]) => ({ name, seconds, after }));
  const pathOf = (all: readonly (Node & Timed)[]) =>
    criticalPath(all, link(all, "jobs"), (index) => all[index]!.seconds);

  test("is the longest chain, by time and not by count", () => {
    const all = jobs(["a", 1], ["b", 1, "a"], ["c", 1, "b"], ["long", 9], ["end", 1, "c", "long"]);

    expect(pathOf(all)).toEqual({ seconds: 10, names: ["long", "end"] });
    expect(stagesOf(link(all, "jobs"))).toEqual([0, 1, 2, 0, 3]);
  });

  test("is a chain of the graph whose times add up; with endless runners it is the makespan; it grows by at most what a job grows", () => {
    fc.assert(
      fc.property(work, fc.nat(24), (some, grown) => {
        const jobsOf = some.jobs.map(({ name, seconds, after }) => ({ name, seconds, after }));
        const byName = new Map(jobsOf.map((job) => [job.name, job]));
        const path = pathOf(jobsOf);

        expect(path.names.reduce((total, name) => total + byName.get(name)!.seconds, 0)).toBe(path.seconds);
        path.names.slice(1).forEach((name, index) => expect(byName.get(name)!.after).toContain(path.names[index]));
        const free = prepare(
          jobsOf.map((job) => ({ ...job, needs: { slots: 1, cpu: 0, memoryGiB: 0, io: 0 } })),
          [{ name: "endless", pool: "p", capacity: { slots: 1000, cpu: 1, memoryGiB: 1, io: 1 } }],
        );
        expect(execute(free, strategies.adaptive.assign(free)).makespanSeconds).toBe(path.seconds);
        const longer = pathOf(
          jobsOf.map((job, index) => (index === grown ? { ...job, seconds: job.seconds + 7 } : job)),
        );
        expect(longer.seconds - path.seconds).toBeGreaterThanOrEqual(0);
        expect(longer.seconds - path.seconds).toBeLessThanOrEqual(7);
      }),
    );
  });
});

describe("what cannot be planned is refused, by name and value", () => {
  const job = (name: string, after: string[] = [], seconds = 1, cpu = 1) => ({
    name,
    after,
    seconds,
    needs: { slots: 1, cpu, memoryGiB: 0, io: 0 },
  });
  const runner = { name: "r", pool: "p", platform: "linux", capacity: { slots: 1, cpu: 2, memoryGiB: 1, io: 1 } };

  test.each([
    ["a circle", [job("a", ["c"]), job("b", ["a"]), job("c", ["b"])], /wait for each other: \w → \w → \w → \w\./],
    ["a job that waits for itself", [job("a", ["a"])], "wait for each other: a → a."],
    ["a name that is there twice", [job("a"), job("a")], "jobs.a is there twice"],
    ["an unknown job", [job("a", ["b"])], 'jobs.a.after names "b"'],
    ["a negative duration", [job("a", [], -1)], "jobs.a.seconds is -1"],
    ["a duration that is no number", [job("a", [], NaN)], "jobs.a.seconds is NaN"],
    [
      "a job that fits no runner",
      [job("a", [], 1, 16)],
      "jobs.a.needs are cpu 16. Allowed: what one runner has: cpu 2.",
    ],
    [
      "a platform that no runner has",
      [{ ...job("a"), platform: "macos" }],
      "jobs.a wants platform macos, which no runner is of",
    ],
  ])("%s", (_, jobs, message) => expect(() => prepare(jobs, [runner], "x.yaml")).toThrow(message));

  test("no runners, no shards", () => {
    expect(() => prepare([job("a")], [], "x.yaml")).toThrow("x.yaml has no runners");
    expect(() => independent([{ name: "a", seconds: 1 }], 0)).toThrow("are for 0 shards");
  });
});
