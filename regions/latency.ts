import { lookupRegion } from "./catalogue";
import table from "./data/round-trips.json";

/** Where the round trips come from: data/round-trips.json. */
export const ROUND_TRIPS_SOURCE = `${table.source}, ${table.date}`;

const column: ReadonlyMap<string, number> = new Map(table.destinations.map((name, i) => [name, i]));
const rows: Readonly<Partial<Record<string, readonly number[]>>> = table.from;

/** As published, in one direction. */
const published = (from: string, to: string): number | undefined => rows[from]?.[column.get(to) ?? -1];

/**
 * The published P95 round trip between two regions in whole milliseconds, or undefined where none is published.
 *
 * The two directions were measured apart and differ by up to 50 ms. A round trip is the same either way, so it is their
 * mean (a half rounds to the even number), or the only one there is. 0 from a region to itself, which is not published:
 * between zones it is under 2 ms (Azure docs, "availability zones overview").
 *
 * @throws {UnknownRegionError} for a name that is no Azure region.
 */
export function roundTripMs(a: string, b: string): number | undefined {
  for (const name of [a, b]) lookupRegion(name);
  if (a === b) return 0;
  const directions = [published(a, b), published(b, a)].filter((ms) => ms !== undefined);
  return directions.length === 0 ? undefined : roundHalfToEven(sum(directions) / directions.length);
}

/** Half a round trip: how long one message takes. The asymmetry of a path is not published. */
export function oneWayMs(a: string, b: string): number | undefined {
  const roundTrip = roundTripMs(a, b);
  return roundTrip === undefined ? undefined : roundTrip / 2;
}

/** The pairs of these regions, each once, between which no round trip is published. */
export function unknownRoundTrips(regions: readonly string[]): [string, string][] {
  return regions.flatMap((a, i) =>
    regions.slice(i + 1).flatMap((b): [string, string][] => (roundTripMs(a, b) === undefined ? [[a, b]] : [])),
  );
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
