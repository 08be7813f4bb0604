import { formatDuration, kindOf, kindNames, nameOf, typeOf } from "./format";
import { spentMs } from "./parts";
import type { Operation } from "./report-data";

/** What the search looks at, in lower case. */
const textOf = (operation: Operation, critical: boolean): string =>
  [
    nameOf(operation.urn),
    typeOf(operation.urn),
    kindNames[kindOf(operation.urn)],
    operation.kind,
    operation.outcome,
    operation.errorCode ?? "",
    ...(operation.faults ?? []),
    operation.faults === undefined ? "" : "fault",
    operation.throttled === undefined ? "" : "throttled",
    critical ? "critical" : "",
  ]
    .join(" ")
    .toLowerCase();

/**
 * Indexes of the operations in which every word of the query occurs: in name, type, kind, outcome, error code or faults,
 * or `throttled`, `fault`, `critical`. An empty query finds all.
 */
export const find = (operations: readonly Operation[], query: string, critical: ReadonlySet<number>): number[] => {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return operations.flatMap((operation, index) => {
    const text = textOf(operation, critical.has(index));
    return words.every((word) => text.includes(word)) ? [index] : [];
  });
};

/** The columns by which operations are listed; names begin with the region. */
export const columns = ["name", "work", "begins", "waits", "throttled", "result", "kind", "operation"] as const;
export type Column = (typeof columns)[number];

/** How an operation ended, in words. */
export const resultOf = ({ outcome, errorCode }: Operation): string =>
  errorCode === undefined ? outcome : `${outcome}: ${errorCode}`;

/** What a column holds: a number of milliseconds, or text. */
export const valueOf = (operation: Operation, column: Column): number | string => {
  switch (column) {
    case "name":
      return nameOf(operation.urn);
    case "kind":
      return kindNames[kindOf(operation.urn)];
    case "operation":
      return operation.kind;
    case "begins":
      return operation.startMs;
    case "work":
      return operation.workMs;
    case "waits":
      return spentMs(operation, "queued") + spentMs(operation, "blocked");
    case "throttled":
      return spentMs(operation, "throttled");
    case "result":
      return resultOf(operation);
  }
};

/** What stands in a cell. */
export const cellOf = (operation: Operation, column: Column): string => {
  const value = valueOf(operation, column);
  if (typeof value === "string") return value;
  return value === 0 && (column === "waits" || column === "throttled") ? "–" : formatDuration(value);
};

/** Indexes in the order of a column; equal ones keep the order of `indexes`. */
export const sortBy = (
  operations: readonly Operation[],
  indexes: readonly number[],
  column: Column,
  direction: "ascending" | "descending",
): number[] => {
  const sign = direction === "ascending" ? 1 : -1;
  const keyed = indexes.flatMap((index) => {
    const operation = operations[index];
    return operation === undefined ? [] : [{ index, value: valueOf(operation, column) }];
  });
  keyed.sort((a, b) => (a.value < b.value ? -sign : a.value > b.value ? sign : 0));
  return keyed.map(({ index }) => index);
};
