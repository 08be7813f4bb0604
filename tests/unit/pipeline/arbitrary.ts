import fc from "fast-check";

import type { Timed } from "../../../pipeline/durations";
import type { Observation } from "../../../pipeline/history";
import { type Job, prepare, type Runner } from "../../../pipeline/work";

/** Test files with whole seconds, so that sums are exact. */
export const files = (maxLength: number): fc.Arbitrary<Timed[]> =>
  fc
    .array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength })
    .map((all) => all.map((seconds, index) => ({ name: `t${index}`, seconds })));

/** Jobs of which each may wait for earlier ones, on runners of two pools. */
export const work = fc
  .record({
    jobs: fc.array(
      fc.record({
        seconds: fc.integer({ min: 0, max: 50 }),
        after: fc.array(fc.nat(30), { maxLength: 3 }),
        cpu: fc.integer({ min: 0, max: 4 }),
        memoryGiB: fc.integer({ min: 0, max: 8 }),
        pool: fc.constantFrom("small", "large", undefined),
      }),
      { minLength: 1, maxLength: 25 },
    ),
    small: fc.integer({ min: 1, max: 3 }),
    large: fc.integer({ min: 1, max: 3 }),
    slots: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ jobs, small, large, slots }) => {
    const runner =
      (pool: string, cpu: number, memoryGiB: number) =>
      (_: unknown, index: number): Runner => ({
        name: `${pool}-${index}`,
        pool,
        capacity: { slots, cpu, memoryGiB, io: 1 },
      });
    const made = jobs.map(({ seconds, after, cpu, memoryGiB, pool }, index): Job => ({
      name: `j${index}`,
      seconds,
      after: [...new Set(after.filter((other) => other < index))].map((other) => `j${other}`),
      needs: {
        slots: 1,
        cpu: pool === "small" ? cpu / 2 : cpu,
        memoryGiB: pool === "small" ? memoryGiB / 2 : memoryGiB,
        io: 0,
      },
      pool,
    }));
    const runners = [
      ...Array.from({ length: small }, runner("small", 2, 4)),
      ...Array.from({ length: large }, runner("large", 4, 8)),
    ];
    return prepare(made, runners);
  });

/** An observation of a test that passed; what matters to a test is given. */
export const observation = (given: Partial<Observation>): Observation => ({
  kind: "test",
  name: "a.test.ts",
  run: "1",
  attempt: 1,
  at: "2026-11-01T00:00:00.000Z",
  seconds: 10,
  outcome: "passed",
  ...given,
});

/** `count` runs of one test, a day apart. */
export const daily = (name: string, seconds: readonly number[], given: Partial<Observation> = {}): Observation[] =>
  seconds.map((each, index) =>
    observation({
      name,
      seconds: each,
      run: String(index),
      at: new Date(Date.UTC(2026, 10, 1 + index)).toISOString(),
      ...given,
    }),
  );
