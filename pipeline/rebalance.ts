import { MeridianError } from "../errors";
import type { Shard } from "./split";

/** A shard after another one died. */
export interface Rebalanced extends Shard {
  /** Those of its tests that were the dead shard's. */
  readonly taken: readonly string[];
}

/**
 * Splits what a dead shard has not finished over the others: the longest first, each to the shard that has the least left.
 *
 * @param dead number of the shard that died
 * @param seconds predicted duration by test
 * @param finished names of tests that have a result already, of any shard
 * @returns the other shards, each with what it has left
 * @throws MeridianError for a shard that is not in the plan, or when no other is left
 */
export function rebalance(
  shards: readonly Shard[],
  dead: number,
  seconds: ReadonlyMap<string, number>,
  finished: ReadonlySet<string> = new Set(),
): Rebalanced[] {
  const lost = shards.find(({ shard }) => shard === dead);
  if (lost === undefined) {
    throw new MeridianError(`Shard ${dead} is not in the plan.`, {
      hint: `Allowed: ${shards.map(({ shard }) => shard).join(", ")}.`,
    });
  }
  const takes = (name: string): number => seconds.get(name) ?? 0;
  const left = shards
    .filter((shard) => shard !== lost)
    .map(({ shard, tests }) => {
      const own = tests.filter((name) => !finished.has(name));
      return { shard, tests: own, taken: [] as string[], seconds: own.reduce((all, name) => all + takes(name), 0) };
    });
  if (left.length === 0) throw new MeridianError(`Shard ${dead} was the only one: there is none to take its tests.`);
  const orphans = lost.tests.filter((name) => !finished.has(name)).sort((a, b) => takes(b) - takes(a));
  for (const name of orphans) {
    const freest = left.reduce((a, b) => (b.seconds < a.seconds ? b : a));
    freest.taken.push(name);
    freest.tests.push(name);
    freest.seconds += takes(name);
  }
  return left;
}
