import { MeridianError } from "../errors";
import data from "./data/regions.json";
import { suggest } from "./suggest";

/** What is published about an Azure region; `null` is unknown. Sources and dates: data/regions.json. */
export interface AzureRegion {
  /** Fixed for ever: the region's addresses are computed from it. */
  readonly index: number;
  /** The name that Azure's APIs take: `japaneast`. */
  readonly name: string;
  /** The name that the portal shows: `Japan East`. */
  readonly displayName: string;
  readonly geography: string | null;
  /** Name of the region that Azure pairs it with; `null` if it has none or none is known. */
  readonly pairedRegion: string | null;
  /** Whether it has availability zones. */
  readonly availabilityZones: boolean | null;
  /** Degrees north, verbatim from the source. */
  readonly latitude: number | null;
  /** Degrees east, verbatim from the source. */
  readonly longitude: number | null;
  readonly physicalLocation: string | null;
}

/** Every region a user may name. */
export const catalogue: readonly AzureRegion[] = data.regions;

const byName: ReadonlyMap<string, AzureRegion> = new Map(catalogue.map((region) => [region.name, region]));

/** A name that is no Azure region. */
export class UnknownRegionError extends MeridianError {
  override readonly name = "UnknownRegionError";

  constructor(region: string) {
    const near = suggestRegion(region);
    const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
    super(`"${region}" is not an Azure region.${hint} Known regions: regions/data/regions.json.`);
  }
}

/** Whether it is a region's name, as Azure's APIs write it. */
export const isRegion = (name: string): boolean => byName.has(name);

/** The region that a misspelt name (`japaneastt`, `Japan East`) most likely means, or undefined. */
export const suggestRegion = (name: string): string | undefined => suggest(name, byName.keys());

/**
 * Looks a region up by name.
 *
 * @throws {UnknownRegionError} with a suggestion where one is near.
 */
export function lookupRegion(name: string): AzureRegion {
  const region = byName.get(name);
  if (region === undefined) throw new UnknownRegionError(name);
  return region;
}
