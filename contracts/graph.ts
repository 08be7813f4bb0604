import { ContractsError } from "./errors";

/** A contract as the graph sees it: a name and the names that must be there before it. */
export interface GraphNode {
  readonly name: string;
  /** Constructor references and `after` edges; an edge given twice counts once. */
  readonly needs: readonly string[];
}

/** The edges come back to where they started. */
export class CycleError extends ContractsError {
  constructor(readonly cycle: readonly string[]) {
    super(
      `The contracts need each other in a circle: ${cycle.join(" -> ")}.`,
      "Remove one of these references or `after` edges.",
    );
  }
}

/** An edge leads to a contract that is not in the graph. */
export class UnknownContractError extends ContractsError {
  constructor(from: string, to: string, known: readonly string[]) {
    super(`${from} needs ${to}, which is not on its chain.`, `Known there: ${[...known].sort().join(", ")}.`);
  }
}

/** Two contracts share a name. */
export class DuplicateContractError extends ContractsError {
  constructor(name: string) {
    super(`There are two contracts of the name ${name}.`, "Give each contract of a chain its own name.");
  }
}

/**
 * Sorts contracts into batches: a contract's batch is the longest path that leads to it, so that a batch needs only
 * what earlier batches hold, and no contract stands later than it must.
 *
 * @returns names by batch, inside a batch in the order given
 * @throws {CycleError} that shows the cycle, {UnknownContractError}, {DuplicateContractError}
 */
export function batchesOf(nodes: readonly GraphNode[]): string[][] {
  const byName = new Map<string, GraphNode>();
  for (const node of nodes) {
    if (byName.has(node.name)) throw new DuplicateContractError(node.name);
    byName.set(node.name, node);
  }

  const depths = new Map<string, number>();
  const path: string[] = [];
  const depthOf = (node: GraphNode): number => {
    const known = depths.get(node.name);
    if (known !== undefined) return known;
    if (path.includes(node.name)) throw new CycleError([...path.slice(path.indexOf(node.name)), node.name]);

    path.push(node.name);
    let depth = 0;
    for (const need of node.needs) {
      const needed = byName.get(need);
      if (needed === undefined) throw new UnknownContractError(node.name, need, [...byName.keys()]);
      depth = Math.max(depth, depthOf(needed) + 1);
    }
    path.pop();
    depths.set(node.name, depth);
    return depth;
  };

  const batches: string[][] = [];
  for (const node of nodes) (batches[depthOf(node)] ??= []).push(node.name);
  return batches;
}
