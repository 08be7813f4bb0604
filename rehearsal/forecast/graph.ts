import { type Phase, phaseOf } from "../../regions/phases";

/** One creation that holds a slot of `--parallel`: a resource that a provider makes. */
export interface Operation {
  readonly urn: string;
  /** Type token without its parents'. */
  readonly type: string;
  readonly phase: Phase;
  /** Indices of the operations that must have ended before the engine asks for this one. */
  readonly after: readonly number[];
}

/** An operation that holds its slot while it waits for something in the network itself. */
export interface GraphWait {
  /** Index of the operation that waits. */
  readonly operation: number;
  /** Indices of the operations that it waits for. */
  readonly for: readonly number[];
  /** How many of them must have ended. */
  readonly needed: number;
  /** Virtual milliseconds after which it gives up and fails. */
  readonly timeoutMs: number;
}

/** A first deployment, as a scheduler sees it. */
export interface Graph {
  readonly operations: readonly Operation[];
  readonly waits: readonly GraphWait[];
}

/** A resource as the state file has it (pulumi/pulumi sdk/go/common/apitype, ResourceV3), as far as order goes. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly custom?: boolean;
  readonly parent?: string;
  /** `urn::id` of the provider. */
  readonly provider?: string;
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>>;
}

/** Which operation waits for what in the network, by URN. */
export interface NamedWait {
  readonly urn: string;
  readonly for: readonly string[];
  readonly needed: number;
  readonly timeoutMs: number;
}

/** When an operation of a recorded run was asked for: the number of operations that had ended before. */
export interface Witness {
  readonly urn: string;
  readonly completionsAtArrival: number;
}

/** Types of a URN, outermost parent first. */
const typesOf = (urn: string): string[] => (urn.split("::")[2] ?? "").split("$");

/** What reaches a provider and so takes a slot: neither components, nor the stack, nor providers, which the engine makes. */
const takesSlot = ({ custom, type }: StateResource): boolean => custom === true && !type.startsWith("pulumi:");

const mentioned = ({ parent, provider, dependencies, propertyDependencies }: StateResource): string[] => [
  ...(parent === undefined ? [] : [parent]),
  ...(provider === undefined ? [] : [provider.slice(0, provider.lastIndexOf("::"))]),
  ...(dependencies ?? []),
  ...Object.values(propertyDependencies ?? {}).flatMap((urns) => urns ?? []),
];

/**
 * The operations that each resource waits for. The SDK registers a resource when its inputs are known and its parent is
 * registered; components and providers hold no slot, so their own dependencies are handed on to who mentions them.
 */
const directDependencies = (resources: readonly StateResource[]): Map<string, Set<string>> => {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const known = new Map<string, Set<string>>();
  const resolve = (resource: StateResource): Set<string> => {
    const found = known.get(resource.urn);
    if (found !== undefined) return found;
    const result = new Set<string>();
    known.set(resource.urn, result);
    for (const urn of mentioned(resource)) {
      const other = byUrn.get(urn);
      if (other === undefined || other === resource) continue;
      if (takesSlot(other)) result.add(urn);
      else resolve(other).forEach((inner) => result.add(inner));
    }
    return result;
  };
  resources.forEach(resolve);
  return known;
};

/**
 * Adds what the state does not tell: a value that the program awaits by itself is an order without a recorded
 * dependency. It shows in a recorded run, where the completion just before an arrival is one that was waited for.
 */
const addWitnessed = (after: Map<string, Set<string>>, trace: readonly Witness[]): void => {
  const position = new Map(trace.map(({ urn }, index) => [urn, index]));
  for (const { urn, completionsAtArrival } of trace) {
    const dependencies = after.get(urn);
    const enabler = trace[completionsAtArrival - 1];
    if (dependencies === undefined || enabler === undefined) continue;
    const last = Math.max(-1, ...[...dependencies].map((other) => position.get(other) ?? -1));
    if (last < completionsAtArrival - 1) dependencies.add(enabler.urn);
  }
};

/**
 * The graph of a first deployment.
 *
 * @param resources of the state after the deployment
 * @param trace the operations of that deployment in the order of their ends
 * @param waits what waits for the network
 */
export const graphOf = (
  resources: readonly StateResource[],
  trace: readonly Witness[],
  waits: readonly NamedWait[],
): Graph => {
  const after = directDependencies(resources);
  addWitnessed(after, trace);
  const slots = resources.filter(takesSlot);
  const index = new Map(slots.map(({ urn }, position) => [urn, position]));
  const indices = (urns: Iterable<string>): number[] =>
    [...new Set(urns)].flatMap((urn) => index.get(urn) ?? []).sort((a, b) => a - b);
  return {
    operations: slots.map(({ urn, type }) => ({
      urn,
      type,
      phase: phaseOf(typesOf(urn)),
      after: indices(after.get(urn) ?? []),
    })),
    waits: waits.flatMap(({ urn, for: others, needed, timeoutMs }) => {
      const operation = index.get(urn);
      return operation === undefined ? [] : [{ operation, for: indices(others), needed, timeoutMs }];
    }),
  };
};
