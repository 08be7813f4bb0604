import * as fc from "fast-check";

import type { Place, TransactionAccess } from "../../../../execution/analyse/access";
import { componentSizes, criticalPath, speedUpBound } from "../../../../execution/analyse/bound";
import { type DependencyGraph, dependenciesOf } from "../../../../execution/analyse/graph";
import { hotAccounts, hotPlaces } from "../../../../execution/analyse/hot";
import { weigh } from "../../../../execution/analyse/analysis";

type Sets = Pick<TransactionAccess, "reads" | "writes" | "adds">;

const places: readonly Place[] = ["balance:0xa", "nonce:0xa", "storage:0xb:0x01", "storage:0xb:0x02"];
const some = fc.subarray([...places]).map((chosen) => new Set(chosen));
const sets: fc.Arbitrary<Sets> = fc.record({ reads: some, writes: some, adds: some });
const block = fc.array(sets, { maxLength: 7 });
const gasOf = (count: number) => Array.from({ length: count }, (_, i) => 1 + ((i * 7) % 5));

/** By the definition: the earlier one wrote or added to what is read, and nobody in between set it. */
function needed(all: readonly Sets[], later: number): Set<string> {
  const found = new Set<string>();
  for (const place of all[later]!.reads) {
    for (let earlier = later - 1; earlier >= 0; earlier--) {
      if (all[earlier]!.writes.has(place)) {
        found.add(`${earlier} ${place}`);
        break;
      }
      if (all[earlier]!.adds.has(place)) found.add(`${earlier} ${place}`);
    }
  }
  return found;
}

/** Every chain of transactions that need each other. */
function* chains(graph: DependencyGraph, from?: number): Generator<number[]> {
  const starts = from === undefined ? graph.map((_, i) => i) : [from];
  for (const index of starts) {
    yield [index];
    for (const { on } of graph[index]!) for (const rest of chains(graph, on)) yield [...rest, index];
  }
}

/** The least time of all orders in which the cores may take the transactions up. */
function bestSchedule(gas: readonly number[], graph: DependencyGraph, cores: number): number {
  let best = Infinity;
  const place = (ends: readonly (number | undefined)[], free: readonly number[]) => {
    if (ends.every((end) => end !== undefined)) best = Math.min(best, Math.max(0, ...(ends as number[])));
    gas.forEach((own, index) => {
      const before = graph[index]!.map(({ on }) => ends[on]);
      if (ends[index] !== undefined || before.some((end) => end === undefined)) return;
      const core = free.indexOf(Math.min(...free));
      const end = Math.max(free[core]!, ...(before as number[])) + own;
      place(ends.with(index, end), free.with(core, end));
    });
  };
  place(
    gas.map(() => undefined),
    Array<number>(cores).fill(0),
  );
  return best;
}

describe("the graph", () => {
  it("holds the dependencies of the definition, for random access sets", () => {
    fc.assert(
      fc.property(block, (all) => {
        const graph = dependenciesOf(all);
        all.forEach((_, later) => {
          const found = graph[later]!.map(({ on, place }) => `${on} ${place}`);
          expect(found).toHaveLength(new Set(found).size);
          expect(new Set(found)).toEqual(needed(all, later));
        });
      }),
      { numRuns: 300 },
    );
  });

  it("lets additions commute, and makes a reader wait for all of them", () => {
    const add = { reads: new Set<Place>(), writes: new Set<Place>(), adds: new Set<Place>(["balance:0xa"]) };
    const read = { reads: new Set<Place>(["balance:0xa"]), writes: new Set<Place>(), adds: new Set<Place>() };
    const waits = dependenciesOf([add, add, read, add]).map((all) => all.map(({ on }) => on));
    expect(waits).toEqual([[], [], [0, 1], []]);
  });
});

describe("bounds", () => {
  it("take the heaviest of all chains, for random graphs", () => {
    fc.assert(
      fc.property(block, (all) => {
        const graph = dependenciesOf(all);
        const gas = gasOf(all.length);
        const path = criticalPath(gas, graph);
        const weights = [...chains(graph)].map((chain) => chain.reduce((sum, index) => sum + gas[index]!, 0));
        expect(path.gas).toBe(Math.max(0, ...weights));
        expect(path.transactions.reduce((sum, index) => sum + gas[index]!, 0)).toBe(path.gas);
        path.transactions.slice(1).forEach((index, i) => {
          expect(graph[index]!.map(({ on }) => on)).toContain(path.transactions[i]);
        });
      }),
      { numRuns: 300 },
    );
  });

  it("are reached by no schedule of any order, and missed by the best by less than Graham's factor", () => {
    fc.assert(
      fc.property(fc.array(sets, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 3 }), (all, cores) => {
        const graph = dependenciesOf(all);
        const gas = gasOf(all.length);
        const total = gas.reduce((sum, one) => sum + one, 0);
        const bound = speedUpBound([{ gas: total, criticalPathGas: criticalPath(gas, graph).gas }], cores);
        const best = total / bestSchedule(gas, graph, cores);
        expect(best).toBeLessThanOrEqual(bound + 1e-9);
        expect(best * (2 - 1 / cores)).toBeGreaterThanOrEqual(bound - 1e-9);
      }),
      { numRuns: 150 },
    );
  });

  it("count one block after the other: 100 gas that cannot be shared and 100 that can make 4/3 on two cores", () => {
    const blocks = [
      { gas: 100, criticalPathGas: 100 },
      { gas: 100, criticalPathGas: 10 },
    ];
    expect(speedUpBound(blocks, 2)).toBeCloseTo(4 / 3);
    expect(speedUpBound([], 8)).toBe(1);
  });

  it("see the groups that a search finds, for random graphs", () => {
    fc.assert(
      fc.property(block, (all) => {
        const graph = dependenciesOf(all);
        const left = new Set(graph.keys());
        const sizes: number[] = [];
        for (const start of graph.keys()) {
          if (!left.delete(start)) continue;
          const group = [start];
          for (const one of group) {
            for (const other of left) {
              const joined =
                [...graph[one]!].some(({ on }) => on === other) || graph[other]!.some(({ on }) => on === one);
              if (joined && left.delete(other)) group.push(other);
            }
          }
          sizes.push(group.length);
        }
        expect(componentSizes(graph)).toEqual(sizes.sort((a, b) => b - a));
      }),
      { numRuns: 300 },
    );
  });
});

describe("what costs the parallelism", () => {
  const on = (...read: Place[]): TransactionAccess => ({
    ...{ index: 0, hash: "0x", from: "0x", gas: 10, words: [], adds: new Set() },
    ...{ reads: new Set(read), writes: new Set(read) },
  });

  it("names the slot without which all could run at once", () => {
    const [hottest] = hotPlaces([weigh([on("storage:0xb:0x01"), on("storage:0xb:0x01"), on("storage:0xb:0x01")])], [4]);
    expect(hottest).toEqual({
      ...{ key: "storage:0xb:0x01", dependencies: 2, transactions: 2, savedGas: 20, boundWithout: { 4: 3 } },
    });
  });

  it("finds two slots that bind the same transactions by their account, since each alone costs nothing", () => {
    const both = [on("storage:0xb:0x01", "storage:0xb:0x02"), on("storage:0xb:0x01", "storage:0xb:0x02")];
    expect(hotPlaces([weigh(both)], [2]).map(({ savedGas }) => savedGas)).toEqual([0, 0]);
    expect(hotAccounts([weigh(both)], [2])).toMatchObject([{ key: "0xb", savedGas: 10, boundWithout: { 2: 2 } }]);
  });

  it("gives the bound of an analysis of the same block without that place, for random blocks", () => {
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 3 }), (blocks) => {
        const full = (all: readonly Sets[]) =>
          all.map((one, index): TransactionAccess => ({ ...on(), ...one, index, gas: gasOf(all.length)[index]! }));
        const weighed = blocks.map((all) => weigh(full(all)));
        for (const { key, boundWithout } of hotPlaces(weighed, [2, 8])) {
          const free = blocks.map((all) =>
            weigh(
              full(all.map((one) => ({ ...one, reads: new Set([...one.reads].filter((place) => place !== key)) }))),
            ),
          );
          for (const cores of [2, 8]) expect(boundWithout[cores]).toBeCloseTo(speedUpBound(free, cores), 9);
        }
      }),
      { numRuns: 100 },
    );
  });
});
