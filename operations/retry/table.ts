import type { Outcome } from "./attempts";

/** Text table of what failed: where, what, Azure's code, what was done, what to do. Ends with a line break. */
export function formatOutcomes(outcomes: readonly Outcome[]): string {
  const header = ["region", "resource", "code", "what was done", "what to do"];
  const rows = outcomes.map(({ failure, attempt, cured }) => [
    failure.region ?? "all",
    failure.name,
    failure.status === undefined ? failure.code : `${failure.status} ${failure.code}`,
    cured
      ? `cured after attempt ${attempt}`
      : failure.advice.transient
        ? `given up after attempt ${attempt}`
        : "not retried",
    cured ? "nothing" : failure.advice.action,
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [header, ...rows]
    .map(
      (row) =>
        `  ${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}
