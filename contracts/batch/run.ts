import type { Abi, AbiFunction, Address } from "viem";
import type { Executor, PreparedCall } from "./executor";
import type { BatchItem } from "./item";
import { judge } from "./judge";
import type { BatchSummary, ReportHeader } from "./report";
import { encodeCall } from "./signature";
import type { Sink } from "./sinks/sink";
import { Tally } from "./tally";

/** A batch that was understood, and everything that runs it. One call is a batch of one. */
export interface BatchRun {
  readonly header: ReportHeader;
  readonly address: Address;
  readonly fn: AbiFunction;
  /** Of the contract, for decoding its errors; may be empty. */
  readonly abi: Abi;
  readonly items: readonly BatchItem[];
  /** Quantity of the block that items without one see. */
  readonly block: string;
  readonly executor: Executor;
  readonly sinks: readonly Sink[];
  /** Stop after the first item that did not pass. */
  readonly failFast: boolean;
}

/** The calls, made as they are taken, so that few exist at a time. */
function* callsOf({ items, fn, address, block }: BatchRun): Generator<PreparedCall, undefined> {
  for (const { args, from, value, block: own } of items) {
    yield { to: address, data: encodeCall(fn, args), from, value, block: own ?? block };
  }
}

/**
 * Runs a batch: every item takes the same path, whatever the transport, and its result goes to the sinks in the order
 * of the file.
 */
export async function runBatch(run: BatchRun): Promise<BatchSummary> {
  const { items, fn, abi, executor, sinks, header } = run;
  const tally = new Tally(items.length);
  for (const sink of sinks) sink.begin(header, items.length);
  const began = performance.now();
  let next = 0;
  for await (const outcome of executor.execute(callsOf(run))) {
    const item = items[next++];
    if (item === undefined) break;
    const result = judge(fn, abi, item, outcome);
    tally.add(result);
    for (const sink of sinks) sink.item(result);
    if (run.failFast && !result.passed) break;
  }
  const summary = tally.summary(performance.now() - began);
  for (const sink of sinks) sink.end(summary);
  return summary;
}
