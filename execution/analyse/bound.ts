import type { DependencyGraph } from "./graph";

/** The heaviest chain of transactions that need each other. */
export interface CriticalPath {
  /** Gas of the chain; 0 for an empty block. */
  readonly gas: number;
  /** Positions of its transactions, in the order of the block; of several heaviest chains, one. */
  readonly transactions: readonly number[];
}

/** Cores for which bounds are given unless others are asked for. */
export const CORES: readonly number[] = [2, 4, 8, 16, 32];

/** @param gas of each transaction, in the order of the block */
export function criticalPath(gas: readonly number[], graph: DependencyGraph): CriticalPath {
  const until: number[] = [];
  const before: (number | undefined)[] = [];
  gas.forEach((own, index) => {
    let heaviest: number | undefined;
    for (const { on } of graph[index] ?? []) {
      if (heaviest === undefined || (until[on] ?? 0) > (until[heaviest] ?? 0)) heaviest = on;
    }
    before.push(heaviest);
    until.push(own + (heaviest === undefined ? 0 : (until[heaviest] ?? 0)));
  });
  let last: number | undefined;
  until.forEach((sum, index) => {
    if (last === undefined || sum > (until[last] ?? 0)) last = index;
  });
  const total = last === undefined ? 0 : (until[last] ?? 0);
  const chain: number[] = [];
  for (let at = last; at !== undefined; at = before[at]) chain.unshift(at);
  return { gas: total, transactions: chain };
}

/** Groups of transactions that have nothing to do with each other, by their sizes, the largest first. */
export function componentSizes(graph: DependencyGraph): number[] {
  const parent = graph.map((_, index) => index);
  const rootOf = (start: number): number => {
    let at = start;
    for (let up = parent[at] ?? at; up !== at; up = parent[at] ?? at) {
      parent[at] = parent[up] ?? up; // halves the way for the next
      at = up;
    }
    return at;
  };
  graph.forEach((needed, index) => needed.forEach(({ on }) => (parent[rootOf(index)] = rootOf(on))));
  const sizes = new Map<number, number>();
  graph.forEach((_, index) => sizes.set(rootOf(index), (sizes.get(rootOf(index)) ?? 0) + 1));
  return [...sizes.values()].sort((a, b) => b - a);
}

/** What a block weighs for the bounds. */
export interface Weight {
  readonly gas: number;
  readonly criticalPathGas: number;
}

/**
 * The least time that a block can take on a number of cores, in gas: `max(gas / cores, critical path)`. No schedule is
 * faster, since neither the cores nor the chain can be; list scheduling is at most `2 - 1/cores` times slower (R. L.
 * Graham, Bounds on Multiprocessing Timing Anomalies, SIAM J. Appl. Math. 17, 1969).
 */
export const shortest = ({ gas, criticalPathGas }: Weight, cores: number): number =>
  Math.max(gas / cores, criticalPathGas);

/**
 * The upper bound of the speed-up over executing one by one: total gas by the sum of each block's {@link shortest}, as
 * a block begins when the one before it has ended. For one block that is `min(cores, gas / critical path)`.
 *
 * @returns at least 1; 1 where there is nothing to execute
 */
export function speedUpBound(blocks: readonly Weight[], cores: number): number {
  const gas = blocks.reduce((sum, block) => sum + block.gas, 0);
  const time = blocks.reduce((sum, block) => sum + shortest(block, cores), 0);
  return time === 0 ? 1 : Math.max(1, gas / time);
}
