/** Reproducible choices. */
export interface Random {
  /** From 0 up to, and without, 1. */
  fraction(): number;
  /** A whole number from 0 up to, and without, `end`. */
  below(end: number): number;
}

/** The same numbers for the same seed (mulberry32). */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return { fraction, below: (end) => Math.floor(fraction() * end) };
}

/**
 * Ranks with Zipf's distribution: rank r, from 0, has the weight 1 / (r + 1).
 * @returns a function that draws one of `count` ranks
 */
export function zipf(count: number): (random: Random) => number {
  const sums: number[] = [];
  for (let rank = 0; rank < count; rank++) sums.push((sums[rank - 1] ?? 0) + 1 / (rank + 1));
  const total = sums.at(-1) ?? 1;
  return (random) => {
    const drawn = random.fraction() * total;
    const found = sums.findIndex((sum) => sum > drawn);
    return found < 0 ? count - 1 : found;
  };
}
