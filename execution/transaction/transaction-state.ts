import type { AccountFields as ModifiedFields, StateManagerInterface } from "@ethereumjs/common";
import type { Account, Address } from "@ethereumjs/util";

import { noCode } from "../state/flat-state";
import { keccak256 } from "../state/hash";
import { type Hex, toBytes, toHex, toNumber } from "../state/hex";
import { type AccountFields, LazyAccount } from "./lazy-account";
import type { AccountWrite, StateView, TransactionWrites } from "./state-view";

/** An account as this transaction has left it so far. */
interface Changed {
  balance: bigint | undefined;
  credit: bigint;
  nonce: bigint | undefined;
  codeHash: Hex | undefined;
}

const MOST_WEI = 2n ** 256n - 1n;

/**
 * The state that one transaction works on: its own changes over a {@link StateView}, with a journal that takes them
 * back to a checkpoint. It is EthereumJS's state manager without tries and caches.
 */
export class TransactionState implements StateManagerInterface, AccountFields {
  private accounts = new Map<Hex, Changed>();
  private slots = new Map<Hex, Map<Hex, bigint>>();
  private codes = new Map<Hex, Uint8Array>();
  private undo: (() => void)[] = [];
  private checkpoints: number[] = [];
  /** Awaited before each read: where a test lets another executor go first. */
  pause: (() => Promise<void>) | undefined;

  constructor(private view: StateView) {}

  /** Starts the next transaction. */
  reset(view: StateView): void {
    this.view = view;
    this.accounts = new Map();
    this.slots = new Map();
    this.codes = new Map();
    this.undo = [];
    this.checkpoints = [];
  }

  balance(address: Hex): bigint {
    const changed = this.accounts.get(address);
    return changed?.balance ?? this.view.balance(address) + (changed?.credit ?? 0n);
  }
  nonce(address: Hex): bigint {
    return this.accounts.get(address)?.nonce ?? this.view.nonce(address);
  }
  codeHash(address: Hex): Hex {
    return this.accounts.get(address)?.codeHash ?? this.view.codeHash(address);
  }
  hasStorage(address: Hex): boolean {
    return this.slots.has(address) || this.view.hasStorage(address);
  }

  isEmpty(address: Hex): boolean {
    const changed = this.accounts.get(address);
    if (changed === undefined) return this.view.isEmpty(address);
    const { balance, credit, nonce, codeHash } = changed;
    if ((balance ?? credit) > 0n || (nonce ?? 0n) > 0n || (codeHash ?? noCode) !== noCode) return false;
    if (balance === undefined && nonce === undefined && codeHash === undefined) return this.view.isEmpty(address);
    return this.balance(address) === 0n && this.nonce(address) === 0n && this.codeHash(address) === noCode;
  }

  /**
   * Pays into an account without looking at its balance.
   * @returns whether the balance stays within 256 bits, as far as this transaction knows; the rest is checked when the
   * block is put together
   */
  credit(address: Hex, wei: bigint): boolean {
    const changed = this.change(address);
    if (changed.balance === undefined) changed.credit += wei;
    else if (changed.balance + wei > MOST_WEI) return false;
    else changed.balance += wei;
    return true;
  }

  /** What this transaction changed, and nothing that it took back. */
  writes(): TransactionWrites {
    const accounts = new Map<Hex, AccountWrite>();
    for (const [address, { balance, credit, nonce, codeHash }] of this.accounts) {
      if (balance !== undefined || credit > 0n || nonce !== undefined || codeHash !== undefined)
        accounts.set(address, { balance, credit: credit > 0n ? credit : undefined, nonce, codeHash });
    }
    return { accounts, storage: this.slots, codes: this.codes };
  }

  private change(address: Hex): Changed {
    const before = this.accounts.get(address);
    if (before === undefined) {
      const changed = { balance: undefined, credit: 0n, nonce: undefined, codeHash: undefined };
      this.accounts.set(address, changed);
      this.undo.push(() => this.accounts.delete(address));
      return changed;
    }
    const { balance, credit, nonce, codeHash } = before;
    this.undo.push(() => Object.assign(before, { balance, credit, nonce, codeHash }));
    return before;
  }

  private set(address: Hex, fields: Pick<AccountWrite, "balance" | "nonce" | "codeHash">): void {
    const { balance, nonce, codeHash } = fields;
    if (balance === undefined && nonce === undefined && codeHash === undefined) return;
    const changed = this.change(address);
    if (balance !== undefined) {
      changed.balance = balance;
      changed.credit = 0n;
    }
    if (nonce !== undefined) changed.nonce = nonce;
    if (codeHash !== undefined) changed.codeHash = codeHash;
  }

  // What the EVM asks for.

  async getAccount(address: Address): Promise<Account> {
    await this.pause?.();
    return new LazyAccount(this, address.toString());
  }

  putAccount(address: Address, account?: Account): Promise<void> {
    if (account === undefined) return this.deleteAccount(address);
    if (account instanceof LazyAccount) {
      const { changedBalance, changedNonce, changedCodeHash } = account;
      this.set(address.toString(), { balance: changedBalance, nonce: changedNonce, codeHash: changedCodeHash });
    } else {
      const { balance, nonce, codeHash } = account;
      this.set(address.toString(), { balance, nonce, codeHash: toHex(codeHash) });
    }
    return done;
  }

  deleteAccount(address: Address): Promise<void> {
    const key = address.toString();
    this.set(key, { balance: 0n, nonce: 0n, codeHash: noCode });
    const slots = this.slots.get(key);
    if (slots !== undefined) {
      this.slots.delete(key);
      this.undo.push(() => this.slots.set(key, slots));
    }
    return done;
  }

  modifyAccountFields(address: Address, { balance, nonce, codeHash }: ModifiedFields): Promise<void> {
    this.set(address.toString(), { balance, nonce, codeHash: codeHash === undefined ? undefined : toHex(codeHash) });
    return done;
  }

  putCode(address: Address, code: Uint8Array): Promise<void> {
    const hash = code.length === 0 ? noCode : toHex(keccak256(code));
    this.set(address.toString(), { codeHash: hash });
    if (code.length > 0 && !this.codes.has(hash)) {
      this.codes.set(hash, code);
      this.undo.push(() => this.codes.delete(hash));
    }
    return done;
  }

  async getCode(address: Address): Promise<Uint8Array> {
    await this.pause?.();
    const hash = this.codeHash(address.toString());
    return this.codes.get(hash) ?? this.view.code(hash);
  }

  async getCodeSize(address: Address): Promise<number> {
    return (await this.getCode(address)).length;
  }

  async getStorage(address: Address, key: Uint8Array): Promise<Uint8Array> {
    await this.pause?.();
    const at = address.toString();
    const slot = toHex(key);
    return toBytes(this.slots.get(at)?.get(slot) ?? this.view.storage(at, slot));
  }

  putStorage(address: Address, key: Uint8Array, value: Uint8Array): Promise<void> {
    const at = address.toString();
    const slot = toHex(key);
    let slots = this.slots.get(at);
    if (slots === undefined) {
      slots = new Map();
      this.slots.set(at, slots);
      this.undo.push(() => this.slots.delete(at));
    }
    const [of, before] = [slots, slots.get(slot)];
    this.undo.push(() => (before === undefined ? of.delete(slot) : of.set(slot, before)));
    slots.set(slot, toNumber(value));
    return done;
  }

  /** A new contract: EIP-7610 has refused it where there was storage already. */
  clearStorage(address: Address): Promise<void> {
    if (this.hasStorage(address.toString())) throw new Error(`storage of ${address.toString()} is not empty`);
    return done;
  }

  checkpoint(): Promise<void> {
    this.checkpoints.push(this.undo.length);
    return done;
  }

  commit(): Promise<void> {
    this.checkpoints.pop();
    return done;
  }

  revert(): Promise<void> {
    const to = this.checkpoints.pop() ?? 0;
    while (this.undo.length > to) this.undo.pop()?.();
    return done;
  }

  /** Storage as it was before this transaction, for the gas of a write (EIP-2200). */
  readonly originalStorageCache = {
    get: async (address: Address, key: Uint8Array): Promise<Uint8Array> => {
      await this.pause?.();
      return toBytes(this.view.storage(address.toString(), toHex(key)));
    },
    clear: (): void => undefined,
  };

  clearCaches(): void {
    // There are none.
  }

  // What only whole blocks and tries need; nobody asks here.

  getStateRoot(): Promise<Uint8Array> {
    return notHere("state root");
  }
  setStateRoot(): Promise<void> {
    return notHere("state root");
  }
  hasStateRoot(): Promise<boolean> {
    return notHere("state root");
  }
  shallowCopy(): StateManagerInterface {
    throw new Error("One transaction's state is not copied.");
  }
}

const done = Promise.resolve();
const notHere = (what: string): Promise<never> => Promise.reject(new Error(`One transaction's state has no ${what}.`));
