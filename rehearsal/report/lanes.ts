import { groupOf } from "./format";
import type { Operation } from "./report-data";

/** Operations of one region, chain or `global`, in lanes: within a lane none overlaps another. */
export interface Group {
  readonly name: string;
  /** Indexes of operations, by arrival. */
  readonly lanes: readonly (readonly number[])[];
}

/** What concerns all comes first, then the regions, then the chains. */
const rank = (group: string): number => (group === "global" ? 0 : /^chain\d+$/.test(group) ? 2 : 1);

/** Order of the blocks from top to bottom. */
export const compareGroups = (a: string, b: string): number => rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);

/** A bar's end, no nearer to its beginning than can be seen. */
export const visibleEndMs = ({ arrivedMs, endMs }: Operation, minimumMs: number): number =>
  Math.max(endMs, arrivedMs + minimumMs);

/**
 * Puts each operation of `shown` into the first lane of its group that is free from its arrival to its end.
 *
 * @param shown indexes of the operations to place, each once
 * @param minimumMs length as which a shorter bar counts, since it is drawn no shorter
 */
export const layOut = (operations: readonly Operation[], shown: readonly number[], minimumMs: number): Group[] => {
  const groups = new Map<string, { lanes: number[][]; ends: number[] }>();
  const at = (index: number): Operation | undefined => operations[index];
  const begins = (index: number): number => at(index)?.arrivedMs ?? 0;
  const ends = (index: number): number => at(index)?.endMs ?? 0;
  const ordered = [...shown].sort((a, b) => begins(a) - begins(b) || ends(b) - ends(a) || a - b);
  for (const index of ordered) {
    const operation = at(index);
    if (operation === undefined) continue;
    const name = groupOf(operation.urn);
    const group = groups.get(name) ?? { lanes: [], ends: [] };
    groups.set(name, group);
    const free = group.ends.findIndex((end) => end <= operation.arrivedMs);
    const lane = free < 0 ? group.lanes.length : free;
    (group.lanes[lane] ??= []).push(index);
    group.ends[lane] = visibleEndMs(operation, minimumMs);
  }
  return [...groups].map(([name, { lanes }]) => ({ name, lanes })).sort((a, b) => compareGroups(a.name, b.name));
};

/** Sizes in pixels. */
export interface Metrics {
  /** Height of a lane in which a name fits. */
  readonly tall: number;
  /** Height of a lane whose bars are all too short for a name. */
  readonly slim: number;
  /** Height of a lane whose bars are mere marks. */
  readonly thin: number;
  /** A bar of this many milliseconds is long enough for a name. */
  readonly namedMs: number;
  /** A shorter bar is a mere mark. */
  readonly markMs: number;
  /** Space for the group's name above its lanes; 0 when it stands beside them. */
  readonly titleHeight: number;
  readonly groupGap: number;
}

/** A lane in its place, in pixels from the top of all groups. */
export interface PlacedLane {
  readonly operations: readonly number[];
  readonly top: number;
  readonly height: number;
}

/** A group in its place, in pixels from the top of all groups. */
export interface PlacedGroup {
  readonly name: string;
  readonly lanes: readonly PlacedLane[];
  readonly top: number;
  readonly bottom: number;
}

/** What must be seen however short it was. */
const remarkable = ({ outcome, faults, throttled }: Operation): boolean =>
  outcome === "failed" || faults !== undefined || throttled !== undefined;

/** Puts the groups below each other, each lane as high as what is written in it needs. */
export const stack = (
  operations: readonly Operation[],
  groups: readonly Group[],
  { tall, slim, thin, namedMs, markMs, titleHeight, groupGap }: Metrics,
): { readonly placed: readonly PlacedGroup[]; readonly height: number } => {
  let y = 0;
  const heightOf = (lane: readonly number[]): number => {
    const bars = lane.flatMap((index) => operations[index] ?? []);
    if (bars.some((bar) => bar.endMs - bar.startMs >= namedMs || remarkable(bar))) return tall;
    return bars.some((bar) => bar.endMs - bar.arrivedMs >= markMs) ? slim : thin;
  };
  const placed = groups.map(({ name, lanes }) => {
    const top = y;
    y += titleHeight;
    const here = lanes.map((lane) => {
      const height = heightOf(lane);
      y += height;
      return { operations: lane, top: y - height, height };
    });
    // A name beside a single slim lane needs the room of a tall one.
    y = Math.max(y, top + tall) + groupGap;
    return { name, lanes: here, top, bottom: y };
  });
  return { placed, height: y };
};

/** The lane at a height; undefined between groups. */
export const laneAt = (placed: readonly PlacedGroup[], y: number): PlacedLane | undefined =>
  placed
    .find(({ top, bottom }) => y >= top && y < bottom)
    ?.lanes.find(({ top, height }) => y >= top && y < top + height);

/** Where to go from a bar. */
export type Direction = "left" | "right" | "up" | "down";

const middleMs = ({ arrivedMs, endMs }: Operation): number => (arrivedMs + endMs) / 2;

/**
 * The bar next to another: earlier or later in its group, or the nearest in time in the lane above or below. From a bar
 * that is not there, the first; at the border, the same bar.
 */
export const neighbour = (
  operations: readonly Operation[],
  groups: readonly Group[],
  from: number | undefined,
  direction: Direction,
): number | undefined => {
  const lanes = groups.flatMap((group) => group.lanes.map((lane) => ({ lane, group })));
  const at = lanes.findIndex(({ lane }) => from !== undefined && lane.includes(from));
  const here = from === undefined ? undefined : operations[from];
  const home = lanes[at];
  if (here === undefined || home === undefined) return lanes[0]?.lane[0];
  if (direction === "up" || direction === "down") {
    const distance = (index: number): number => Math.abs(middleMs(operations[index] ?? here) - middleMs(here));
    const lane = lanes[at + (direction === "up" ? -1 : 1)]?.lane ?? [];
    return (
      lane.reduce<number | undefined>(
        (best, index) => (best === undefined || distance(index) < distance(best) ? index : best),
        undefined,
      ) ?? from
    );
  }
  const begins = (index: number): number => operations[index]?.arrivedMs ?? 0;
  const inTime = home.group.lanes.flat().sort((a, b) => begins(a) - begins(b) || a - b);
  return inTime[inTime.indexOf(from ?? 0) + (direction === "left" ? -1 : 1)] ?? from;
};
