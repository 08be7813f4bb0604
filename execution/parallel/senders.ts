import type { TypedTransaction } from "@ethereumjs/tx";
import type { Common } from "@ethereumjs/common";
import { Address } from "@ethereumjs/util";

import { decodeTransaction } from "../transaction/sender";
import { type SharedBlock, Tx } from "./shared-block";
import { Kind, type Versions, VersionState } from "./versions";

const Recovery = { none: 0, claimed: 1, done: 2, failed: 3 } as const;
const NAP_MS = 5;

/**
 * Senders of a block's transactions. Recovering one from its signature is a fair part of a transaction's work, and
 * depends on nothing: a thread without other work does it for those that come next.
 */
export class Senders {
  private readonly decoded = new Map<number, TypedTransaction>();

  constructor(
    private readonly block: SharedBlock,
    private readonly versions: Versions,
    private readonly common: Common,
  ) {}

  /** Recovers the sender of a transaction, unless some thread has begun to. */
  recover(tx: number): void {
    const { words } = this.block;
    const at = this.block.tx(tx, Tx.senderState);
    if (Atomics.compareExchange(words, at, Recovery.none, Recovery.claimed) !== Recovery.none) return;
    let state: number = Recovery.failed;
    try {
      const sender = this.transaction(tx).getSenderAddress();
      this.block.bytes.set(sender.bytes, this.block.tx(tx, Tx.sender) * 4);
      this.announce(tx, sender);
      state = Recovery.done;
    } catch (error) {
      this.block.throwIfStopped();
      if (!(error instanceof Error)) throw error;
    } finally {
      Atomics.store(words, at, state);
      Atomics.notify(words, at);
    }
  }

  /** A transaction with its sender. @throws Error that says why it has none */
  of(tx: number): { readonly transaction: TypedTransaction; readonly sender: Address } {
    const { words } = this.block;
    const at = this.block.tx(tx, Tx.senderState);
    this.recover(tx);
    for (let state = Atomics.load(words, at); state === Recovery.claimed; state = Atomics.load(words, at)) {
      this.block.throwIfStopped();
      Atomics.wait(words, at, Recovery.claimed, NAP_MS);
    }
    const transaction = this.transaction(tx);
    if (Atomics.load(words, at) === Recovery.failed) return { transaction, sender: transaction.getSenderAddress() };
    const from = this.block.tx(tx, Tx.sender) * 4;
    return { transaction, sender: new Address(this.block.bytes.slice(from, from + 20)) };
  }

  private transaction(tx: number): TypedTransaction {
    let transaction = this.decoded.get(tx);
    if (transaction === undefined) {
      const from = this.block.words[this.block.tx(tx, Tx.bytes)] ?? 0;
      const count = this.block.words[this.block.tx(tx, Tx.byteCount)] ?? 0;
      transaction = decodeTransaction(this.block.bytes.slice(from, from + count), this.common);
      this.decoded.set(tx, transaction);
    }
    return transaction;
  }

  /** The next transaction of the same sender waits for this one, in place of finding out too late. */
  private announce(tx: number, sender: Address): void {
    const nonce = this.versions.locationOf(Kind.nonce, sender.toString(), "");
    if (this.versions.written(tx).includes(nonce)) return; // the access list says its value
    this.versions.write(nonce, tx, VersionState.estimate, 0n);
    this.block.words[this.block.tx(tx, Tx.announced)] = nonce + 1;
  }
}
