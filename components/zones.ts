import { lookupRegion } from "../regions/catalogue";

/** The availability zones of a region, as Azure numbers them; none where it has none, or none are known. */
export const zonesOf = (region: string): string[] | undefined =>
  lookupRegion(region).availabilityZones === true ? ["1", "2", "3"] : undefined;
