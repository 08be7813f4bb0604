import { quorum, type RegionShare } from "./quorum";

/** Validators that work now, by region; a region that is not in it has none. */
export type ValidatorsUp = Readonly<Record<string, number>>;

/** What stopping regions leaves of a network. */
export interface StopPlan {
  /** Validators of the whole network, N, whether they work or not. */
  readonly validators: number;
  /** {@link quorum} of N. */
  readonly needed: number;
  /** Validators that work now. */
  readonly up: number;
  /** Validators that still work afterwards. */
  readonly staying: number;
  /** Whether the chain stands afterwards: `staying` is under `needed`. */
  readonly halts: boolean;
  /** The largest set of the regions to stop that may stop together without that, in the order of the placement. */
  readonly mayStop: readonly string[];
}

/**
 * What is left when regions stop.
 *
 * @param placement all regions of the network; each once
 * @param stopping names of the regions to stop
 */
export function planStop(placement: readonly RegionShare[], up: ValidatorsUp, stopping: readonly string[]): StopPlan {
  const validators = sum(placement.map((region) => region.validators));
  const needed = quorum(validators);
  const working = (names: readonly string[]) => sum(names.map((name) => up[name] ?? 0));
  const all = placement.map(({ name }) => name);
  const staying = working(all.filter((name) => !stopping.includes(name)));
  const candidates = all.filter((name) => stopping.includes(name));
  return {
    ...{ validators, needed, staying },
    up: working(all),
    halts: staying < needed,
    mayStop: largestWithin(candidates, up, working(all) - needed),
  };
}

/** The most regions whose validators fit: taking the smallest first is best, since each counts as one. */
function largestWithin(names: readonly string[], up: ValidatorsUp, room: number): string[] {
  const chosen = new Set<string>();
  let left = room;
  for (const name of smallestFirst(names, up)) {
    const cost = up[name] ?? 0;
    if (cost > left) break;
    left -= cost;
    chosen.add(name);
  }
  return names.filter((name) => chosen.has(name));
}

/**
 * The regions of a stop that halts the chain, in two groups. The first is a small one whose stop halts it; when that is
 * down, all others agree on the last block, and it is on the disks of almost a quorum of validators before the second
 * group stops.
 *
 * @param stopping names of the regions to stop; the others stay
 */
export function haltGroups(
  placement: readonly RegionShare[],
  up: ValidatorsUp,
  stopping: readonly string[],
): readonly [first: string[], rest: string[]] {
  const needed = quorum(sum(placement.map(({ validators }) => validators)));
  const names = placement.flatMap(({ name }) => (stopping.includes(name) ? [name] : []));
  let staying = sum(placement.map(({ name }) => up[name] ?? 0));
  const first = new Set<string>();
  for (const name of smallestFirst(names, up)) {
    if (staying < needed) break;
    if ((up[name] ?? 0) === 0) continue;
    staying -= up[name] ?? 0;
    first.add(name);
  }
  return [names.filter((name) => first.has(name)), names.filter((name) => !first.has(name))];
}

/**
 * The order in which regions start: as few as are needed for a quorum first, the largest of them leading; then the rest
 * as they are placed. It matters where not all can start at once.
 *
 * @param starting names of the regions to start
 */
export function startOrder(
  placement: readonly RegionShare[],
  up: ValidatorsUp,
  starting: readonly string[],
): readonly string[] {
  const needed = quorum(sum(placement.map(({ validators }) => validators)));
  const regions = placement.filter(({ name }) => starting.includes(name));
  let working = sum(placement.map(({ name }) => (starting.includes(name) ? 0 : (up[name] ?? 0))));
  const first: string[] = [];
  for (const { name, validators } of [...regions].sort((a, b) => b.validators - a.validators)) {
    if (working >= needed) break;
    working += validators;
    first.push(name);
  }
  return [...first, ...regions.flatMap(({ name }) => (first.includes(name) ? [] : [name]))];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Stable: regions of one size keep their order. */
const smallestFirst = (names: readonly string[], up: ValidatorsUp): string[] =>
  [...names].sort((a, b) => (up[a] ?? 0) - (up[b] ?? 0));
