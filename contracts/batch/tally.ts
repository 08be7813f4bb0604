import { roundedMs } from "./judge";
import type { BatchSummary, ItemResult } from "./report";

/** Counts results as they pass; keeps eight bytes of each. */
export class Tally {
  private readonly counts = { passed: 0, failed: 0, error: 0 };
  private readonly durations: Float64Array;
  private seen = 0;

  /** @param total items that are to run */
  constructor(private readonly total: number) {
    this.durations = new Float64Array(total);
  }

  add({ status, duration_ms }: Pick<ItemResult, "status" | "duration_ms">): void {
    this.counts[status] += 1;
    this.durations[this.seen++] = duration_ms;
  }

  /** @param wallMs from the first request to the last answer */
  summary(wallMs: number): BatchSummary {
    const { passed, failed, error: errors } = this.counts;
    const sorted = this.durations.slice(0, this.seen).sort();
    return {
      total: this.total,
      passed,
      failed,
      errors,
      not_run: this.total - this.seen,
      total_duration_ms: roundedMs(wallMs),
      summed_duration_ms: roundedMs(sorted.reduce((sum, each) => sum + each, 0)),
      p50_ms: percentile(sorted, 0.5),
      p95_ms: percentile(sorted, 0.95),
    };
  }
}

/** The nearest-rank percentile of sorted numbers; null of none. */
export const percentile = (sorted: ArrayLike<number>, part: number): number | null =>
  sorted[Math.max(Math.ceil(sorted.length * part) - 1, 0)] ?? null;
