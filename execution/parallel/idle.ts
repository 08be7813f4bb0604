import { type SharedBlock, Word } from "./shared-block";

/** Looks before a thread sleeps: most tasks come soon. */
const SPINS = 500;
const NAP_MS = 2;

/** Waits, blocking the thread, until something has changed since `seen`, or for a short while. */
export function waitForChange({ words }: SharedBlock, seen: number): void {
  for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(words, Word.changes) !== seen) return;
  Atomics.add(words, Word.waiters, 1);
  Atomics.wait(words, Word.changes, seen, NAP_MS);
  Atomics.sub(words, Word.waiters, 1);
}
