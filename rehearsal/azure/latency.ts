import { hash } from "node:crypto";

import type { OperationKind } from "../clock/scheduler";
import table from "./latency.json";

/** A log-normal duration by its median and 95th percentile, in seconds. */
export interface Spread {
  readonly median: number;
  readonly p95: number;
}

/** Latencies of creation by type token, in place of the table's; `meridian calibrate` writes one. */
export type Profile = Readonly<Record<string, Spread>>;

/** The 95th percentile of the standard normal distribution. */
const z95 = 1.6448536269514722;

/**
 * A number in (0, 1) that depends on nothing but its text: the first 53 bits of its SHA-256. In one call and without
 * big integers, since a forecast asks a million times.
 */
const uniform = (text: string): number => {
  const digest = hash("sha256", text, "hex");
  const [high, low] = [parseInt(digest.slice(0, 8), 16), parseInt(digest.slice(8, 16), 16)];
  return (high * 2 ** 21 + (low >>> 11) + 0.5) / 2 ** 53;
};

/** A standard normal value from two uniform ones (Box and Muller, 1958). */
const normal = (text: string): number =>
  Math.sqrt(-2 * Math.log(uniform(`${text}/radius`))) * Math.cos(2 * Math.PI * uniform(`${text}/angle`));

/** The table's entry of a type, or its default. */
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
export const durationMs = (seed: number, type: string, urn: string, kind: OperationKind, profile?: Profile): number => {
  const { median, p95 } = spreadOf(type, profile);
  const sigma = Math.log(p95 / median) / z95;
  return Math.round(median * factors[kind] * Math.exp(sigma * normal(`${seed}/${kind}/${urn}`)) * 1000);
};
