import { type Address, type Hex, numberToHex, toRlp } from "viem";

import { proposersInTurn } from "../../besu/proposers";
import type { BlockHeader } from "../../operations/exporter/headers";

export const account = (n: number): Address => numberToHex(n, { size: 20 });

/** What is otherwise with a block: who is away in its rounds, or another set of validators from it on. */
export interface Oddity {
  readonly away?: readonly Address[];
  readonly validators?: readonly Address[];
}

/** Headers of a QBFT chain with its genesis block first: whoever is away has its turn, and the next one after it. */
export function qbftChain(
  first: readonly Address[],
  length: number,
  {
    at = {},
    salt = "",
    periodSeconds = 2,
  }: { at?: Record<number, Oddity>; salt?: string; periodSeconds?: number } = {},
): BlockHeader[] {
  let validators = first;
  const chain: BlockHeader[] = [header(0, account(0), validators, 0, 0, salt)];
  for (let number = 1; number < length; number++) {
    const { away = [], validators: changed } = at[number] ?? {};
    validators = changed ?? validators;
    const { proposer: previous, timestampMs } = chain[number - 1]!;
    const turns = proposersInTurn(validators, previous, validators.length);
    const round = turns.findIndex((address) => !away.includes(address));
    const ms = timestampMs + periodSeconds * 1000 + 4000 * (2 ** round - 1);
    chain.push(header(number, turns[round]!, validators, round, ms, salt));
  }
  return chain;
}

const header = (
  number: number,
  proposer: Address,
  validators: readonly Address[],
  round: number,
  timestampMs: number,
  salt: string,
): BlockHeader => ({ number, proposer, validators, round, timestampMs, hash: `0x${salt}${number.toString(16)}` });

/** A header as a node's JSON-RPC tells it. */
export const asBlock = ({ number, hash, timestampMs, proposer, validators, round }: BlockHeader) => ({
  number: numberToHex(number),
  hash,
  timestamp: numberToHex(timestampMs / 1000),
  miner: proposer,
  extraData: toRlp([
    `0x${"00".repeat(32)}`,
    [...validators] as Hex[],
    [],
    round === 0 ? "0x" : numberToHex(round, { size: 4 }),
    [],
  ]),
});
