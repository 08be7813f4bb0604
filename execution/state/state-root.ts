import { keccak256, rlp } from "./hash";

import { isEmpty, type FlatAccount, type StateChanges, type StateReader } from "./flat-state";
import { fromHex, type Hex, toBytes, toHex } from "./hex";
import { Trie } from "./trie";

/** The Merkle tries over a {@link StateReader}: told what blocks changed, it gives the state root after them. */
export class StateRoot {
  private readonly accounts = new Trie();
  private readonly storage = new Map<Hex, Trie>();
  private readonly hashes = new Map<Hex, Uint8Array>();

  /** @param state as it is after the changes */
  apply(changes: StateChanges, state: StateReader): void {
    for (const [address, slots] of changes.storage) {
      let trie = this.storage.get(address);
      if (trie === undefined) this.storage.set(address, (trie = new Trie()));
      for (const [slot, value] of slots) trie.set(this.hashOf(slot), value === 0n ? none : rlp(toBytes(value)));
    }
    for (const address of new Set([...changes.accounts.keys(), ...changes.storage.keys()])) {
      const account = state.account(address);
      if (account === undefined) this.storage.delete(address);
      this.accounts.set(this.hashOf(address), this.encoded(address, account));
    }
  }

  root(): Hex {
    return toHex(this.accounts.root());
  }

  private encoded(address: Hex, account: FlatAccount | undefined): Uint8Array {
    if (account === undefined || isEmpty(account)) return none;
    const storageRoot = (this.storage.get(address) ?? new Trie()).root();
    return rlp([toBytes(account.nonce), toBytes(account.balance), storageRoot, fromHex(account.codeHash)]);
  }

  /** Keys come back, block after block. */
  private hashOf(key: Hex): Uint8Array {
    let hash = this.hashes.get(key);
    if (hash === undefined) {
      if (this.hashes.size >= MOST_HASHES) this.hashes.clear();
      this.hashes.set(key, (hash = keccak256(fromHex(key))));
    }
    return hash;
  }
}

const none = new Uint8Array(0);
const MOST_HASHES = 200_000;
