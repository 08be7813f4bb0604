import type { OperationKind } from "../clock/scheduler";
import table from "./latency.json";
import { normal } from "./seeded";

/** A log-normal duration by its median and 95th percentile, in seconds. */
export interface Spread {
  readonly median: number;
  readonly p95: number;
}

/** Latencies of creation by type token, in place of the table's; `meridian calibrate` writes one. */
export type Profile = Readonly<Record<string, Spread>>;

/** The 95th percentile of the standard normal distribution. */
const z95 = 1.6448536269514722;

/** How long creating a resource of this type takes; the default for a type without observations. */
export const spreadOf = (type: string, profile: Profile = {}): Spread => {
  const types: Readonly<Record<string, Spread>> = table.types;
  return profile[type] ?? types[type] ?? table.default;
};

const factors: Readonly<Record<OperationKind, number>> = {
  create: 1,
  update: table.updateFactor,
  delete: table.deleteFactor,
  read: 0.1,
};

/** Milliseconds that Azure takes to refuse a request. */
export const refusalMs = table.refusalSeconds * 1000;

/**
 * How long an operation takes, in whole milliseconds: log-normal through the type's median and 95th percentile.
 * A pure function of its arguments: the same run with the same seed takes the same time.
 */
export const durationMs = (seed: number, type: string, urn: string, kind: OperationKind, profile?: Profile): number =>
  sampleMs(spreadOf(type, profile), factors[kind], normal(`${seed}/${kind}/${urn}`));

/**
 * One value of a log-normal distribution, in whole milliseconds.
 * @param factor scales the whole distribution, e.g. 0.5 for deletions
 * @param deviation a standard normal value: 0 gives the median, 1.645 the 95th percentile
 */
export const sampleMs = ({ median, p95 }: Spread, factor: number, deviation: number): number =>
  Math.round(median * factor * Math.exp((Math.log(p95 / median) / z95) * deviation) * 1000);
