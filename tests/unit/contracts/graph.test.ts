import fc from "fast-check";
import {
  batchesOf,
  CycleError,
  DuplicateContractError,
  UnknownContractError,
  type GraphNode,
} from "../../../contracts/graph";

const nameOf = (index: number): string => `contract${index}`;

/** Graphs without cycles: each node needs only earlier ones; then shuffled, so that their order tells nothing. */
const acyclic: fc.Arbitrary<GraphNode[]> = fc
  .integer({ min: 0, max: 12 })
  .chain((size) =>
    fc.tuple(...[...Array(size).keys()].map((index) => fc.subarray([...Array(index).keys()], { minLength: 0 }))),
  )
  .map((needs) => needs.map((list, index) => ({ name: nameOf(index), needs: list.map(nameOf) })))
  .chain((nodes) => fc.shuffledSubarray(nodes, { minLength: nodes.length }));

/** Judges batches from their definition alone: whether each contract stands right after the last one that it needs. */
function areLongestPaths(nodes: readonly GraphNode[], batches: readonly (readonly string[])[]): boolean {
  const batchOf = new Map(batches.flatMap((names, batch) => names.map((name) => [name, batch] as const)));
  const right = nodes.every(({ name, needs }) => {
    const latest = Math.max(-1, ...needs.map((need) => batchOf.get(need) ?? Infinity));
    return batchOf.get(name) === latest + 1;
  });
  return right && batchOf.size === nodes.length && batches.flat().length === nodes.length;
}

describe("batches", () => {
  test("are the longest paths, whatever the graph", () => {
    fc.assert(
      fc.property(acyclic, (nodes) => areLongestPaths(nodes, batchesOf(nodes))),
      { numRuns: 500 },
    );
  });

  test("the property tells a sorter that takes the shortest path instead", () => {
    const shortest = (nodes: GraphNode[]): string[][] => {
      const depth = (name: string): number => {
        const needs = nodes.find((node) => node.name === name)!.needs;
        return needs.length === 0 ? 0 : 1 + Math.min(...needs.map(depth));
      };
      const batches: string[][] = [];
      for (const { name } of nodes) (batches[depth(name)] ??= []).push(name);
      return batches;
    };
    expect(() => {
      fc.assert(
        fc.property(acyclic, (nodes) => areLongestPaths(nodes, shortest(nodes))),
        { numRuns: 500 },
      );
    }).toThrow();
  });

  test("keep the given order inside a batch", () => {
    const free = ["c", "a", "b"].map((name) => ({ name, needs: [] }));
    expect(batchesOf(free)).toEqual([["c", "a", "b"]]);
  });

  test("of nothing are none", () => {
    expect(batchesOf([])).toEqual([]);
  });
});

describe("a graph that cannot be sorted", () => {
  test("a cycle anywhere is an error, and what it shows is a cycle of the graph", () => {
    const withCycle = fc
      .tuple(acyclic, fc.integer({ min: 1, max: 5 }))
      .map(([nodes, length]): GraphNode[] => [
        ...nodes,
        ...[...Array(length).keys()].map((at) => ({ name: `ring${at}`, needs: [`ring${(at + 1) % length}`] })),
      ]);
    fc.assert(
      fc.property(withCycle, (nodes) => {
        try {
          batchesOf(nodes);
          return false;
        } catch (error) {
          if (!(error instanceof CycleError)) throw error;
          const edges = error.cycle.slice(0, -1).map((name, at) => [name, error.cycle[at + 1]!] as const);
          const areEdges = edges.every(([from, to]) => nodes.find(({ name }) => name === from)?.needs.includes(to));
          return areEdges && error.cycle[0] === error.cycle.at(-1) && error.message.includes(error.cycle.join(" -> "));
        }
      }),
    );
  });

  test("a contract that needs itself is a cycle of one", () => {
    expect(() => batchesOf([{ name: "a", needs: ["a"] }])).toThrow("a -> a");
  });

  test("an unknown name is an error that names both ends", () => {
    expect(() => batchesOf([{ name: "a", needs: ["b"] }])).toThrow(UnknownContractError);
    expect(() => batchesOf([{ name: "a", needs: ["b"] }])).toThrow("a needs b, which is not on its chain.");
  });

  test("a name given twice is an error", () => {
    const node = { name: "a", needs: [] };
    expect(() => batchesOf([node, node])).toThrow(DuplicateContractError);
  });
});
