import { durationMs, type Profile } from "../azure/latency";
import type { Graph } from "./graph";

/** The simulated world of one run. */
export interface OperationWorld {
  /** The least that an operation takes, undisturbed by others, in whole milliseconds. */
  shortestMs(operation: number): number;
  /**
   * An operation begins. Called once for each, in the order in which they get their slots, so that the world may keep
   * buckets and locks.
   * @param nowMs virtual time; never less than in the call before
   * @returns how long it holds its slot, in whole milliseconds, at least `shortestMs`
   */
  begin(operation: number, nowMs: number): number;
  /** How many requests were throttled so far. */
  readonly throttles: number;
}

/** A limit of the platform that no number of slots can pass. */
export interface Limit {
  readonly name: string;
  /** No run can be shorter than this, in milliseconds. */
  readonly boundMs: number;
}

/** What decides how long operations take: the seam between the scheduler and Azure. */
export interface OperationModel {
  /** Begins a run; the same seed is the same run. */
  start(seed: number): OperationWorld;
  /** The limits that bound every run of this graph. */
  readonly limits: readonly Limit[];
}

/** The providers whose operations take no time on the clock (rehearsal/providers/random.ts). */
const isInstant = (type: string): boolean => type.startsWith("random:");

/** The rehearsal's own latencies: what an operation takes depends on seed and URN alone, and nothing is throttled. */
export const latencyModel = ({ operations }: Graph, profile?: Profile): OperationModel => {
  // The same runs are simulated with many numbers of slots, and hashing is most of the time.
  const ofSeed = new Map<number, Float64Array>();
  const durationsOf = (seed: number): Float64Array => {
    const known = ofSeed.get(seed);
    if (known !== undefined) return known;
    const durations = Float64Array.from(operations, ({ type, urn }) =>
      isInstant(type) ? 0 : durationMs(seed, type, urn, "create", profile),
    );
    ofSeed.set(seed, durations);
    return durations;
  };
  return {
    limits: [],
    start: (seed) => {
      const durations = durationsOf(seed);
      const duration = (operation: number): number => durations[operation] ?? 0;
      return { shortestMs: duration, begin: duration, throttles: 0 };
    },
  };
};
