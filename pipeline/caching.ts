import { groupBy } from "./group";
import type { Observation } from "./history";
import { median } from "./statistics";

/** What caching does for one step. */
export interface CacheAdvice {
  readonly step: string;
  /** Middle seconds with and without a cache; undefined when never measured. */
  readonly hitSeconds: number | undefined;
  readonly missSeconds: number | undefined;
  /** Share of the runs that found a cache. */
  readonly hitRate: number;
  /** Seconds that a run saves on average, at that rate; undefined where one side was never measured. */
  readonly savedSeconds: number | undefined;
  readonly advice: "keep" | "drop" | "try" | "unknown";
}

/** What a cache must save to be worth its upkeep, in seconds a run. */
export const WORTH_SECONDS = 5;

/**
 * Says of each measured step whether a cache pays: the middle time without it less that with it, times the share of runs
 * that found one. `try` for a slow step that was never run with a cache; such a saving is unknown, and is not guessed.
 *
 * @param history steps with `cache` hit or miss; restoring and saving the cache must be within the step
 */
export function cacheAdvice(history: readonly Observation[]): CacheAdvice[] {
  const steps = history.filter((each) => each.kind === "step" && each.cache !== undefined && each.outcome === "passed");
  return [...groupBy(steps, ({ name }) => name)].map(([step, seen]) => {
    const of = (cache: "hit" | "miss"): number[] =>
      seen.filter((each) => each.cache === cache).map(({ seconds }) => seconds);
    const [hits, misses] = [of("hit"), of("miss")];
    const [hitSeconds, missSeconds] = [median(hits), median(misses)];
    const hitRate = hits.length / seen.length;
    const savedSeconds =
      hitSeconds === undefined || missSeconds === undefined ? undefined : hitRate * (missSeconds - hitSeconds);
    return { step, hitSeconds, missSeconds, hitRate, savedSeconds, advice: adviceOf(savedSeconds, missSeconds) };
  });
}

const adviceOf = (saved: number | undefined, miss: number | undefined): CacheAdvice["advice"] => {
  if (saved !== undefined) return saved >= WORTH_SECONDS ? "keep" : "drop";
  return miss !== undefined && miss >= WORTH_SECONDS ? "try" : "unknown";
};
