import { isEmpty, type FlatAccount, type StateChanges, type StateReader } from "./state/flat-state";
import type { Hex } from "./state/hex";
import { type TransactionWrites, written } from "./transaction/state-view";

/** A state with the changes of the transactions so far over it, which stays as it was. */
export class BlockState implements StateReader {
  private readonly accounts = new Map<Hex, FlatAccount | undefined>();
  private readonly slots = new Map<Hex, Map<Hex, bigint>>();
  private readonly codes = new Map<Hex, Uint8Array>();

  constructor(private readonly before: StateReader) {}

  account(address: Hex): FlatAccount | undefined {
    return this.accounts.has(address) ? this.accounts.get(address) : this.before.account(address);
  }
  storage(address: Hex, slot: Hex): bigint {
    return this.slots.get(address)?.get(slot) ?? this.before.storage(address, slot);
  }
  hasStorage(address: Hex): boolean {
    return this.slots.has(address) || this.before.hasStorage(address);
  }
  code(hash: Hex): Uint8Array | undefined {
    return this.codes.get(hash) ?? this.before.code(hash);
  }

  add({ accounts, storage, codes }: TransactionWrites): void {
    for (const [address, write] of accounts) {
      const after = written(this.account(address), write);
      this.accounts.set(address, isEmpty(after) ? undefined : after);
    }
    for (const [address, changed] of storage) {
      let slots = this.slots.get(address);
      if (slots === undefined) this.slots.set(address, (slots = new Map<Hex, bigint>()));
      for (const [slot, value] of changed) slots.set(slot, value);
    }
    for (const [hash, code] of codes) this.codes.set(hash, code);
  }

  changes(): StateChanges {
    return { accounts: this.accounts, storage: this.slots, codes: this.codes };
  }
}
