import type { FlatAccount, StateReader } from "../state/flat-state";
import { noCode } from "../state/flat-state";
import type { Hex } from "../state/hex";

/** What one transaction sees of the state before it. Reads may throw: what they need is not there yet. */
export interface StateView {
  balance(address: Hex): bigint;
  nonce(address: Hex): bigint;
  codeHash(address: Hex): Hex;
  /** Whether there is no such account. Says less than the three above, and so depends on less. */
  isEmpty(address: Hex): boolean;
  storage(address: Hex, slot: Hex): bigint;
  hasStorage(address: Hex): boolean;
  code(hash: Hex): Uint8Array;
}

/** What one transaction changed of an account. */
export interface AccountWrite {
  /** The balance after it, in wei. */
  readonly balance?: bigint | undefined;
  /** Wei that it was paid without anybody having looked at its balance; not beside `balance`. */
  readonly credit?: bigint | undefined;
  readonly nonce?: bigint | undefined;
  readonly codeHash?: Hex | undefined;
}

/** What one transaction changed. */
export interface TransactionWrites {
  readonly accounts: ReadonlyMap<Hex, AccountWrite>;
  readonly storage: ReadonlyMap<Hex, ReadonlyMap<Hex, bigint>>;
  readonly codes: ReadonlyMap<Hex, Uint8Array>;
}

/** A state seen as it is. */
export class PlainView implements StateView {
  constructor(protected readonly state: StateReader) {}

  balance(address: Hex): bigint {
    return this.state.account(address)?.balance ?? 0n;
  }
  nonce(address: Hex): bigint {
    return this.state.account(address)?.nonce ?? 0n;
  }
  codeHash(address: Hex): Hex {
    return this.state.account(address)?.codeHash ?? noCode;
  }
  isEmpty(address: Hex): boolean {
    return this.state.account(address) === undefined;
  }
  storage(address: Hex, slot: Hex): bigint {
    return this.state.storage(address, slot);
  }
  hasStorage(address: Hex): boolean {
    return this.state.hasStorage(address);
  }
  code(hash: Hex): Uint8Array {
    const code = this.state.code(hash);
    if (code === undefined) throw new Error(`no code has the hash ${hash}`);
    return code;
  }
}

const absent: FlatAccount = { balance: 0n, nonce: 0n, codeHash: noCode };

/** An account after a write to it. */
export const written = (before: FlatAccount | undefined, write: AccountWrite): FlatAccount => {
  const { balance, nonce, codeHash } = before ?? absent;
  return {
    balance: (write.balance ?? balance) + (write.credit ?? 0n),
    nonce: write.nonce ?? nonce,
    codeHash: write.codeHash ?? codeHash,
  };
};
