import { addressOf, type Place } from "./access";
import { criticalPath, shortest, type Weight } from "./bound";
import { type DependencyGraph, without } from "./graph";

/** A block, ready for questions. */
export interface Weighed extends Weight {
  /** Of each transaction, in the order of the block. */
  readonly gasOf: readonly number[];
  readonly graph: DependencyGraph;
}

/** What a place, or all places of an account, cost the parallelism. */
export interface HotSpot<Key extends string> {
  readonly key: Key;
  /** Dependencies over it. */
  readonly dependencies: number;
  /** Transactions that wait for another because of it. */
  readonly transactions: number;
  /** Gas by which the critical paths would be shorter, over all blocks, if nobody conflicted there. */
  readonly savedGas: number;
  /** The bound of the speed-up, over all blocks, if nobody conflicted there; by number of cores. */
  readonly boundWithout: Readonly<Record<number, number>>;
}

/** Places that are tried one by one, at most; those with most dependencies. */
export const MOST_TRIED = 256;

/**
 * For each of the busiest places: what the bound would be without it. Two places that bind the same transactions each
 * cost nothing alone, which is why accounts are tried as well ({@link hotAccounts}).
 *
 * @returns what saves most first
 */
export const hotPlaces = (blocks: readonly Weighed[], cores: readonly number[]): HotSpot<Place>[] =>
  hotSpots(blocks, cores, (place) => place);

/** The same for all places of an account together. */
export const hotAccounts = (blocks: readonly Weighed[], cores: readonly number[]): HotSpot<string>[] =>
  hotSpots<string>(blocks, cores, addressOf);

function hotSpots<Key extends string>(
  blocks: readonly Weighed[],
  cores: readonly number[],
  keyOf: (place: Place) => Key,
): HotSpot<Key>[] {
  const busy = new Map<Key, { dependencies: number; transactions: number; blocks: Set<number> }>();
  blocks.forEach(({ graph }, at) => {
    for (const needed of graph) {
      const once = new Set<Key>();
      for (const { place } of needed) {
        const key = keyOf(place);
        const count = busy.get(key) ?? { dependencies: 0, transactions: 0, blocks: new Set() };
        count.dependencies += 1;
        if (!once.has(key)) count.transactions += 1;
        once.add(key);
        count.blocks.add(at);
        busy.set(key, count);
      }
    }
  });
  const tried = [...busy].sort(([, a], [, b]) => b.transactions - a.transactions).slice(0, MOST_TRIED);
  const times = new Map(cores.map((count) => [count, sum(blocks.map((block) => shortest(block, count)))]));
  const gas = sum(blocks.map((block) => block.gas));
  return tried
    .map(([key, count]): HotSpot<Key> => {
      const affected = [...count.blocks].flatMap((at) => blocks[at] ?? []);
      const freed = affected.map((block) => {
        const graph = without(block.graph, (place) => keyOf(place) === key);
        return { gas: block.gas, criticalPathGas: criticalPath(block.gasOf, graph).gas };
      });
      const savedGas = sum(
        affected.map(({ criticalPathGas }, i) => criticalPathGas - (freed[i]?.criticalPathGas ?? 0)),
      );
      const boundWithout = cores.map((cores): [number, number] => {
        const saved = sum(affected.map((block, i) => shortest(block, cores) - shortest(freed[i] ?? block, cores)));
        const time = (times.get(cores) ?? 0) - saved;
        return [cores, time === 0 ? 1 : Math.max(1, gas / time)];
      });
      const { dependencies, transactions } = count;
      return { key, dependencies, transactions, savedGas, boundWithout: Object.fromEntries(boundWithout) };
    })
    .sort((a, b) => b.savedGas - a.savedGas || b.transactions - a.transactions || (a.key < b.key ? -1 : 1));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
