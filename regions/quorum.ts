import { MeridianError } from "../errors";
import { type AzureRegion, lookupRegion } from "./catalogue";

/**
 * Validators that must agree on a block: QBFT quorum = ceil(2N/3) (Besu docs, consensus/qbft).
 *
 * @param validators N, at least 1
 */
export const quorum = (validators: number): number => Math.ceil((2 * validators) / 3);

/**
 * Validators that may fail before the chain halts: floor((N-1)/3) (Besu docs, consensus/qbft).
 *
 * @param validators N, at least 1
 */
export const faultTolerance = (validators: number): number => Math.floor((validators - 1) / 3);

/** Fewest validators with which QBFT tolerates one fault. */
export const MINIMUM_VALIDATORS = 4;

/** Validators up to which published tests ran well; above it they had trouble (evidence: {@link describeBudget}). */
export const COMFORTABLE_VALIDATORS = 30;

/** A region and the validators in it. */
export interface RegionShare {
  /** An Azure region's name: `japaneast`. */
  readonly name: string;
  /** A whole number, at least 0. */
  readonly validators: number;
}

/** One failure after which fewer validators than the quorum are left. */
export interface Halt {
  readonly kind: "region" | "geography" | "pair";
  /** The region, the geography as Azure names it, or both regions of the pair with " + " between them. */
  readonly name: string;
  /** The regions that it takes along, in the order of the placement. */
  readonly regions: readonly string[];
  /** Validators lost with it. */
  readonly validators: number;
}

/** What a placement of validators survives. */
export interface QuorumBudget {
  /** N. */
  readonly validators: number;
  readonly regions: readonly RegionShare[];
  readonly quorum: number;
  /** Validators that may misbehave in any way, {@link faultTolerance}: what a rollout may take down at once. */
  readonly faults: number;
  /** Validators that may be stopped before the chain halts: N less the quorum; at times one more than `faults`. */
  readonly stoppable: number;
  /** So many regions may fail, whichever they are. */
  readonly anyRegions: number;
  /** So many may fail at best, when they are the smallest. */
  readonly mostRegions: number;
  /** The fewest regions whose failure together halts the chain: the largest. */
  readonly worstRegions: readonly string[];
  /** Every single failure that halts the chain; empty is what production wants. */
  readonly halts: readonly Halt[];
  /** Those of `halts` that are one region: a configuration with one is refused unless the stack allows it. */
  readonly singleRegionHalt: readonly Halt[];
  /** Whether N is above {@link COMFORTABLE_VALIDATORS}. */
  readonly beyondPublishedTests: boolean;
}

/** A placement that is none: no validators, or a number of them that is no number. */
export class InvalidPlacementError extends MeridianError {
  override readonly name = "InvalidPlacementError";
}

/**
 * What a placement survives. A region named twice counts once, with the sum.
 *
 * The chain halts when fewer validators than {@link quorum} are left. A geography is the one of Azure's catalogue; one
 * that is unknown is not counted.
 *
 * @throws {InvalidPlacementError} without any validator, or for a number that is negative or not whole.
 * @throws {UnknownRegionError} for a name that is no Azure region.
 */
export function quorumBudget(placement: readonly RegionShare[]): QuorumBudget {
  const regions = mergeShares(placement);
  const validators = regions.reduce((sum, region) => sum + region.validators, 0);
  if (validators === 0)
    throw new InvalidPlacementError("The placement has no validators. Give at least one region one.");
  const needed = quorum(validators);
  const stoppable = validators - needed;
  const largestFirst = [...regions].sort((a, b) => b.validators - a.validators);
  const anyRegions = countWithin(largestFirst, stoppable);
  const halts = singleFailures(regions).filter((failure) => failure.validators > stoppable);
  return {
    validators,
    regions,
    quorum: needed,
    faults: faultTolerance(validators),
    stoppable,
    anyRegions,
    mostRegions: countWithin([...largestFirst].reverse(), stoppable),
    worstRegions: largestFirst.slice(0, anyRegions + 1).map(({ name }) => name),
    halts,
    singleRegionHalt: halts.filter(({ kind }) => kind === "region"),
    beyondPublishedTests: validators > COMFORTABLE_VALIDATORS,
  };
}

/** How many of the first regions may fail together. */
function countWithin(regions: readonly RegionShare[], stoppable: number): number {
  let lost = 0;
  const fatal = regions.findIndex(({ validators }) => (lost += validators) > stoppable);
  return fatal === -1 ? regions.length : fatal;
}

function mergeShares(placement: readonly RegionShare[]): RegionShare[] {
  const byName = new Map<string, number>();
  for (const { name, validators } of placement) {
    if (!Number.isSafeInteger(validators) || validators < 0) {
      throw new InvalidPlacementError(`${name} has ${validators} validators. Give a whole number of at least 0.`);
    }
    byName.set(name, (byName.get(name) ?? 0) + validators);
  }
  return [...byName].flatMap(([name, validators]) => (validators === 0 ? [] : [{ name, validators }]));
}

/** Every region, every geography and every pair with more than one region of the placement in it. */
function singleFailures(regions: readonly RegionShare[]): Halt[] {
  const halt = (kind: Halt["kind"], name: string, lost: readonly RegionShare[]): Halt => ({
    kind,
    name,
    regions: lost.map((region) => region.name),
    validators: lost.reduce((sum, region) => sum + region.validators, 0),
  });
  const together = (kind: "geography" | "pair", keyOf: (region: AzureRegion) => string | null): Halt[] => {
    const keys = new Set(regions.map(({ name }) => keyOf(lookupRegion(name))));
    return [...keys].flatMap((key) => {
      const lost = regions.filter(({ name }) => keyOf(lookupRegion(name)) === key);
      return key === null || lost.length < 2 ? [] : [halt(kind, key, lost)];
    });
  };
  return [
    ...regions.map((region) => halt("region", region.name, [region])),
    ...together("geography", ({ geography }) => geography),
    ...together("pair", ({ name, pairedRegion }) => pairedRegion && [name, pairedRegion].sort().join(" + ")),
  ];
}

/**
 * Consensus messages that reach a node for one block when every peer passes on each of them once: a proposal, N
 * prepares and N commits from N-1 peers, (2N+1)(N-1). About 4,500 for 48 validators (docs/sizing.md).
 *
 * @param validators N, at least 1
 */
export const messagesPerBlock = (validators: number): number => (2 * validators + 1) * (validators - 1);

/** The budget in plain sentences, one a line, for the preview; warnings begin with "Warning:". */
export function describeBudget(budget: QuorumBudget): string[] {
  const { validators, regions, quorum: needed, stoppable, anyRegions, mostRegions, worstRegions } = budget;
  const lines = [
    `Quorum: ${needed} of ${validators} validators in ${count(regions.length, "region")}; ${stoppable} may stop, ${budget.faults} may be faulty in any way.`,
    anyRegions === mostRegions
      ? `Any ${count(anyRegions, "region")} may fail at once.`
      : `Any ${count(anyRegions, "region")} may fail at once, and ${mostRegions} if they are the smallest.`,
    `The fewest regions that halt the chain together: ${worstRegions.length}, such as ${worstRegions.join(", ")}.`,
  ];
  for (const { kind, name, regions: lost, validators: gone } of budget.halts) {
    const members = kind === "geography" ? ` (${lost.join(", ")})` : "";
    lines.push(
      `Warning: the chain halts if ${kind} ${name}${members} fails: ${gone} of ${validators} validators are there.`,
    );
  }
  if (budget.beyondPublishedTests) lines.push(...tooManyValidators(validators));
  return lines;
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

/** Evidence: tests of IBFT 2 over the public internet, published in 2021; QBFT sends the same kinds of messages. */
const tooManyValidators = (validators: number): string[] => [
  `Warning: ${validators} validators are more than the ${COMFORTABLE_VALIDATORS} up to which published tests ran well: 36 had trouble under load and 38 halted (IBFT 2 over the public internet, 2021).`,
  `Warning: every validator receives about ${messagesPerBlock(validators).toLocaleString("en")} consensus messages a block ((2N+1)(N-1)); Besu's message limits are raised to match, and more regions rather than more validators a region add safety.`,
];
