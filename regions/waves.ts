import { MeridianError } from "../errors";
import { lookupRegion } from "./catalogue";
import { continentOf } from "./continents";
import { quorumBudget, type RegionShare } from "./quorum";

/** The validators of one region that are taken down together. */
export interface WaveStep {
  readonly region: string;
  /** Their numbers within the region. */
  readonly ordinals: readonly number[];
}

/** What is rolled out at once; the next wave waits until the chain is healthy. */
export type Wave = readonly WaveStep[];

export interface WaveOptions {
  /** The region that goes first, alone. @default the one with the fewest validators, the first of these */
  readonly canary?: string;
  /**
   * Most validators down at once, from 1 to the fault budget.
   * @default the fault budget less the largest region, so that a region may fail during a wave; at least 1
   */
  readonly atOnce?: number;
  /** Most validators of one region at once. @default as many as go at once at all */
  readonly perRegion?: number;
  /** The fault budget, where these regions are not the whole network. @default that of these regions */
  readonly faults?: number;
}

/** A rollout that would halt the chain, or whose canary is no region of it. */
export class RolloutError extends MeridianError {
  override readonly name = "RolloutError";
}

/**
 * The waves of a rollout: the canary alone, then groups of regions of different geographies and pairs, from as many
 * continents as possible, never more validators at once than the fault budget floor((N-1)/3).
 *
 * A region with more validators than may go at once is split over several waves. The same input gives the same waves.
 *
 * @throws {RolloutError} where no validator may be down, for an `atOnce` out of its range, or an unknown canary.
 * @throws {InvalidPlacementError} {UnknownRegionError} as {@link quorumBudget} does.
 */
export function rolloutWaves(placement: readonly RegionShare[], options: WaveOptions = {}): Wave[] {
  const { regions, validators, ...budget } = quorumBudget(placement);
  const { faults = budget.faults } = options;
  if (faults === 0) {
    throw new RolloutError(
      `With ${validators} validators none may be down. Add validators until there are 4, or accept a halt and roll out by hand.`,
    );
  }
  const largest = Math.max(...regions.map((region) => region.validators));
  const atOnce = options.atOnce ?? Math.max(1, faults - largest);
  if (!Number.isSafeInteger(atOnce) || atOnce < 1 || atOnce > faults) {
    throw new RolloutError(`atOnce is ${atOnce}. Give 1 to ${faults}, the fault budget of ${validators} validators.`);
  }
  const canary = chooseCanary(regions, options.canary);
  const piece = Math.min(atOnce, options.perRegion ?? atOnce);
  const rest = regions.filter(({ name }) => name !== canary.name).flatMap((region) => split(region, piece));
  return [...split(canary, piece).map((step) => [step]), ...groupSteps(rest, atOnce)];
}

function chooseCanary(regions: readonly RegionShare[], wanted: string | undefined): RegionShare {
  const smallest = Math.min(...regions.map(({ validators }) => validators));
  const canary = regions.find(({ name, validators }) =>
    wanted === undefined ? validators === smallest : name === wanted,
  );
  if (canary === undefined) {
    const names = regions.map(({ name }) => name).join(", ");
    throw new RolloutError(`The canary "${wanted ?? ""}" has no validators. Give one of ${names}.`);
  }
  return canary;
}

/** A region's validators in pieces of at most `atOnce`. */
function split({ name, validators }: RegionShare, atOnce: number): WaveStep[] {
  const ordinals = Array.from({ length: validators }, (_, i) => i);
  const pieces = Array.from({ length: Math.ceil(validators / atOnce) }, (_, i) => i * atOnce);
  return pieces.map((first) => ({ region: name, ordinals: ordinals.slice(first, first + atOnce) }));
}

/** Fills one wave after the other; each takes next the step whose continent it has least of, and has most left of. */
function groupSteps(steps: readonly WaveStep[], atOnce: number): Wave[] {
  const left = [...steps];
  const waves: Wave[] = [];
  while (left.length > 0) {
    const wave: WaveStep[] = [];
    for (;;) {
      const room = atOnce - wave.reduce((sum, { ordinals }) => sum + ordinals.length, 0);
      const [next] = left
        .filter(
          (step) => step.ordinals.length <= room && !wave.some((other) => failTogether(step.region, other.region)),
        )
        .sort((a, b) => onContinent(wave, a) - onContinent(wave, b) || onContinent(left, b) - onContinent(left, a));
      if (next === undefined) break;
      wave.push(next);
      left.splice(left.indexOf(next), 1);
    }
    waves.push(wave);
  }
  return waves;
}

/** Whether Azure may take both down at once: the same region, geography or pair. */
function failTogether(a: string, b: string): boolean {
  const [one, other] = [lookupRegion(a), lookupRegion(b)];
  const sameGeography = one.geography !== null && one.geography === other.geography;
  return a === b || sameGeography || one.pairedRegion === b || other.pairedRegion === a;
}

const onContinent = (steps: readonly WaveStep[], { region }: WaveStep): number => {
  const continent = continentOf(region);
  return steps.filter((step) => continentOf(step.region) === continent).length;
};
