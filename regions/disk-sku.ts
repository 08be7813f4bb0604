import { lookupRegion } from "./catalogue";
import disks from "./data/disks.json";

export type DiskSku = "PremiumV2_LRS" | "Premium_LRS";

/**
 * What a region's disks are: Premium SSD v2 where its zones have it, Premium SSD elsewhere.
 *
 * @throws {UnknownRegionError} for a name that is no Azure region.
 */
export function diskSku(region: string, choice: "auto" | DiskSku): DiskSku {
  if (choice !== "auto") return choice;
  const zones = lookupRegion(region).availabilityZones === true;
  return zones && disks.premiumV2Regions.includes(region) ? "PremiumV2_LRS" : "Premium_LRS";
}
