import { groupBy } from "./group";
import type { Observation } from "./history";
import { median, quantile, robustSigma } from "./statistics";

/** How long something may take before it is taken to hang. */
export interface Timeout {
  readonly name: string;
  /** `undefined` with too few durations: the fixed timeout applies. */
  readonly seconds: number | undefined;
  readonly samples: number;
}

/** Fewer durations say nothing of their spread. */
export const MIN_SAMPLES = 5;

/** No timeout is shorter than this, whatever the history says: a busy runner alone takes that. */
export const FLOOR_SECONDS = 60;

/** What hangs takes longer than this many times what is nearly the longest. */
const HEADROOM = 1.5;

/**
 * Timeout by durations: 1.5 times the larger of their 95th percentile and median + 3 robust sigmas, in whole seconds, at
 * least a minute.
 *
 * @param seconds durations of runs that passed
 * @returns undefined with fewer than five
 */
export function timeoutSeconds(seconds: readonly number[]): number | undefined {
  if (seconds.length < MIN_SAMPLES) return undefined;
  const spread = (median(seconds) ?? 0) + 3 * robustSigma(seconds);
  return Math.max(FLOOR_SECONDS, Math.ceil(HEADROOM * Math.max(quantile(seconds, 0.95) ?? 0, spread)));
}

/** A timeout for every test file, or every job, of the history. */
export function timeouts(history: readonly Observation[], kind: "test" | "job"): Timeout[] {
  const passed = history.filter((each) => each.kind === kind && each.outcome === "passed");
  return [...groupBy(passed, ({ name }) => name)].map(([name, seen]) => {
    const seconds = seen.map((each) => each.seconds);
    return { name, seconds: timeoutSeconds(seconds), samples: seconds.length };
  });
}

/**
 * Timeout of a whole shard: 1.5 times what it is predicted to take, at least a minute.
 *
 * @param seconds tests and preparation
 */
export const shardTimeoutSeconds = (seconds: number): number => Math.max(FLOOR_SECONDS, Math.ceil(HEADROOM * seconds));
