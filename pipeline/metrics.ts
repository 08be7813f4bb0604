import { groupBy } from "./group";
import { largest, sum } from "./statistics";
import type { ShardReport } from "./verify";

export const metricNames = ["duration", "efficiency", "utilisation", "balance", "success"] as const;
export type MetricName = (typeof metricNames)[number];

/** A metric that was computed from results. */
export interface Metric {
  readonly name: MetricName;
  /** Seconds for the duration, else a share from 0 to 1; undefined without data: unknown, never 0. */
  readonly value: number | undefined;
  /** Whether it is where it should be; undefined when unknown or without a target. */
  readonly met: boolean | undefined;
}

/** Where a metric should be, as shares, bounds included at the upper end only. */
export const targets: Readonly<Partial<Record<MetricName, { readonly over: number; readonly upTo: number }>>> = {
  efficiency: { over: 0.65, upTo: 1 },
  utilisation: { over: 0.6, upTo: 0.8 },
  balance: { over: 0.75, upTo: 1 },
  success: { over: 0.95, upTo: 1 },
};

const share = (part: number, of: number): number | undefined => (of > 0 ? part / of : undefined);

/**
 * Metrics of a sharded run (docs/pipeline.md has the formulas), m being the shards of the plan.
 *
 * - duration: the longest shard's wall time
 * - efficiency: time of all tests / (m × duration)
 * - utilisation: wall time of all shards / (m × duration), preparation included
 * - balance: mean / longest of the shards' times of tests
 * - success: passed / (passed + failed) tests
 *
 * @param shards of the plan
 */
export function metricsOf(shards: number, reports: readonly ShardReport[]): Metric[] {
  const byShard = [...groupBy(reports, ({ shard }) => shard).values()];
  const complete = shards > 0 && byShard.length === shards;
  const testSeconds = byShard.map((own) => sum(own.flatMap(({ tests }) => tests.map(({ seconds }) => seconds))));
  const walls = byShard.flatMap((own) => {
    const known = own.flatMap(({ wallSeconds }) => (wallSeconds === undefined ? [] : [wallSeconds]));
    return known.length === own.length ? [sum(known)] : [];
  });
  const duration = complete && walls.length === shards ? largest(walls) : undefined;
  const tests = reports.flatMap((report) => report.tests);
  const passed = tests.filter(({ outcome }) => outcome === "passed").length;
  const failed = tests.filter(({ outcome }) => outcome === "failed").length;
  const values: Readonly<Record<MetricName, number | undefined>> = {
    duration,
    efficiency: duration === undefined ? undefined : share(sum(testSeconds), shards * duration),
    utilisation: duration === undefined ? undefined : share(sum(walls), shards * duration),
    balance: complete ? share(sum(testSeconds) / shards, largest(testSeconds)) : undefined,
    success: share(passed, passed + failed),
  };
  return metricNames.map((name) => {
    const [value, target] = [values[name], targets[name]];
    const met = value === undefined || target === undefined ? undefined : value > target.over && value <= target.upTo;
    return { name, value, met };
  });
}
