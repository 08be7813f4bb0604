import { GivenUpError } from "./mutex";

/** The shared memory of a block is full; a larger one is needed. */
export class StoreFullError extends Error {
  override readonly name = "StoreFullError";
}

/** Sizes of a block's shared memory, in pieces. */
export interface Capacity {
  readonly transactions: number;
  /** Things of the state that the transactions read or write; a power of two. */
  readonly locations: number;
  /** Values written, over all transactions. */
  readonly versions: number;
  /** Bytes for transactions, read sets, results and code. */
  readonly heapBytes: number;
}

/** Words of the header, by what they hold. */
export const Word = {
  schedulerLock: 0,
  tableLock: 1,
  heapLock: 2,
  /** Not 0: the block is given up. */
  stop: 3,
  executionIndex: 4,
  validationIndex: 5,
  recoveryIndex: 6,
  activeTasks: 7,
  done: 8,
  /** Counts changes that a thread without work may wait for. */
  changes: 9,
  waiters: 10,
  heapNext: 11,
  nextVersion: 12,
  locationCount: 13,
  codeList: 14,
  frontier: 15,
  window: 16,
  patience: 17,
  streak: 18,
  abortRate: 19,
  executions: 20,
  aborts: 21,
  waits: 22,
  full: 23,
  firstStripe: 32,
} as const;
export const STRIPES = 256;
const HEADER_WORDS = Word.firstStripe + STRIPES;

/** Words of a transaction. */
export const Tx = {
  status: 0,
  incarnation: 1,
  firstDependent: 2,
  nextDependent: 3,
  reads: 4,
  readCount: 5,
  writes: 6,
  writeCount: 7,
  result: 8,
  senderState: 9,
  /** Location + 1 of the sender's nonce, where that has been announced. */
  announced: 10,
  bytes: 11,
  byteCount: 12,
  /** 20 bytes. */
  sender: 13,
} as const;
export const TX_WORDS = 18;
/** Hash, kind, address (5), slot (8), newest version + 1. */
export const LOCATION_WORDS = 16;
/** Transaction, state, next version + 1, padding, value (8). */
export const VERSION_WORDS = 12;

/**
 * The one mutable thing that the threads of a block share. It is an explicit store in a SharedArrayBuffer: a header, the
 * transactions' states, the multi-version memory, and a heap that only grows.
 */
export class SharedBlock {
  readonly words: Int32Array;
  readonly values: BigUint64Array;
  readonly bytes: Uint8Array;
  readonly data: DataView;
  readonly txAt: number;
  readonly tableAt: number;
  readonly locationsAt: number;
  readonly versionsAt: number;
  private readonly heapAt: number;

  constructor(
    readonly buffer: SharedArrayBuffer,
    readonly capacity: Capacity,
  ) {
    const { transactions, locations, versions } = capacity;
    this.words = new Int32Array(buffer);
    this.values = new BigUint64Array(buffer);
    this.bytes = new Uint8Array(buffer);
    this.data = new DataView(buffer);
    this.txAt = HEADER_WORDS;
    this.tableAt = even(this.txAt + transactions * TX_WORDS);
    this.locationsAt = this.tableAt + locations * 2;
    this.versionsAt = even(this.locationsAt + locations * LOCATION_WORDS);
    this.heapAt = (this.versionsAt + versions * VERSION_WORDS) * 4;
  }

  static create(capacity: Capacity): SharedBlock {
    const probe = new SharedBlock(new SharedArrayBuffer(0), capacity);
    return new SharedBlock(new SharedArrayBuffer(probe.heapAt + Math.ceil(capacity.heapBytes / 8) * 8), capacity);
  }

  /** Empties it for the next block; no other thread may be in it. */
  clear(): void {
    this.words.fill(0, 0, this.locationsAt);
    Atomics.store(this.words, Word.heapNext, this.heapAt / 8);
  }

  /** Address of a word of a transaction. */
  tx(index: number, word: number): number {
    return this.txAt + index * TX_WORDS + word;
  }

  /**
   * Room on the heap.
   * @returns byte offset, a multiple of 8
   * @throws {StoreFullError}
   */
  allocate(bytes: number): number {
    const units = Math.ceil(bytes / 8);
    const at = Atomics.add(this.words, Word.heapNext, units) * 8;
    if (at + units * 8 > this.buffer.byteLength) this.giveUpFull();
    return at;
  }

  /** @throws {StoreFullError} always; the other threads stop as well */
  giveUpFull(): never {
    Atomics.store(this.words, Word.full, 1);
    this.stop();
    throw new StoreFullError();
  }

  /** Makes every thread leave the block. */
  stop(): void {
    Atomics.store(this.words, Word.stop, 1);
    Atomics.add(this.words, Word.changes, 1);
    Atomics.notify(this.words, Word.changes);
  }

  get stopped(): boolean {
    return Atomics.load(this.words, Word.stop) !== 0;
  }

  /** @throws {GivenUpError} */
  throwIfStopped(): void {
    if (this.stopped) throw new GivenUpError("the block is given up");
  }
}

const even = (word: number): number => word + (word % 2);
