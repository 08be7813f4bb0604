/** The phases of a deployment, in the order in which they follow each other where `phases` is `barrier`. */
export const phases = ["infrastructure", "kubernetes", "besu", "contracts", "monitoring"] as const;

export type Phase = (typeof phases)[number];

/** How the phases follow each other: each when its own dependencies allow, or each after the whole one before it. */
export type PhaseOrder = "overlap" | "barrier";

/**
 * Which phase a type belongs to; the first prefix that a type of the path begins with decides. What none matches is
 * infrastructure. No resource may depend on one of a later phase.
 */
const rules: readonly (readonly [prefix: string, phase: Phase])[] = [
  ["azure-native:monitor:", "monitoring"],
  ["meridian:monitoring:", "monitoring"],
  ["meridian:contracts:", "contracts"],
  // Its keys and genesis cost no time, and everything that follows is made of them.
  ["meridian:besu:Chain", "infrastructure"],
  ["meridian:besu:", "besu"],
  ["meridian:region:Cluster", "kubernetes"],
  ["kubernetes:", "kubernetes"],
];

/** What leads the logical name of the resource that ends a phase. */
const BARRIER = "global-phase-";

/** Logical name of the resource that ends a phase where `phases` is `barrier`. */
export const barrierName = (phase: Phase): string => BARRIER + phase;

/**
 * The phase of a resource.
 * @param types its type after those of its parents, outermost first: `["meridian:region:Region", "kubernetes:core/v1:Namespace"]`
 * @param name its logical name
 */
export const phaseOf = (types: readonly string[], name: string): Phase =>
  phases.find((phase) => name === barrierName(phase)) ??
  rules.find(([prefix]) => types.some((type) => type.startsWith(prefix)))?.[1] ??
  "infrastructure";
