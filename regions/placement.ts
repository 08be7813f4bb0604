import { lookupRegion } from "./catalogue";
import { commitTimes } from "./commit-time";
import { continentOf } from "./continents";
import { InvalidPlacementError, type RegionShare } from "./quorum";

/** What a placement has to keep. */
export interface PlacementConstraints {
  /** Validators in all; at least 1. */
  readonly validators: number;
  /** Regions that may be used, in any order, each once. */
  readonly regions: readonly string[];
  /** Most validators in one region. @default 2 */
  readonly maxPerRegion?: number;
  /** Most validators in all regions of a geography, by Azure's name of it (`Asia Pacific`). @default no cap */
  readonly geographyCaps?: Readonly<Record<string, number>>;
  /** Longest expected commit of any proposer, network only, in milliseconds. @default none */
  readonly latencyTargetMs?: number;
}

/** One validator's place. */
export interface ValidatorPlacement {
  readonly region: string;
  /** Its number within the region, from 0. */
  readonly ordinal: number;
  /** Availability zone as AKS numbers it, or undefined where the region has none or it is unknown. */
  readonly zone?: "1" | "2" | "3";
}

export interface Placement {
  /** Regions with at least one validator, in the order of the catalogue. */
  readonly regions: readonly RegionShare[];
  /** Every validator, in the order in which they are added: a smaller count is a beginning of it. */
  readonly validators: readonly ValidatorPlacement[];
}

const ZONES = ["1", "2", "3"] as const;

/**
 * Spreads validators over regions, geographies, continents and zones; the same input always gives the same placement.
 *
 * One validator after the other goes to the region with the fewest, then the geography, then the continent with the
 * fewest, then the catalogue's order. What the choice depends on is never the total, so that one validator more adds
 * one and moves none, and one less removes one.
 *
 * @throws {InvalidPlacementError} for a number out of its range, regions that hold too few, or a latency target that
 * these validators miss or that cannot be judged.
 * @throws {UnknownRegionError} for a name that is no Azure region.
 */
export function placeValidators(constraints: PlacementConstraints): Placement {
  const { validators: total, maxPerRegion = 2, latencyTargetMs } = constraints;
  requireWhole("validators", total);
  requireWhole("maxPerRegion", maxPerRegion);
  const candidates = [...new Set(constraints.regions)]
    .map(lookupRegion)
    .sort((a, b) => a.index - b.index)
    .map(({ name, geography, availabilityZones }) => ({
      name,
      geography,
      zoned: availabilityZones === true,
      continent: continentOf(name),
    }));

  const used = new Tally();
  const validators: ValidatorPlacement[] = [];
  while (validators.length < total) {
    const open = candidates.filter(({ name, geography }) => {
      const cap = geography === null ? undefined : constraints.geographyCaps?.[geography];
      return used.of(name) < maxPerRegion && used.of(`geography ${geography ?? name}`) < (cap ?? Infinity);
    });
    const [next] = open.sort(
      (a, b) =>
        used.of(a.name) - used.of(b.name) ||
        used.of(`geography ${a.geography ?? a.name}`) - used.of(`geography ${b.geography ?? b.name}`) ||
        used.of(`continent ${a.continent ?? a.name}`) - used.of(`continent ${b.continent ?? b.name}`),
    );
    if (next === undefined) {
      throw new InvalidPlacementError(
        `${candidates.length} regions hold ${validators.length} of ${total} validators with at most ${maxPerRegion} in each. ` +
          "Give more regions, or raise maxPerRegion or the geographies' caps.",
      );
    }
    const ordinal = used.of(next.name);
    const zone = next.zoned ? ZONES[ordinal % ZONES.length] : undefined;
    validators.push({ region: next.name, ordinal, ...(zone && { zone }) });
    used.add(next.name, `geography ${next.geography ?? next.name}`, `continent ${next.continent ?? next.name}`);
  }
  const regions = candidates
    .map(({ name }): RegionShare => ({ name, validators: used.of(name) }))
    .filter((share) => share.validators > 0);
  if (latencyTargetMs !== undefined) requireLatency(regions, latencyTargetMs);
  return { regions, validators };
}

/** Counts by key; 0 for what was never added. */
class Tally {
  private readonly counts = new Map<string, number>();

  of(key: string): number {
    return this.counts.get(key) ?? 0;
  }

  add(...keys: readonly string[]): void {
    for (const key of keys) this.counts.set(key, this.of(key) + 1);
  }
}

function requireLatency(regions: readonly RegionShare[], targetMs: number): void {
  const times = commitTimes(regions);
  if (!times.known) {
    const [a, b] = times.unknownPairs[0] ?? [];
    throw new InvalidPlacementError(
      `The latency target cannot be judged: no round trip is published between ${a ?? ""} and ${b ?? ""}. Leave one out, or the target.`,
    );
  }
  const { region, commitMs } = times.worst;
  if (commitMs > targetMs) {
    throw new InvalidPlacementError(
      `A block that ${region} proposes takes ${commitMs} ms on the network, and the target is ${targetMs} ms. Leave the farthest regions out, or raise the target.`,
    );
  }
}

function requireWhole(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new InvalidPlacementError(`${name} is ${value}. Give a whole number of at least 1.`);
}

/** One validator that a change of placement starts or stops. */
export interface Move {
  readonly action: "add" | "remove";
  readonly region: string;
  readonly ordinal: number;
}

/** What changes between two placements, in the order of the catalogue's regions; each is a vote (docs/regions.md). */
export function movesBetween(before: readonly RegionShare[], after: readonly RegionShare[]): Move[] {
  const countIn = (shares: readonly RegionShare[], name: string) =>
    shares.filter((share) => share.name === name).reduce((sum, { validators }) => sum + validators, 0);
  const names = [...new Set([...before, ...after].map(({ name }) => name))];
  return names
    .map(lookupRegion)
    .sort((a, b) => a.index - b.index)
    .flatMap(({ name }) => {
      const [from, to] = [countIn(before, name), countIn(after, name)];
      const action = to > from ? "add" : "remove";
      const first = Math.min(from, to);
      return Array.from({ length: Math.abs(to - from) }, (_, i): Move => ({
        action,
        region: name,
        ordinal: first + i,
      }));
    });
}
