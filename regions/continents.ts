import { lookupRegion } from "./catalogue";
import data from "./data/continents.json";

const byGeography: ReadonlyMap<string, string> = new Map(
  Object.entries(data.continents).flatMap(([continent, geographies]) =>
    geographies.map((geography) => [geography, continent] as const),
  ),
);

/**
 * The continent that a region is on, or null where its geography is unknown. Source: data/continents.json.
 *
 * @throws {UnknownRegionError} for a name that is no Azure region.
 */
export function continentOf(region: string): string | null {
  const { geography } = lookupRegion(region);
  return geography === null ? null : (byGeography.get(geography) ?? null);
}
