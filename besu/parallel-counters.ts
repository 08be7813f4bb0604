/**
 * Besu's counters of parallel execution (MainnetParallelBlockProcessor, 26.4), as its Prometheus endpoint names them. A
 * node that executes one after the other has neither. They count since the node's start.
 */
const PARALLELISED = "besu_block_processing_parallelized_transactions_counter_total";
const CONFLICTED = "besu_block_processing_conflicted_transactions_counter_total";

/** How a node executes its blocks. */
export interface ParallelCounters {
  /** Whether it executes in parallel at all. */
  readonly on: boolean;
  /** Transactions whose parallel result was taken. */
  readonly parallelized: number;
  /** Transactions that were executed again, one after the other, because they met another's changes. */
  readonly conflicted: number;
}

/**
 * Reads the counters from what a Besu node answers at `/metrics`.
 *
 * @param text Prometheus' text format, 0.0.4
 * @returns undefined for a text without one metric: whatever answered is no Besu
 */
export function parallelCounters(text: string): ParallelCounters | undefined {
  const values = new Map<string, number>();
  let metrics = 0;
  for (const line of text.split("\n")) {
    const [, name, value] = /^([a-zA-Z_:][\w:]*)(?:\{.*\})?\s+(\S+)/.exec(line) ?? [];
    if (name === undefined || !Number.isFinite(Number(value))) continue;
    metrics += 1;
    if (name === PARALLELISED || name === CONFLICTED) values.set(name, (values.get(name) ?? 0) + Number(value));
  }
  if (metrics === 0) return undefined;
  return {
    on: values.size > 0,
    parallelized: values.get(PARALLELISED) ?? 0,
    conflicted: values.get(CONFLICTED) ?? 0,
  };
}

/** Of several nodes together; undefined of none. */
export function sumCounters(all: readonly ParallelCounters[]): ParallelCounters | undefined {
  if (all.length === 0) return undefined;
  return {
    on: all.some(({ on }) => on),
    parallelized: all.reduce((sum, one) => sum + one.parallelized, 0),
    conflicted: all.reduce((sum, one) => sum + one.conflicted, 0),
  };
}
