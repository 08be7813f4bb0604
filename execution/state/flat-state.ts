import { keccak256 } from "./hash";

import { type Hex, toHex } from "./hex";

/** An account without its storage. */
export interface FlatAccount {
  readonly balance: bigint;
  readonly nonce: bigint;
  /** Keccak-256 of the code; {@link noCode} where there is none. */
  readonly codeHash: Hex;
}

/** Keccak-256 of nothing. */
export const noCode: Hex = "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";

/** What a block changed: the values after it. */
export interface StateChanges {
  /** Undefined: the account is gone, its storage with it. */
  readonly accounts: ReadonlyMap<Hex, FlatAccount | undefined>;
  /** By address and slot of 32 bytes; 0 removes. */
  readonly storage: ReadonlyMap<Hex, ReadonlyMap<Hex, bigint>>;
  readonly codes: ReadonlyMap<Hex, Uint8Array>;
}

const empty = new Uint8Array(0);

/** What is read by executing code; the values before a block. */
export interface StateReader {
  account(address: Hex): FlatAccount | undefined;
  /** 0 for a slot that was never written. */
  storage(address: Hex, slot: Hex): bigint;
  hasStorage(address: Hex): boolean;
  /** Undefined for a hash that nobody has put. */
  code(hash: Hex): Uint8Array | undefined;
}

/**
 * The state of a chain in maps, without a trie: a read is one look-up. There are no empty accounts (EIP-161).
 */
export class FlatState implements StateReader {
  readonly accounts = new Map<Hex, FlatAccount>();
  readonly slots = new Map<Hex, Map<Hex, bigint>>();
  readonly codes = new Map<Hex, Uint8Array>([[noCode, empty]]);

  account(address: Hex): FlatAccount | undefined {
    return this.accounts.get(address);
  }

  storage(address: Hex, slot: Hex): bigint {
    return this.slots.get(address)?.get(slot) ?? 0n;
  }

  hasStorage(address: Hex): boolean {
    return this.slots.has(address);
  }

  code(hash: Hex): Uint8Array | undefined {
    return this.codes.get(hash);
  }

  /** Puts an account of a genesis. */
  put(address: Hex, given: { balance?: bigint; nonce?: bigint; code?: Uint8Array; storage?: Iterable<[Hex, bigint]> }) {
    const { balance = 0n, nonce = 0n, code = empty, storage = [] } = given;
    const codeHash = code.length === 0 ? noCode : toHex(keccak256(code));
    this.apply({
      accounts: new Map([[address, { balance, nonce, codeHash }]]),
      storage: new Map([[address, new Map(storage)]]),
      codes: new Map([[codeHash, code]]),
    });
  }

  apply({ accounts, storage, codes }: StateChanges): void {
    for (const [hash, code] of codes) if (!this.codes.has(hash)) this.codes.set(hash, code);
    for (const [address, account] of accounts) {
      if (account === undefined || isEmpty(account)) {
        this.accounts.delete(address);
        this.slots.delete(address);
      } else this.accounts.set(address, account);
    }
    for (const [address, changed] of storage) {
      let slots = this.slots.get(address);
      for (const [slot, value] of changed) {
        if (value === 0n) slots?.delete(slot);
        else {
          if (slots === undefined) this.slots.set(address, (slots = new Map<Hex, bigint>()));
          slots.set(slot, value);
        }
      }
      if (slots?.size === 0) this.slots.delete(address);
    }
  }

  /** All of it, as changes of a state with nothing in it. */
  snapshot(): StateChanges {
    return { accounts: this.accounts, storage: this.slots, codes: this.codes };
  }
}

/** As EIP-161 defines it: such an account does not exist. */
export const isEmpty = ({ balance, nonce, codeHash }: FlatAccount): boolean =>
  balance === 0n && nonce === 0n && codeHash === noCode;
