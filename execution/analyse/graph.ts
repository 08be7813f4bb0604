import type { Place, TransactionAccess } from "./access";

/** A transaction needs what an earlier one of its block leaves at a place. */
export interface Dependency {
  /** Position of the earlier transaction. */
  readonly on: number;
  readonly place: Place;
}

/** By the later transaction's position: what it needs from which earlier ones; no two entries alike. */
export type DependencyGraph = readonly (readonly Dependency[])[];

/** Who gave a place its value so far in the block. */
interface History {
  setBy: number | undefined;
  /** Who has added to it since. */
  addedBy: number[];
}

/**
 * The read-after-write graph of a block: a reader needs the last transaction before it that set the place, and all that
 * have added to it since.
 *
 * Write after write and write after read are no dependencies: executors keep a version of a place for each transaction
 * (multi-version memory, Gelashvili et al., Block-STM, PPoPP 2023). Additions need nobody, because they commute.
 *
 * @param transactions in the order of the block
 */
export function dependenciesOf(
  transactions: readonly Pick<TransactionAccess, "reads" | "writes" | "adds">[],
): DependencyGraph {
  const places = new Map<Place, History>();
  return transactions.map(({ reads, writes, adds }, index) => {
    const needed: Dependency[] = [];
    for (const place of reads) {
      const known = places.get(place);
      if (known === undefined) continue;
      if (known.setBy !== undefined) needed.push({ on: known.setBy, place });
      for (const on of known.addedBy) needed.push({ on, place });
    }
    for (const place of writes) places.set(place, { setBy: index, addedBy: [] });
    for (const place of adds) {
      // Who sets a place and adds to it has set it.
      if (writes.has(place)) continue;
      const known = places.get(place);
      if (known === undefined) places.set(place, { setBy: undefined, addedBy: [index] });
      else known.addedBy.push(index);
    }
    return needed;
  });
}

/** The graph without the dependencies over some places: what if nobody conflicted there? */
export const without = (graph: DependencyGraph, ignored: (place: Place) => boolean): DependencyGraph =>
  graph.map((needed) => needed.filter(({ place }) => !ignored(place)));
