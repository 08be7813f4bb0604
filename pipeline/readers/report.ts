import type { Observation } from "../history";

export type Outcome = Observation["outcome"];

/** One thing that a report tells of; what the report does not know is left to whoever reads it. */
export interface Entry {
  readonly kind: Observation["kind"];
  readonly name: string;
  readonly seconds: number;
  readonly outcome: Outcome;
  /** Names of the tests of a file that failed. */
  readonly failed?: readonly string[];
  /** ISO time. */
  readonly at?: string;
  readonly run?: string;
  readonly attempt?: number;
  readonly commit?: string;
}

/** What a file of results holds. */
export interface Report {
  readonly entries: readonly Entry[];
  /** From the first moment to the last, in seconds; undefined when the file does not say. */
  readonly wallSeconds?: number | undefined;
}

/** The outcome of several: failed if one failed, skipped if none ran. */
export const outcomeOf = (outcomes: readonly Outcome[]): Outcome =>
  outcomes.includes("failed") ? "failed" : outcomes.includes("passed") ? "passed" : "skipped";
