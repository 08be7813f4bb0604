import type { ArmRefusal } from "../azure/arm";

/** The end of an operation whose duration follows from what else goes on. */
export interface OpenEnd {
  readonly operation: number;
  /** Virtual time, in whole milliseconds. */
  readonly endMs: number;
}

/** The simulated world of one run. */
export interface OperationWorld {
  /** The least that an operation takes, undisturbed by others, in whole milliseconds. */
  shortestMs(operation: number): number;
  /**
   * An operation begins. Called once for each, in the order in which they get their slots, so that the world may keep
   * buckets and locks.
   * @param nowMs virtual time; never less than in the call before
   * @returns how long it holds its slot, in whole milliseconds; undefined while that is open: `nextEnd` tells it
   */
  begin(operation: number, nowMs: number): number | undefined;
  /** The earliest open end up to `limitMs`; the same until that operation is completed. @default none is open */
  nextEnd?(limitMs: number): OpenEnd | undefined;
  /** Takes an operation that `nextEnd` told out of the world. @returns what it failed with; undefined for success */
  complete?(operation: number): ArmRefusal | undefined;
  /** How many requests were throttled so far. */
  readonly throttles: number;
}

/** A limit of the platform that no number of slots can pass. */
export interface Limit {
  readonly name: string;
  /** Requests that every run makes of it. */
  readonly requests: number;
  /** How many it lets through at once. */
  readonly capacity: number;
  /** No run can be shorter than this, in milliseconds; 0 when all of them are let through at once. */
  readonly boundMs: number;
}

/** What decides how long operations take: the seam between the scheduler and Azure. */
export interface OperationModel {
  /** Begins a run; the same seed is the same run. */
  start(seed: number): OperationWorld;
  /** The limits that bound every run of this graph. */
  readonly limits: readonly Limit[];
}
