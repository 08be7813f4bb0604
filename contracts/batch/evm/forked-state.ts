import type { Common } from "@ethereumjs/common";
import { SimpleStateManager } from "@ethereumjs/statemanager";
import { Account, bytesToHex, createAccount, hexToBytes, type Address, type PrefixedHexString } from "@ethereumjs/util";
import { keccak256 } from "viem/utils";

/** Reads the chain's state at one block; what was read once is not asked for again. */
export interface StateReader {
  /** Undefined when there is no such account. */
  account(address: string): Promise<{ balance: bigint; nonce: bigint; code: PrefixedHexString } | undefined>;
  storage(address: string, slot: PrefixedHexString): Promise<PrefixedHexString>;
}

const withoutZeros = (bytes: Uint8Array): Uint8Array => {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? new Uint8Array(0) : bytes.slice(first);
};

/** State of a chain at a block, under what one call changes of it. */
export class ForkedState extends SimpleStateManager {
  constructor(
    common: Common,
    private reader: StateReader,
  ) {
    super({ common });
  }

  /** Forgets all that calls have changed, and reads from a block of its own. */
  begin(reader: StateReader): void {
    this.reader = reader;
    this.accountStack = [];
    this.codeStack = [];
    this.storageStack = [];
    this.checkpointSync();
    this.originalStorageCache.clear();
  }

  override async getAccount(address: Address): Promise<Account | undefined> {
    const key = address.toString();
    const changed = this.topAccountStack();
    if (changed.has(key)) return changed.get(key);
    const found = await this.reader.account(key);
    if (found === undefined) return undefined;
    const { nonce, balance, code } = found;
    return createAccount({ nonce, balance, ...(code !== "0x" && { codeHash: hexToBytes(keccak256(code)) }) });
  }

  override async getCode(address: Address): Promise<Uint8Array> {
    const changed = this.topCodeStack().get(address.toString());
    if (changed !== undefined) return changed;
    return hexToBytes((await this.reader.account(address.toString()))?.code ?? "0x");
  }

  override async getStorage(address: Address, key: Uint8Array): Promise<Uint8Array> {
    const slot = bytesToHex(key);
    const changed = this.topStorageStack().get(`${address.toString()}_${slot}`);
    if (changed !== undefined) return changed;
    return withoutZeros(hexToBytes(await this.reader.storage(address.toString(), slot)));
  }
}
