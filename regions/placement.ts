import { catalogue, lookupRegion } from "./catalogue";
import { commitTimes, type CommitTimes, type ProposerTime } from "./commit-time";
import { continentOf } from "./continents";
import { InvalidPlacementError, type RegionShare } from "./quorum";
import { suggest } from "./suggest";

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
  /** Longest expected commit of any proposer, network only, in milliseconds: far regions are left out for it. @default none */
  readonly latencyTargetMs?: number;
  /** Where validators are now: they stay, as far as the constraints let them. @default nowhere */
  readonly present?: readonly RegionShare[];
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

/** A region that may be used. */
interface Candidate {
  readonly name: string;
  readonly geography: string | null;
  readonly continent: string | null;
  readonly zoned: boolean;
}

/**
 * Spreads validators over regions, geographies, continents and zones; the same input always gives the same placement.
 *
 * Those that are `present` stay where the constraints let them. One validator after the other then goes to the region
 * with the fewest, then the geography, then the continent with the fewest, then the catalogue's order; where there are
 * too many, one after the other leaves the region with the most, by the same order reversed. What the choice depends on
 * is never the total, so that one validator more adds one and moves none, and one less removes one.
 *
 * A latency target that this misses leaves regions out, one at a time: of the {@link SLOWEST_TRIED} whose blocks take
 * longest the one without which the longest commit is shortest. That is a search, not a proof: regions named by hand may
 * meet a target that it does not find. Which are left out may depend on the total.
 *
 * @throws {InvalidPlacementError} for a number out of its range, a geography that Azure has not, regions that hold too
 * few, or a latency target that is not met so or that cannot be judged.
 * @throws {UnknownRegionError} for a name that is no Azure region.
 */
export function placeValidators(constraints: PlacementConstraints): Placement {
  const { validators: total, maxPerRegion = 2, latencyTargetMs, geographyCaps = {} } = constraints;
  requireWhole("validators", total);
  requireWhole("maxPerRegion", maxPerRegion);
  requireGeographies(geographyCaps);
  const candidates = candidatesOf(constraints.regions);
  const everywhere = spread(constraints, candidates);
  if (everywhere.placed.length < total) {
    throw new InvalidPlacementError(
      `${candidates.length} regions hold ${everywhere.placed.length} of ${total} validators with at most ${maxPerRegion} in each. ` +
        "Give more regions, or raise maxPerRegion or the geographies' caps.",
    );
  }
  const { regions, placed } =
    latencyTargetMs === undefined ? everywhere : nearer(constraints, candidates, everywhere, latencyTargetMs);
  return { regions, validators: withOrdinals(placed) };
}

interface Spread {
  readonly regions: readonly RegionShare[];
  /** In the order in which they are added; fewer than wanted where the candidates hold no more. */
  readonly placed: readonly Candidate[];
}

function spread(constraints: PlacementConstraints, candidates: readonly Candidate[]): Spread {
  const { validators: total, maxPerRegion = 2, geographyCaps = {}, present = [] } = constraints;
  const used = new Tally();
  const placed: Candidate[] = [];
  const isOpen = ({ name, geography }: Candidate): boolean => {
    const cap = geography === null ? undefined : geographyCaps[geography];
    return used.of(name) < maxPerRegion && used.of(`geography ${geography ?? name}`) < (cap ?? Infinity);
  };
  const add = (candidate: Candidate): void => {
    placed.push(candidate);
    used.add(1, candidate);
  };

  const before = new Map<string, number>();
  for (const { name, validators } of present) before.set(lookupRegion(name).name, (before.get(name) ?? 0) + validators);
  // Every region's first before any region's second: a cap of a geography then takes from those with most.
  for (let ordinal = 0; ordinal < Math.max(0, ...before.values()); ordinal++) {
    candidates.filter((one) => (before.get(one.name) ?? 0) > ordinal && isOpen(one)).forEach(add);
  }
  while (placed.length > total) {
    const [fullest] = [...placed].reverse().sort((a, b) => used.compare(b, a));
    if (fullest === undefined) break;
    placed.splice(placed.lastIndexOf(fullest), 1);
    used.add(-1, fullest);
  }
  while (placed.length < total) {
    const [next] = candidates.filter(isOpen).sort((a, b) => used.compare(a, b));
    if (next === undefined) break;
    add(next);
  }
  const regions = candidates
    .map(({ name }): RegionShare => ({ name, validators: used.of(name) }))
    .filter((share) => share.validators > 0);
  return { regions, placed };
}

/** Regions that are tried, of those whose blocks take longest to commit, when one is left out for a latency target. */
export const SLOWEST_TRIED = 5;

/** A spread that meets the target, with as few regions left out as the search of {@link placeValidators} finds. */
function nearer(
  constraints: PlacementConstraints,
  candidates: readonly Candidate[],
  everywhere: Spread,
  targetMs: number,
): Spread {
  let open = candidates;
  let found = everywhere;
  let times = judgedTimes(found.regions);
  while (times.worst.commitMs > targetMs) {
    const slowest = [...times.byProposer].sort((a, b) => b.commitMs - a.commitMs).slice(0, SLOWEST_TRIED);
    const [best] = slowest
      .map(({ region }) => {
        const without = open.filter(({ name }) => name !== region);
        const next = spread(constraints, without);
        return { without, next, holds: next.placed.length === constraints.validators };
      })
      .filter(({ holds }) => holds)
      .map(({ without, next }) => ({ without, next, times: judgedTimes(next.regions) }))
      .sort((a, b) => a.times.worst.commitMs - b.times.worst.commitMs);
    if (best === undefined) throw missedTarget(candidates, open, times.worst, targetMs);
    ({ without: open, next: found, times } = best);
  }
  return found;
}

function judgedTimes(regions: readonly RegionShare[]): CommitTimes & { readonly known: true } {
  const times = commitTimes(regions);
  if (times.known) return times;
  const [a, b] = times.unknownPairs[0] ?? [];
  throw new InvalidPlacementError(
    `The latency target cannot be judged: no round trip is published between ${a ?? ""} and ${b ?? ""}. Leave one out, or the target.`,
  );
}

function missedTarget(
  candidates: readonly Candidate[],
  open: readonly Candidate[],
  worst: ProposerTime,
  targetMs: number,
): InvalidPlacementError {
  const left = candidates.filter((one) => !open.includes(one)).map(({ name }) => name);
  const without = left.length === 0 ? "" : `, even without ${left.join(", ")}`;
  return new InvalidPlacementError(
    `A block that ${worst.region} proposes takes ${worst.commitMs} ms on the network${without}, and the target is ${targetMs} ms. ` +
      "Give regions that are nearer to each other, raise maxPerRegion or the caps, or raise the target.",
  );
}

const candidatesOf = (regions: readonly string[]): Candidate[] =>
  [...new Set(regions)]
    .map(lookupRegion)
    .sort((a, b) => a.index - b.index)
    .map(({ name, geography, availabilityZones }) => ({
      name,
      geography,
      zoned: availabilityZones === true,
      continent: continentOf(name),
    }));

function withOrdinals(placed: readonly Candidate[]): ValidatorPlacement[] {
  const next = new Map<string, number>();
  return placed.map(({ name: region, zoned }) => {
    const ordinal = next.get(region) ?? 0;
    next.set(region, ordinal + 1);
    const zone = zoned ? ZONES[ordinal % ZONES.length] : undefined;
    return { region, ordinal, ...(zone && { zone }) };
  });
}

/** Validators by region, geography and continent. */
class Tally {
  private readonly counts = new Map<string, number>();

  /** @param key a region's name, or `geography …` */
  of(key: string): number {
    return this.counts.get(key) ?? 0;
  }

  add(change: 1 | -1, candidate: Candidate): void {
    for (const key of this.keysOf(candidate)) this.counts.set(key, this.of(key) + change);
  }

  /** Negative where `a` has fewer in its region, else its geography, else its continent. */
  compare(a: Candidate, b: Candidate): number {
    const others = this.keysOf(b);
    return this.keysOf(a).reduce((sum, key, i) => sum || this.of(key) - this.of(others[i] ?? ""), 0);
  }

  private keysOf({ name, geography, continent }: Candidate): string[] {
    return [name, `geography ${geography ?? name}`, `continent ${continent ?? name}`];
  }
}

function requireGeographies(caps: Readonly<Record<string, number>>): void {
  const known = new Set(catalogue.flatMap(({ geography }) => geography ?? []));
  for (const [name, cap] of Object.entries(caps)) {
    if (!known.has(name)) {
      const near = suggest(name, known);
      const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
      throw new InvalidPlacementError(
        `"${name}" is no geography of Azure's.${hint} Known: ${[...known].sort().join(", ")}.`,
      );
    }
    if (!Number.isSafeInteger(cap) || cap < 0) {
      throw new InvalidPlacementError(`The cap of ${name} is ${cap}. Give a whole number of at least 0.`);
    }
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
