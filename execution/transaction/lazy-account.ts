import { Account } from "@ethereumjs/util";

import { fromHex, type Hex, toHex } from "../state/hex";

/** The part of {@link TransactionState} that an account reads through. */
export interface AccountFields {
  balance(address: Hex): bigint;
  nonce(address: Hex): bigint;
  codeHash(address: Hex): Hex;
  isEmpty(address: Hex): boolean;
  hasStorage(address: Hex): boolean;
}

/** EthereumJS's mark of an account without storage: the root of an empty trie. */
const emptyRoot = fromHex("0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
const someRoot = new Uint8Array(32).fill(1);

/**
 * An account whose fields are read when the EVM looks at them, not when it loads the account: a call that only runs an
 * account's code has then not read its balance, and does not depend on whoever pays into it.
 */
export class LazyAccount extends Account {
  /** What was assigned; undefined where nothing was. */
  changedBalance: bigint | undefined;
  changedNonce: bigint | undefined;
  changedCodeHash: Hex | undefined;

  constructor(
    private readonly fields: AccountFields,
    private readonly address: Hex,
  ) {
    super(); // eslint-disable-line @typescript-eslint/no-deprecated -- a subclass has no other way
  }

  override get balance(): bigint {
    return this.changedBalance ?? this.fields.balance(this.address);
  }
  override set balance(value: bigint) {
    this.changedBalance = value;
  }

  override get nonce(): bigint {
    return this.changedNonce ?? this.fields.nonce(this.address);
  }
  override set nonce(value: bigint) {
    this.changedNonce = value;
  }

  override get codeHash(): Uint8Array {
    return fromHex(this.changedCodeHash ?? this.fields.codeHash(this.address));
  }
  override set codeHash(value: Uint8Array) {
    this.changedCodeHash = toHex(value);
  }

  /** Only whether there is any: what EIP-7610 asks for when a contract is made. */
  override get storageRoot(): Uint8Array {
    return this.fields.hasStorage(this.address) ? someRoot : emptyRoot;
  }
  override set storageRoot(_value: Uint8Array) {
    throw new Error("A flat state has no storage roots to set.");
  }

  override isEmpty(): boolean {
    return this.changedBalance === undefined && this.changedNonce === undefined && this.changedCodeHash === undefined
      ? this.fields.isEmpty(this.address)
      : this.balance === 0n && this.nonce === 0n && !this.isContract();
  }

  override isContract(): boolean {
    return this.codeHash.some((byte, at) => byte !== noCodeBytes[at]);
  }
}

const noCodeBytes = fromHex("0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
