import { continentOf } from "./continents";
import { quorumBudget, type RegionShare } from "./quorum";
import { RolloutError, rolloutWaves, type Wave, type WaveStep } from "./waves";

/** One wave of a rollout, and what it means for the chain. */
export interface PlannedWave {
  readonly steps: Wave;
  /** Validators of a living chain that may restart in it; 0 for regions that are new. */
  readonly restarting: number;
  /** Validators of regions that are deployed for the first time. */
  readonly joining: number;
}

export interface RolloutPlanOptions {
  /** Regions whose validators are deployed already. @default none: the first deployment */
  readonly living?: readonly string[];
  /**
   * Regions in each wave; the last size repeats until no region is left.
   * @default for living regions those of {@link rolloutWaves}, for new ones the canary and then all others
   */
  readonly sizes?: readonly number[];
  /** The region that goes first. @default the one with the fewest validators, the first of these */
  readonly canary?: string;
  /** Most validators of one region at once. @default all of them */
  readonly perRegion?: number;
}

/**
 * The waves of a rollout. Regions that are deployed already come first, never more of their validators at once than the
 * fault budget floor((N-1)/3) of all; then those that are new, whose validators can halt nothing.
 *
 * @throws {RolloutError} for sizes that take down more than the budget, no such canary, or sizes that are none.
 * @throws {InvalidPlacementError} {UnknownRegionError} as {@link quorumBudget} does.
 */
export function planRollout(placement: readonly RegionShare[], options: RolloutPlanOptions = {}): PlannedWave[] {
  const { living = [], sizes, canary, perRegion } = options;
  requireSizes(sizes);
  requireCanary(placement, canary);
  const { faults, validators } = quorumBudget(placement);
  const old = placement.filter(({ name }) => living.includes(name));
  const fresh = placement.filter(({ name }) => !living.includes(name));
  const upgraded = old.length === 0 ? [] : upgradeWaves(old, { sizes, perRegion, faults, validators, canary });
  const first = old.some(({ name }) => name === canary) ? undefined : canary;
  const order = canaryFirst(spread(fresh), first, placement);
  const joined = grouped(order, sizes ?? (old.length > 0 ? [order.length] : [1, order.length - 1]));
  return [
    ...upgraded.map((steps) => ({ steps, restarting: count(steps), joining: 0 })),
    ...joined.map((regions) => ({ steps: regions.map(whole), restarting: 0, joining: count(regions.map(whole)) })),
  ];
}

interface UpgradeOptions extends Pick<RolloutPlanOptions, "sizes" | "perRegion" | "canary"> {
  readonly faults: number;
  readonly validators: number;
}

function upgradeWaves(old: readonly RegionShare[], { sizes, perRegion, canary, faults, validators }: UpgradeOptions) {
  const known = old.some(({ name }) => name === canary) ? canary : undefined;
  const more = { ...(known !== undefined && { canary: known }), ...(perRegion !== undefined && { perRegion }) };
  if (sizes === undefined) {
    const largest = Math.max(...old.map((share) => share.validators));
    if (faults === 0) return rolloutWaves(old, more); // which says why not
    return rolloutWaves(old, {
      ...more,
      faults,
      atOnce: Math.max(1, faults - Math.min(largest, perRegion ?? largest)),
    });
  }
  const groups = grouped(canaryFirst(spread(old), known, old), sizes);
  groups.forEach((regions, i) => {
    const restarting = count(regions.map(whole));
    if (restarting <= faults) return;
    throw new RolloutError(
      `Wave ${i + 1} of --waves ${sizes.join(",")} restarts ${restarting} of ${validators} validators, and ${faults} may be down at once, floor((N-1)/3).`,
      { hint: "Give smaller waves, or leave --waves out: the largest that are safe are then chosen." },
    );
  });
  return groups.map((regions): Wave => regions.map(whole));
}

const whole = ({ name, validators }: RegionShare): WaveStep => ({
  region: name,
  ordinals: Array.from({ length: validators }, (_, ordinal) => ordinal),
});

const count = (steps: Wave): number => steps.reduce((sum, { ordinals }) => sum + ordinals.length, 0);

/** Regions so that any run of them is from as many continents as possible; ties in the given order. */
function spread(regions: readonly RegionShare[]): RegionShare[] {
  const left = [...regions];
  const taken = new Map<string | null, number>();
  const order: RegionShare[] = [];
  while (left.length > 0) {
    const waiting = (share: RegionShare) =>
      left.filter((other) => continentOf(other.name) === continentOf(share.name)).length;
    const times = (share: RegionShare) => taken.get(continentOf(share.name)) ?? 0;
    const [next] = [...left].sort((a, b) => times(a) - times(b) || waiting(b) - waiting(a));
    if (next === undefined) break;
    taken.set(continentOf(next.name), times(next) + 1);
    left.splice(left.indexOf(next), 1);
    order.push(next);
  }
  return order;
}

function canaryFirst(
  order: readonly RegionShare[],
  canary: string | undefined,
  configured: readonly RegionShare[],
): readonly RegionShare[] {
  const smallest = Math.min(...order.map(({ validators }) => validators));
  const first = configured.find(
    (share) => order.includes(share) && (canary === undefined ? share.validators === smallest : share.name === canary),
  );
  return first === undefined ? order : [first, ...order.filter((share) => share !== first)];
}

function grouped(order: readonly RegionShare[], sizes: readonly number[]): RegionShare[][] {
  const groups: RegionShare[][] = [];
  for (let at = 0; at < order.length;) {
    const size = sizes[Math.min(groups.length, sizes.length - 1)] ?? order.length;
    groups.push(order.slice(at, at + size));
    at += size;
  }
  return groups;
}

function requireSizes(sizes: readonly number[] | undefined): void {
  const bad = sizes?.find((size) => !Number.isSafeInteger(size) || size < 1);
  if (sizes?.length === 0 || bad !== undefined) {
    throw new RolloutError(`A wave of ${bad ?? "no"} regions is none. Give whole numbers of at least 1: 8,16.`);
  }
}

function requireCanary(placement: readonly RegionShare[], canary: string | undefined): void {
  if (canary === undefined || placement.some(({ name }) => name === canary)) return;
  const names = placement.map(({ name }) => name).join(", ");
  throw new RolloutError(`The canary "${canary}" has no validators. Give one of ${names}.`);
}
