import type { Timed } from "./durations";
import { execute } from "./schedule";
import { type StrategyName, strategies } from "./strategies";
import { sum } from "./statistics";
import { independent, lowerBound } from "./work";

/** Test files that one runner takes. */
export interface Shard {
  /** From 1. */
  readonly shard: number;
  readonly tests: readonly string[];
  /** What the tests are predicted to take together, without the shard's own preparation. */
  readonly seconds: number;
}

/** Test files split over runners. */
export interface Split {
  readonly shards: readonly Shard[];
  /** The longest shard. */
  readonly makespanSeconds: number;
  readonly lowerBoundSeconds: number;
}

/**
 * Splits test files over equal runners. With more shards than files some are empty.
 *
 * @param shards at least 1
 * @throws PipelineInputError for a negative duration, a name that is there twice, or no shard
 */
export function split(files: readonly Timed[], shards: number, strategy: StrategyName): Split {
  const work = independent(files, shards);
  const assignment = strategies[strategy].assign(work);
  const { slots, makespanSeconds } = execute(work, assignment);
  const tests: string[][] = Array.from({ length: shards }, () => []);
  const seconds: number[][] = Array.from({ length: shards }, () => []);
  for (const job of assignment.order) {
    const { runner } = slots[job] ?? { runner: 0 };
    const { name = "", seconds: own = 0 } = files[job] ?? {};
    tests[runner]?.push(name);
    seconds[runner]?.push(own);
  }
  return {
    shards: tests.map((own, index) => ({ shard: index + 1, tests: own, seconds: sum(seconds[index] ?? []) })),
    makespanSeconds,
    lowerBoundSeconds: lowerBound(work).seconds,
  };
}
