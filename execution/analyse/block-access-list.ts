import type { Address } from "viem";

import { type BlockAccess, fieldOf, type Place, slotOf, type TransactionAccess } from "./access";
import type { RecordedBlock } from "./recorded";

interface Change {
  /** 0 is what the protocol does before the transactions, 1 the first of them (EIP-7928, blockAccessIndex). */
  readonly txIndex: number;
}

/** An account in a block access list, as Besu 26.4 answers `eth_getBlockAccessList`; what is empty is left out. */
export interface AccountChanges {
  readonly address: Address;
  readonly storageChanges?: readonly { readonly slot: string; readonly changes: readonly Change[] }[];
  /** Slots that were read and that no transaction of the block wrote. */
  readonly storageReads?: readonly string[];
  readonly balanceChanges?: readonly Change[];
  readonly nonceChanges?: readonly Change[];
  readonly codeChanges?: readonly Change[];
}

export interface BlockAccessList {
  readonly accountChanges: readonly AccountChanges[];
}

/** What such a list does not tell. */
export const LIST_CAVEAT =
  "a block access list does not say who read a slot that another transaction wrote: the bound may be too high";

/**
 * The access sets that a block access list (EIP-7928) tells: who wrote what. Who writes a slot has read it. Balances are
 * taken to commute, for a list does not say who looked at one.
 */
export function accessFromList({ block, receipts, accessList }: RecordedBlock): BlockAccess {
  const sets = block.transactions.map(({ from }) => {
    const nonce = fieldOf("nonce", from);
    return { reads: new Set<Place>([nonce]), writes: new Set<Place>([nonce]), adds: new Set<Place>() };
  });
  for (const { address, ...changes } of accessList?.accountChanges ?? []) {
    for (const { slot, changes: writers } of changes.storageChanges ?? []) {
      for (const { txIndex } of writers) {
        sets[txIndex - 1]?.reads.add(slotOf(address, slot));
        sets[txIndex - 1]?.writes.add(slotOf(address, slot));
      }
    }
    for (const { txIndex } of changes.balanceChanges ?? []) sets[txIndex - 1]?.adds.add(fieldOf("balance", address));
    for (const { txIndex } of changes.nonceChanges ?? []) sets[txIndex - 1]?.adds.add(fieldOf("nonce", address));
    for (const { txIndex } of changes.codeChanges ?? []) sets[txIndex - 1]?.writes.add(fieldOf("code", address));
  }
  return {
    number: Number(block.number),
    hash: block.hash,
    caveats: block.transactions.length === 0 ? [] : [LIST_CAVEAT],
    transactions: block.transactions.map(({ hash, from, to }, index): TransactionAccess => {
      const { reads, writes, adds } = sets[index] ?? { reads: new Set(), writes: new Set(), adds: new Set() };
      for (const address of [from, to]) if (address != null) reads.add(fieldOf("code", address));
      const gas = Number(receipts[index]?.gasUsed ?? "0x0");
      return { index, hash, from, to: to ?? undefined, gas, reads, writes, adds, words: [] };
    }),
  };
}
