import type { PlannedContract } from "./plan";

/**
 * A contract's needs and their needs, in the order in which they can be deployed; without the contract itself. Pure.
 *
 * @param graph all contracts of the chain
 */
export function lineageOf(planned: PlannedContract, graph: readonly PlannedContract[]): PlannedContract[] {
  const byName = new Map(graph.map((each) => [each.name, each]));
  const found = new Set<PlannedContract>();
  const visit = (name: string): void => {
    const needed = byName.get(name);
    if (needed === undefined || found.has(needed)) return;
    needed.needs.forEach(visit);
    found.add(needed);
  };
  planned.needs.forEach(visit);
  return [...found];
}
