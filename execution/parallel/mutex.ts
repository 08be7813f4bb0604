/** A lock could not be had in time, or the block was given up: some thread is gone. */
export class GivenUpError extends Error {
  override readonly name = "GivenUpError";
}

const FREE = 0;
const HELD = 1;
const CONTENDED = 2;
/** Tries before a thread sleeps; sections are some hundred instructions long. */
const SPINS = 200;
const NAP_MS = 20;
/** A section takes microseconds: whoever holds a lock for so long is gone. */
const MOST_NAPS = 1_500;

/**
 * Takes the lock at a word of shared memory (Drepper, "Futexes Are Tricky", 2011, mutex 2).
 * @param stopAt a word that is not 0 once the block has been given up
 * @throws {GivenUpError}
 */
export function lock(words: Int32Array, at: number, stopAt: number): void {
  for (let spin = 0; spin < SPINS; spin++) {
    if (Atomics.compareExchange(words, at, FREE, HELD) === FREE) return;
  }
  for (let nap = 0; Atomics.exchange(words, at, CONTENDED) !== FREE; nap++) {
    if (Atomics.load(words, stopAt) !== 0 || nap >= MOST_NAPS) throw new GivenUpError("a lock is not given back");
    Atomics.wait(words, at, CONTENDED, NAP_MS);
  }
}

export function unlock(words: Int32Array, at: number): void {
  if (Atomics.exchange(words, at, FREE) === CONTENDED) Atomics.notify(words, at, 1);
}
