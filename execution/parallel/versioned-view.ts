import type { Field } from "../block";
import { noCode, type StateReader } from "../state/flat-state";
import { type Hex, toNumber, fromHex } from "../state/hex";
import type { StateView, TransactionWrites } from "../transaction/state-view";
import { type SharedBlock, Tx, Word } from "./shared-block";
import { lock, unlock } from "./mutex";
import { type Found, Kind, putValue, valueAt, type Versions, VersionState } from "./versions";

/** What is needed is written by an earlier transaction that has not been executed (again) yet. */
export class BlockedError extends Error {
  override readonly name = "BlockedError";
  constructor(readonly by: number) {
    super();
  }
}

/** Reads that are forgotten: what a test breaks to see that it is noticed. */
export type Untracked = ReadonlySet<Field>;

/** One read: what kind, of what, what came of it. Nine numbers of 64 bits in shared memory. */
const READ_NUMBERS = 9;
const VALUE_READ = 0n;
const EMPTY_READ = 1n;

const noCodeNumber = BigInt(noCode);

/**
 * What one transaction sees of the state: the versions of those before it, over the state before the block. It notes
 * what it read, so that the reads can be made again later, by any thread, and compared.
 */
export class VersionedView implements StateView {
  private tx = 0;
  private values = new Map<number, bigint>();
  private reads = new BigUint64Array(64 * READ_NUMBERS);
  private readCount = 0;
  /** Code made in this block, once seen. */
  private readonly codes = new Map<Hex, Uint8Array>();

  constructor(
    private readonly block: SharedBlock,
    private readonly versions: Versions,
    private readonly before: StateReader,
    private readonly untracked: Untracked,
  ) {}

  begin(tx: number): void {
    this.tx = tx;
    this.values = new Map();
    this.readCount = 0;
  }

  balance(address: Hex): bigint {
    return this.read(Kind.balance, address, "", () => this.before.account(address)?.balance ?? 0n);
  }
  nonce(address: Hex): bigint {
    return this.read(Kind.nonce, address, "", () => this.before.account(address)?.nonce ?? 0n);
  }
  codeHash(address: Hex): Hex {
    const hash = this.read(Kind.code, address, "", () => BigInt(this.before.account(address)?.codeHash ?? noCode));
    return `0x${hash.toString(16).padStart(64, "0")}`;
  }
  storage(address: Hex, slot: Hex): bigint {
    return this.read(Kind.storage, address, slot, () => this.before.storage(address, slot));
  }

  /** Before the block; within it, what writes storage has a nonce or code, by which EIP-7610 judges first. */
  hasStorage(address: Hex): boolean {
    return this.before.hasStorage(address);
  }

  code(hash: Hex): Uint8Array {
    let code = this.before.code(hash) ?? this.codes.get(hash);
    if (code === undefined) {
      code = this.findCode(hash);
      this.codes.set(hash, code);
    }
    return code;
  }

  /** Notes the answer alone, not what it follows from: paying into an account that is there changes nothing. */
  isEmpty(address: Hex): boolean {
    const account = this.before.account(address);
    const [balance, nonce, code] = ([Kind.balance, Kind.nonce, Kind.code] as const).map((kind) =>
      this.versions.locationOf(kind, address, ""),
    ) as [number, number, number];
    const values: [number, bigint][] = [
      [balance, account?.balance ?? 0n],
      [nonce, account?.nonce ?? 0n],
      [code, account === undefined ? noCodeNumber : BigInt(account.codeHash)],
    ];
    const answer = values.every(
      ([location, value]) => this.valueOf(this.find(location), value) === (location === code ? noCodeNumber : 0n),
    );
    if (!this.untracked.has("balance") || !this.untracked.has("nonce")) {
      const bits = values.reduce(
        (sum, [location, value], at) => (value === (location === code ? noCodeNumber : 0n) ? sum : sum | (1 << at)),
        0,
      );
      const at = this.nextRead();
      this.reads.set([EMPTY_READ, BigInt(balance), BigInt(nonce), BigInt(code), BigInt(bits), answer ? 1n : 0n], at);
    }
    return answer;
  }

  /** Keeps the reads where every thread can check them. */
  publishReads(): void {
    const numbers = this.readCount * READ_NUMBERS;
    const at = this.block.allocate(numbers * 8) / 8;
    this.block.values.set(this.reads.subarray(0, numbers), at);
    this.block.words[this.block.tx(this.tx, Tx.reads)] = at;
    this.block.words[this.block.tx(this.tx, Tx.readCount)] = this.readCount;
  }

  /**
   * Puts what the transaction wrote where those after it find it.
   * @returns whether there is something that they did not know
   */
  publishWrites({ accounts, storage, codes }: TransactionWrites): boolean {
    const { versions, tx } = this;
    for (const [hash, code] of codes) this.publishCode(hash, code);
    let changed = false;
    const now: number[] = [];
    const put = (location: number, state: VersionState, value: bigint): void => {
      if (state === VersionState.value && this.values.get(location) === value) return; // as it was: nobody is disturbed
      now.push(location);
      changed = versions.write(location, tx, state, value) || changed;
    };
    for (const [address, { balance, credit, nonce, codeHash }] of accounts) {
      if (balance !== undefined) put(versions.locationOf(Kind.balance, address, ""), VersionState.value, balance);
      if (credit !== undefined) put(versions.locationOf(Kind.balance, address, ""), VersionState.credit, credit);
      if (nonce !== undefined) put(versions.locationOf(Kind.nonce, address, ""), VersionState.value, nonce);
      if (codeHash !== undefined)
        put(versions.locationOf(Kind.code, address, ""), VersionState.value, BigInt(codeHash));
    }
    for (const [address, slots] of storage) {
      for (const [slot, value] of slots)
        put(versions.locationOf(Kind.storage, address, slot), VersionState.value, value);
    }
    const announced = (this.block.words[this.block.tx(tx, Tx.announced)] ?? 0) - 1;
    for (const location of [...versions.written(tx), ...(announced < 0 ? [] : [announced])])
      if (!now.includes(location)) changed = versions.write(location, tx, VersionState.none, 0n) || changed;
    versions.setWritten(tx, now);
    return changed;
  }

  private read(kind: Kind, address: Hex, slot: Hex | "", before: () => bigint): bigint {
    const location = this.versions.locationOf(kind, address, slot);
    const known = this.values.get(location);
    if (known !== undefined) return known; // a transaction sees one state, whatever happens meanwhile
    const found = this.find(location);
    const base = before();
    const value = this.valueOf(found, base);
    this.values.set(location, value);
    if (this.untracked.size > 0 && this.untracked.has(fieldOf[kind])) return value;
    const at = this.nextRead();
    this.reads[at] = (BigInt(location) << 1n) | VALUE_READ;
    putValue(this.reads, at + 1, value);
    putValue(this.reads, at + 5, base);
    return value;
  }

  /** Where the next read goes. */
  private nextRead(): number {
    const at = this.readCount++ * READ_NUMBERS;
    if (at === this.reads.length) {
      const longer = new BigUint64Array(at * 2);
      longer.set(this.reads);
      this.reads = longer;
    }
    return at;
  }

  private valueOf({ isRelative, total }: Found, base: bigint): bigint {
    return isRelative ? base + total : total;
  }

  /** @throws {BlockedError} */
  private find(location: number): Found {
    const found = this.versions.find(location, this.tx);
    if (typeof found === "number") throw new BlockedError(found);
    return found;
  }

  private publishCode(hash: Hex, code: Uint8Array): void {
    const { block } = this;
    const at = block.allocate(40 + code.length);
    const words = at / 4;
    block.bytes.set(fromHex(hash), at);
    block.words[words + 8] = code.length;
    block.bytes.set(code, at + 40);
    lock(block.words, Word.tableLock, Word.stop);
    block.words[words + 9] = Atomics.load(block.words, Word.codeList);
    Atomics.store(block.words, Word.codeList, words);
    unlock(block.words, Word.tableLock);
  }

  private findCode(hash: Hex): Uint8Array {
    for (const [found, code] of codesOf(this.block)) if (found === toNumber(fromHex(hash))) return code;
    throw new Error(`no code has the hash ${hash}`);
  }
}

/** Code that transactions of the block have made, by its hash. */
export function* codesOf({ words, bytes }: SharedBlock): Generator<[hash: bigint, code: Uint8Array]> {
  for (let at = Atomics.load(words, Word.codeList); at !== 0; at = words[at + 9] ?? 0) {
    const start = at * 4;
    yield [toNumber(bytes.slice(start, start + 32)), bytes.slice(start + 40, start + 40 + (words[at + 8] ?? 0))];
  }
}

const fieldOf: Readonly<Record<Kind, Field>> = { 1: "balance", 2: "nonce", 3: "code", 4: "storage" };

/**
 * Whether a transaction would read now what it read: by value, so that a write of the same value disturbs nobody.
 * Knows nothing but shared memory, so that any thread can judge any transaction.
 */
export function isValid(block: SharedBlock, versions: Versions, tx: number): boolean {
  const { values, words } = block;
  let at = words[block.tx(tx, Tx.reads)] ?? 0;
  const end = at + (words[block.tx(tx, Tx.readCount)] ?? 0) * READ_NUMBERS;
  for (; at < end; at += READ_NUMBERS) {
    const head = values[at] ?? 0n;
    if ((head & 1n) === EMPTY_READ) {
      const bits = Number(values[at + 4]);
      const isEmpty = [0, 1, 2].map((field): boolean | undefined => {
        const found = versions.find(Number(values[at + 1 + field]), tx);
        if (typeof found === "number") return undefined;
        const hasBase = (bits & (1 << field)) !== 0;
        if (found.isRelative) return !hasBase && found.total === 0n;
        return found.total === (field === 2 ? noCodeNumber : 0n);
      });
      if (isEmpty.includes(undefined)) return false;
      if (isEmpty.every(Boolean) !== (values[at + 5] === 1n)) return false;
      continue;
    }
    const found = versions.find(Number(head >> 1n), tx);
    if (typeof found === "number") return false;
    if (found.isRelative) {
      if (valueAt(values, at + 1) !== valueAt(values, at + 5) + found.total) return false;
    } else if (valueAt(values, at + 1) !== found.total) return false;
  }
  return true;
}
