import { type Phase, phaseOf } from "../../regions/phases";
import { type AzureTraits, traitsOf } from "../azure/traits";
import type { Properties } from "../protocol/values";
import { nameOf } from "../report/format";

/** One creation that holds a slot of `--parallel`: a resource that a provider makes. */
export interface Operation {
  readonly urn: string;
  /** Type token without its parents'. */
  readonly type: string;
  readonly phase: Phase;
  /** Indices of the operations that must have ended before the engine asks for this one. */
  readonly after: readonly number[];
  /** What Azure's limits, locks and quotas look at; absent for what is not Azure's. */
  readonly azure?: AzureTraits;
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

/** A resource as the state file has it (pulumi/pulumi sdk/go/common/apitype, ResourceV3), as far as it matters here. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Properties;
  readonly outputs?: Properties;
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

/** When a resource of a recorded run was asked for: the number of operations that had ended before. */
export interface Witness {
  readonly urn: string;
  readonly completionsAtArrival: number;
}

/** What a recorded run shows that the state does not. */
export interface RecordedRun {
  /** Its operations, in the order of their ends. */
  readonly trace: readonly Witness[];
  /** Its providers. */
  readonly providers: readonly Witness[];
}

/** Types of a URN, outermost parent first. */
const typesOf = (urn: string): string[] => (urn.split("::")[2] ?? "").split("$");

/** What reaches a provider and so takes a slot: neither components, nor the stack, nor providers, which the engine makes. */
const takesSlot = ({ custom, type }: StateResource): boolean => custom === true && !type.startsWith("pulumi:");

const providerOf = ({ provider }: StateResource): string | undefined => provider?.slice(0, provider.lastIndexOf("::"));

const mentioned = (resource: StateResource, silent: Silent): string[] => [
  ...[resource.parent, providerOf(resource)].filter((urn) => urn !== undefined),
  ...(silent.get(resource.urn) ?? []),
  ...mentionedInState(resource),
];

const mentionedInState = ({ dependencies, propertyDependencies }: StateResource): string[] => [
  ...(dependencies ?? []),
  ...Object.values(propertyDependencies ?? {}).flatMap((urns) => urns ?? []),
];

/** What resources wait for without a word of it in the state. */
type Silent = ReadonlyMap<string, readonly string[]>;

/**
 * The operations that each resource waits for. The SDK registers a resource when its inputs are known and its parent is
 * registered; components and providers hold no slot, so their own dependencies are handed on to who mentions them.
 */
const directDependencies = (resources: readonly StateResource[], silent: Silent): Map<string, Set<string>> => {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const known = new Map<string, Set<string>>();
  const resolve = (resource: StateResource): Set<string> => {
    const found = known.get(resource.urn);
    if (found !== undefined) return found;
    const result = new Set<string>();
    known.set(resource.urn, result);
    for (const urn of mentioned(resource, silent)) {
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
 * What is silently waited for, as a recorded run shows it: the completion just before an arrival is one that was waited
 * for, and where no known dependency ended so late, it is an unknown one.
 */
const witnessed = (
  arrivals: readonly Witness[],
  known: ReadonlyMap<string, ReadonlySet<string>>,
  trace: readonly Witness[],
): Map<string, readonly string[]> => {
  const position = new Map(trace.map(({ urn }, index) => [urn, index]));
  return new Map(
    arrivals.flatMap(({ urn, completionsAtArrival }): [string, string[]][] => {
      const enabler = trace[completionsAtArrival - 1];
      const last = Math.max(-1, ...[...(known.get(urn) ?? [])].map((other) => position.get(other) ?? -1));
      return enabler === undefined || last >= completionsAtArrival - 1 ? [] : [[urn, [enabler.urn]]];
    }),
  );
};

/**
 * The providers that components wait for: the SDK registers a component when the providers that it hands on to its
 * children are there, and the state does not tell which it hands on. It is one that a child uses, and nothing below the
 * component was asked for before that provider was made.
 */
const handedOn = (resources: readonly StateResource[], { trace, providers }: RecordedRun): Map<string, string[]> => {
  const parentOf = new Map(resources.map(({ urn, parent }) => [urn, parent]));
  const firstBelow = new Map<string, number>();
  for (const { urn, completionsAtArrival } of trace) {
    for (let above = parentOf.get(urn); above !== undefined; above = parentOf.get(above)) {
      firstBelow.set(above, Math.min(firstBelow.get(above) ?? Infinity, completionsAtArrival));
    }
  }
  const made = new Map(providers.map(({ urn, completionsAtArrival }) => [urn, completionsAtArrival]));
  const result = new Map<string, string[]>();
  for (const resource of resources) {
    const [provider, parent] = [providerOf(resource), resource.parent];
    if (provider === undefined || parent === undefined) continue;
    const madeAt = made.get(provider) ?? 0;
    if (madeAt > 0 && (firstBelow.get(parent) ?? 0) >= madeAt) result.set(parent, [provider]);
  }
  return result;
};

/**
 * The graph of a first deployment.
 *
 * @param resources of the state after the deployment
 * @param run that deployment
 * @param waits what waits for the network
 */
export const graphOf = (resources: readonly StateResource[], run: RecordedRun, waits: readonly NamedWait[]): Graph => {
  const { trace, providers } = run;
  const ofProviders = witnessed(providers, directDependencies(resources, new Map()), trace);
  const known = new Map([...handedOn(resources, run), ...ofProviders]);
  const ofOperations = witnessed(trace, directDependencies(resources, known), trace);
  const after = directDependencies(resources, new Map([...known, ...ofOperations]));
  const slots = resources.filter(takesSlot);
  const index = new Map(slots.map(({ urn }, position) => [urn, position]));
  const indices = (urns: Iterable<string>): number[] =>
    [...new Set(urns)].flatMap((urn) => index.get(urn) ?? []).sort((a, b) => a - b);
  return {
    operations: slots.map(({ urn, type, id = urn, inputs = {}, outputs = {} }) => ({
      urn,
      type,
      phase: phaseOf(typesOf(urn), nameOf(urn)),
      after: indices(after.get(urn) ?? []),
      ...(type.startsWith("azure-native:") && { azure: traitsOf({ urn, type, resourceId: id }, inputs, outputs) }),
    })),
    waits: waits.flatMap(({ urn, for: others, needed, timeoutMs }) => {
      const operation = index.get(urn);
      return operation === undefined ? [] : [{ operation, for: indices(others), needed, timeoutMs }];
    }),
  };
};
