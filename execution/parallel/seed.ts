import type { BlockAccessList, BlockInput, Field } from "../block";
import { type SharedBlock, Tx } from "./shared-block";
import { Kind, Versions, VersionState } from "./versions";

const kindOf: Readonly<Record<Field, Kind>> = {
  balance: Kind.balance,
  nonce: Kind.nonce,
  code: Kind.code,
  storage: Kind.storage,
};

/** Puts the transactions of a block where every thread finds them. */
export function putTransactions(block: SharedBlock, { transactions }: BlockInput): void {
  for (const [tx, bytes] of transactions.entries()) {
    const at = block.allocate(bytes.length);
    block.bytes.set(bytes, at);
    block.words[block.tx(tx, Tx.bytes)] = at;
    block.words[block.tx(tx, Tx.byteCount)] = bytes.length;
  }
}

/**
 * Puts what an access list says into the multi-version memory, as if every transaction had been executed: each then
 * finds at once what those before it leave, and none waits. What turns out to be otherwise is corrected as after any
 * execution. A value of code is put only where the code is known, for it cannot be run without.
 */
export function putAccessList(block: SharedBlock, list: BlockAccessList, knowsCode: (hash: bigint) => boolean): void {
  const versions = new Versions(block);
  for (const [tx, accesses] of list.entries()) {
    const written: number[] = [];
    for (const { address, field, slot = "", value } of accesses) {
      if (value === undefined) continue;
      const location = versions.locationOf(kindOf[field], address, slot);
      const isKnown = field !== "code" || knowsCode(value);
      versions.write(location, tx, isKnown ? VersionState.value : VersionState.estimate, value);
      written.push(location);
    }
    versions.setWritten(tx, written);
  }
}
