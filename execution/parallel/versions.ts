import { type Hex } from "../state/hex";
import { lock, unlock } from "./mutex";
import { LOCATION_WORDS, type SharedBlock, STRIPES, Tx, VERSION_WORDS, Word } from "./shared-block";

/** Kinds of location: an account's fields, or one slot of its storage. */
export const Kind = { balance: 1, nonce: 2, code: 3, storage: 4 } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** What a version is. */
export const VersionState = {
  /** It is not there (any more). */
  none: 0,
  /** The value after its transaction. */
  value: 1,
  /** To be added to the value before its transaction. */
  credit: 2,
  /** Its transaction is going to write: wait for it. */
  estimate: 3,
} as const;
export type VersionState = (typeof VersionState)[keyof typeof VersionState];

const SLOT_AT = 7;
const HEAD_AT = 15;

/** A value as a transaction finds it: absolute, or to be added to the value before the block. */
export interface Found {
  /** Nobody before has written a whole value: the one before the block is to be added. */
  readonly isRelative: boolean;
  readonly total: bigint;
}

/**
 * Multi-version memory: of each location the values after each transaction that wrote it (Block-STM, PPoPP 2023, 3.1).
 * A location is known by a number; each thread looks it up in the shared table once.
 */
export class Versions {
  private readonly numbers = new Map<string, number>();

  constructor(private readonly block: SharedBlock) {}

  /** The number of a location, which it gets where nobody has named it yet. @throws {StoreFullError} */
  locationOf(kind: Kind, address: Hex, slot: Hex | ""): number {
    const key = `${kind}${address}${slot}`;
    let number = this.numbers.get(key);
    if (number === undefined) this.numbers.set(key, (number = this.enter(wordsOf(kind, address, slot))));
    return number;
  }

  /** How many there are. */
  get count(): number {
    return Atomics.load(this.block.words, Word.locationCount);
  }

  /** What a location is. */
  describe(location: number): { kind: Kind; address: Hex; slot: Hex } {
    const at = this.recordOf(location);
    const { words } = this.block;
    const hex = (from: number, count: number): Hex =>
      `0x${Array.from(words.subarray(from, from + count), (word) => (word >>> 0).toString(16).padStart(8, "0")).join("")}`;
    return { kind: words[at + 1] as Kind, address: hex(at + 2, 5), slot: hex(at + SLOT_AT, 8) };
  }

  /**
   * What `reader` finds at a location: what the last transaction before it left there.
   * @returns the number of the transaction to wait for, or the value
   */
  find(location: number, reader: number): number | Found {
    const { words } = this.block;
    const stripe = this.lockOf(location);
    lock(words, stripe, Word.stop);
    let total = 0n;
    let found: number | Found | undefined;
    for (let at = this.newest(location); at !== 0 && found === undefined; at = words[at + 2] ?? 0) {
      if ((words[at] ?? 0) >= reader) continue;
      switch (words[at + 1]) {
        case VersionState.estimate:
          found = words[at] ?? 0;
          break;
        case VersionState.credit:
          total += this.valueAt(at);
          break;
        case VersionState.value:
          found = { isRelative: false, total: total + this.valueAt(at) };
          break;
        default: // none
      }
    }
    unlock(words, stripe);
    return found ?? { isRelative: true, total };
  }

  /**
   * Writes a version.
   * @returns whether anybody who found the location before would find something else now, a waiting apart
   */
  write(location: number, writer: number, state: VersionState, value: bigint): boolean {
    const { words } = this.block;
    const stripe = this.lockOf(location);
    lock(words, stripe, Word.stop);
    let link = this.recordOf(location) + HEAD_AT;
    let at = words[link] ?? 0;
    while (at !== 0 && (words[at] ?? 0) > writer) {
      link = at + 2;
      at = words[link] ?? 0;
    }
    let changed: boolean;
    if (at !== 0 && words[at] === writer) {
      changed = words[at + 1] !== state || this.valueAt(at) !== value;
    } else {
      changed = state !== VersionState.none;
      const next = at;
      at = this.newVersion();
      words[at] = writer;
      words[at + 2] = next;
      words[link] = at;
    }
    words[at + 1] = state;
    this.putValue(at, value);
    unlock(words, stripe);
    return changed;
  }

  /** Marks what a transaction wrote as about to change, its values kept. */
  mark(location: number, writer: number, state: VersionState): void {
    const { words } = this.block;
    const stripe = this.lockOf(location);
    lock(words, stripe, Word.stop);
    for (let at = this.newest(location); at !== 0; at = words[at + 2] ?? 0) {
      if (words[at] === writer) words[at + 1] = state;
    }
    unlock(words, stripe);
  }

  /** Says which locations a transaction has versions of. */
  setWritten(writer: number, locations: readonly number[]): void {
    const { words } = this.block;
    const at = this.block.allocate(locations.length * 4) / 4;
    words.set(locations, at);
    words[this.block.tx(writer, Tx.writes)] = at;
    words[this.block.tx(writer, Tx.writeCount)] = locations.length;
  }

  written(writer: number): Int32Array {
    const { words } = this.block;
    const at = words[this.block.tx(writer, Tx.writes)] ?? 0;
    return words.subarray(at, at + (words[this.block.tx(writer, Tx.writeCount)] ?? 0));
  }

  private newest(location: number): number {
    return this.block.words[this.recordOf(location) + HEAD_AT] ?? 0;
  }

  private recordOf(location: number): number {
    return this.block.locationsAt + location * LOCATION_WORDS;
  }

  private lockOf(location: number): number {
    return Word.firstStripe + (location & (STRIPES - 1));
  }

  private valueAt(version: number): bigint {
    return valueAt(this.block.values, version / 2 + 2);
  }

  private putValue(version: number, value: bigint): void {
    putValue(this.block.values, version / 2 + 2, value);
  }

  private newVersion(): number {
    const number = Atomics.add(this.block.words, Word.nextVersion, 1);
    if (number >= this.block.capacity.versions) this.block.giveUpFull();
    return this.block.versionsAt + number * VERSION_WORDS;
  }

  private enter(key: Int32Array): number {
    const { words, tableAt, capacity } = this.block;
    const mask = capacity.locations * 2 - 1;
    const hash = hashOf(key);
    let at = hash & mask;
    let locked = false;
    try {
      for (;;) {
        const entry = Atomics.load(words, tableAt + at);
        if (entry !== 0) {
          if (this.isAt(entry - 1, hash, key)) return entry - 1;
          at = (at + 1) & mask;
        } else if (!locked) {
          lock(words, Word.tableLock, Word.stop); // look again: another thread may just have entered it
          locked = true;
        } else {
          const number = words[Word.locationCount] ?? 0;
          if (number >= capacity.locations) this.block.giveUpFull();
          const record = this.recordOf(number);
          words[record] = hash;
          words.set(key, record + 1);
          words[record + HEAD_AT] = 0;
          Atomics.store(words, Word.locationCount, number + 1);
          Atomics.store(words, tableAt + at, number + 1);
          return number;
        }
      }
    } finally {
      if (locked) unlock(words, Word.tableLock);
    }
  }

  private isAt(location: number, hash: number, key: Int32Array): boolean {
    const { words } = this.block;
    const record = this.recordOf(location);
    return words[record] === hash && key.every((word, at) => words[record + 1 + at] === word);
  }
}

/** Puts 256 bits into four numbers of shared memory. */
export function putValue(values: BigUint64Array, at: number, value: bigint): void {
  values[at] = value; // the lower 64 bits of it
  if (value <= LOWER) {
    values[at + 1] = values[at + 2] = values[at + 3] = 0n;
    return;
  }
  values[at + 1] = value >> 64n;
  values[at + 2] = value >> 128n;
  values[at + 3] = value >> 192n;
}

const LOWER = 2n ** 64n - 1n;

/** The 256 bits that {@link putValue} has put. */
export function valueAt(values: BigUint64Array, at: number): bigint {
  const [a = 0n, b = 0n, c = 0n, d = 0n] = [values[at], values[at + 1], values[at + 2], values[at + 3]];
  return b === 0n && c === 0n && d === 0n ? a : (d << 192n) | (c << 128n) | (b << 64n) | a;
}

const KEY_WORDS = 14;

function wordsOf(kind: Kind, address: Hex, slot: Hex | ""): Int32Array {
  const words = new Int32Array(KEY_WORDS);
  words[0] = kind;
  for (let word = 0; word < 5; word++)
    words[1 + word] = Number.parseInt(address.slice(2 + word * 8, 10 + word * 8), 16);
  if (slot !== "")
    for (let word = 0; word < 8; word++) words[6 + word] = Number.parseInt(slot.slice(2 + word * 8, 10 + word * 8), 16);
  return words;
}

/** Murmur3's mixing, over words. */
function hashOf(key: Int32Array): number {
  let hash = 0;
  for (const word of key) {
    hash ^= Math.imul(word, 0xcc9e2d51);
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
