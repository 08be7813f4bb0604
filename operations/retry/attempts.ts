import { targetsFor } from "../../regions/targets";
import type { FailedResource } from "./failures";

/** How often and how fast failed parts are tried again. */
export interface RetryPolicy {
  /** Attempts in all, the first included. @default 4 */
  readonly attempts: number;
  /** `--parallel` of the first attempt, and the most of any. */
  readonly parallel: number;
  /** Wait before the second attempt, doubled for each one after it, in milliseconds. @default 20,000 */
  readonly baseDelayMs: number;
  /** Longest wait, in milliseconds. @default 120,000: azure-native's own longest */
  readonly longestDelayMs: number;
}

/** Defaults of `RetryPolicy`. The engine's own retries come before each of ours. */
export const retryDefaults = { attempts: 4, baseDelayMs: 20_000, longestDelayMs: 120_000 } as const;

/** Parallelism is never halved below this. */
export const LEAST_PARALLEL = 4;

/** An attempt that has ended. */
export interface Attempt {
  readonly parallel: number;
  /** Resources that failed in it; empty when all went well. */
  readonly failures: readonly FailedResource[];
  /** The regions that it was restricted to, beside what all share. @default all */
  readonly regions?: readonly string[];
}

/** What to do next. */
export type NextStep =
  | { readonly kind: "done" }
  | {
      readonly kind: "retry";
      /** To wait before it, in milliseconds. */
      readonly delayMs: number;
      /** `--parallel` of the next attempt. */
      readonly parallel: number;
      /** `--target` patterns; empty for everything. */
      readonly targets: readonly string[];
      /** The regions of those patterns; absent for everything. */
      readonly regions?: readonly string[];
    }
  | { readonly kind: "give up"; readonly reason: string };

/**
 * Decides after each attempt. Only what failed is tried again: the regions of transient failures, with what all regions
 * share. A failure that no waiting cures stays for the operator, and does not keep the others from being tried again.
 *
 * Parallelism is halved after an attempt that was throttled and doubled back after one that was not: the engine cannot
 * change it within a run.
 *
 * @param history attempts so far, oldest first; at least one
 * @param random 0 to 1; full jitter: the wait is between half of its value and all of it
 * @param contracts targets that match the chains' contracts; they wait for validators, so they are tried again with them
 */
export function nextStep(
  history: readonly Attempt[],
  policy: RetryPolicy,
  random: number,
  contracts: readonly string[] = [],
): NextStep {
  const last = history.at(-1);
  if (last === undefined || last.failures.length === 0) return { kind: "done" };
  const transient = last.failures.filter(({ advice }) => advice.transient);
  if (transient.length === 0) return { kind: "give up", reason: "waiting cures none of these failures" };
  if (history.length >= policy.attempts) return { kind: "give up", reason: `${policy.attempts} attempts were made` };

  const regions = [...new Set(transient.flatMap(({ region }) => region ?? []))];
  const wholeStack = transient.some(({ region }) => region === undefined);
  return {
    kind: "retry",
    delayMs: Math.max(delayOf(history.length, policy, random), askedFor(transient)),
    parallel: parallelAfter(last, policy.parallel),
    ...(wholeStack ? { targets: [] } : { targets: [...targetsFor(regions), ...contracts], regions }),
  };
}

function delayOf(attempts: number, { baseDelayMs, longestDelayMs }: RetryPolicy, random: number): number {
  const whole = Math.min(baseDelayMs * 2 ** (attempts - 1), longestDelayMs);
  return Math.round(whole * (0.5 + random / 2));
}

/** What the messages ask for, up to a limit: Azure's own longest Retry-After is some minutes. */
const LONGEST_ASKED_MS = 900_000;
const askedFor = (failures: readonly FailedResource[]): number =>
  Math.min(LONGEST_ASKED_MS, Math.max(0, ...failures.map(({ retryAfterMs = 0 }) => retryAfterMs)));

function parallelAfter({ parallel, failures }: Attempt, most: number): number {
  const throttled = failures.some(({ advice }) => advice.throttled);
  const wanted = throttled ? Math.floor(parallel / 2) : parallel * 2;
  return Math.min(most, Math.max(Math.min(LEAST_PARALLEL, most), wanted));
}

/** One line of the table at the end: a failure, and whether a later attempt cured it. */
export interface Outcome {
  readonly failure: FailedResource;
  /** Number of the attempt in which it failed last, from 1. */
  readonly attempt: number;
  readonly cured: boolean;
}

/** What became of every resource that failed in any attempt, the uncured first, then by name. */
export function outcomesOf(history: readonly Attempt[]): Outcome[] {
  const latest = new Map<string, Outcome>();
  history.forEach(({ failures }, index) => {
    for (const failure of failures) {
      const later = history.slice(index + 1);
      latest.set(failure.urn, { failure, attempt: index + 1, cured: later.some((each) => covers(each, failure)) });
    }
  });
  return [...latest.values()].sort(
    (a, b) => Number(a.cured) - Number(b.cured) || (a.failure.name < b.failure.name ? -1 : 1),
  );
}

/** Whether everything that ever failed was cured by a later attempt. */
export const allCured = (history: readonly Attempt[]): boolean => outcomesOf(history).every(({ cured }) => cured);

/** Whether an attempt tried a resource: one that it left alone stays failed, although it does not name it again. */
const covers = ({ regions }: Attempt, { region }: FailedResource): boolean =>
  regions === undefined || region === undefined || regions.includes(region);
