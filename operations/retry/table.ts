import type { Outcome } from "./attempts";

/** What failed, by row: where, what, Azure's code, what was done, what to do. The first row is the heading. */
export function outcomeRows(outcomes: readonly Outcome[]): string[][] {
  return [
    ["region", "resource", "code", "what was done", "what to do"],
    ...outcomes.map(({ failure, attempt, cured }) => [
      failure.region ?? "all",
      failure.name,
      failure.status === undefined ? failure.code : `${failure.status} ${failure.code}`,
      cured
        ? `cured after attempt ${attempt}`
        : failure.advice.transient
          ? `given up after attempt ${attempt}`
          : "not retried",
      cured ? "nothing" : failure.advice.action,
    ]),
  ];
}
