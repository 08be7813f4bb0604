import type { SimulatedChain } from "./chain";

/** Transactions of each rehearsed block, and of ten how many meet another's changes: made up, for something to show. */
const TRANSACTIONS = 10;
const CONFLICTED = 2;

/** What a validator that executes in parallel answers at `/metrics`, as far as the operations look at it. */
export function metricsOf(chain: SimulatedChain, nowMs: number): string {
  const { number, timestampMs } = chain.head(nowMs);
  const counter = (name: string, value: number) =>
    `# TYPE besu_block_processing_${name} counter\nbesu_block_processing_${name}_total ${value.toFixed(1)}\n`;
  return [
    `# TYPE ethereum_blockchain_height gauge\nethereum_blockchain_height ${number.toFixed(1)}\n`,
    `besu_blockchain_chain_head_timestamp ${Math.floor(timestampMs / 1000).toFixed(1)}\n`,
    counter("parallelized_transactions_counter", number * (TRANSACTIONS - CONFLICTED)),
    counter("conflicted_transactions_counter", number * CONFLICTED),
  ].join("");
}
