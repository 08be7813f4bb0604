import type { BlockResult, Log, TransactionOutcome } from "./block";
import { InvalidBlockError } from "./block";
import { keccak256, rlp } from "./state/hash";
import { type Hex, toBytes, toHex } from "./state/hex";
import { Trie } from "./state/trie";

const known = new Map<string, readonly number[]>();

/** The three bits of a bloom filter that an item sets (yellow paper, 4.3.1); items come back, transaction after transaction. */
function bitsOf(item: Uint8Array): readonly number[] {
  const key = toHex(item);
  let bits = known.get(key);
  if (bits === undefined) {
    const hash = keccak256(item);
    bits = [0, 2, 4].map((at) => (((hash[at] ?? 0) << 8) | (hash[at + 1] ?? 0)) & 2047);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(key, bits);
  }
  return bits;
}
const MOST_KNOWN = 50_000;

/** The bloom filter of a transaction's logs; 256 bytes. */
export function bloomOf(logs: readonly Log[]): Uint8Array {
  const bloom = new Uint8Array(256);
  for (const { address, topics } of logs)
    for (const item of [address, ...topics])
      for (const bit of bitsOf(item)) bloom[255 - (bit >> 3)] = (bloom[255 - (bit >> 3)] ?? 0) | (1 << (bit & 7));
  return bloom;
}

/**
 * Puts outcomes, in order of their transactions, together to the block's result.
 * @param gasLimits of the transactions: what is left of the block must cover each
 * @throws {InvalidBlockError}
 */
export function assemble(
  outcomes: readonly TransactionOutcome[],
  gasLimits: readonly bigint[],
  blockGasLimit: bigint,
): BlockResult {
  let gasUsed = 0n;
  for (const [index, outcome] of outcomes.entries()) {
    if ((gasLimits[index] ?? 0n) > blockGasLimit - gasUsed)
      throw new InvalidBlockError(index, "its gas limit is above what is left of the block's");
    gasUsed += outcome.gasUsed;
  }
  return { outcomes, gasUsed };
}

/** Root of the trie of a block's receipts (yellow paper, 4.3.1); 32 bytes. */
export function receiptsRootOf(outcomes: readonly TransactionOutcome[]): Hex {
  const receipts = new Trie();
  let gasUsed = 0n;
  for (const [index, { type, succeeded, gasUsed: used, bloom, logs }] of outcomes.entries()) {
    gasUsed += used;
    const body = rlp([
      succeeded ? one : none,
      toBytes(gasUsed),
      bloom,
      logs.map(({ address, topics, data }) => [address, topics, data]),
    ]);
    receipts.set(rlp(toBytes(BigInt(index))), type === 0 ? body : Uint8Array.of(type, ...body));
  }
  return toHex(receipts.root());
}

const one = Uint8Array.of(1);
const none = new Uint8Array(0);
