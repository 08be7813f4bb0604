import { roundTripMs } from "./latency";

/** Regions besides its own whose validators an RPC node peers with: their validators may be away, and it goes on. */
export const NEIGHBOUR_REGIONS = 2;

/**
 * The regions whose validators a region's RPC nodes have as peers: its own, and the two nearest by published round trip;
 * where none is published, in the order given.
 *
 * Not all of them: each RPC node would be one more connection for every validator of the fleet, and gets nothing from the
 * fiftieth that the first did not tell.
 *
 * @param regions all regions with validators
 * @throws {UnknownRegionError} for a name that is no Azure region.
 */
export function rpcPeerRegions(region: string, regions: readonly string[]): string[] {
  const distance = (other: string) => roundTripMs(region, other) ?? Infinity;
  const nearest = regions
    .filter((other) => other !== region)
    .map((other, order) => ({ other, order, ms: distance(other) }))
    .sort((a, b) => (a.ms === b.ms ? a.order - b.order : a.ms - b.ms));
  return [region, ...nearest.slice(0, NEIGHBOUR_REGIONS).map(({ other }) => other)];
}
