import type { Fleet } from "../fleet";
import { pricedFleet } from "../fleet-cost";
import { rpcOf } from "../fleet-rpc";
import { RPC_PORT } from "../besu/node-options";
import { HTTPS_PORT } from "../gateway/nginx-config";
import type { ExporterSettings } from "../operations/exporter/settings";
import { rpcAddress, validatorAddress } from "../regions/addressing";
import { costOf } from "../regions/cost";

/**
 * What a region's own exporter is told: its validators at their fixed addresses, which Besu's host allow-list has; its
 * gateway, where that is inside the network; and what the whole fleet costs.
 */
export function exporterSettings(fleet: Fleet, region: string): ExporterSettings {
  const { supernet } = fleet.network;
  const count = fleet.regions.find(({ name }) => name === region)?.validators ?? 0;
  const validators = Array.from({ length: count }, (_, ordinal) => ({
    ...{ region, ordinal },
    url: `http://${validatorAddress(region, ordinal, supernet)}:${RPC_PORT}`,
  }));
  const inside = rpcOf(fleet, region)?.exposure === "internal";
  const { lines } = costOf(pricedFleet(fleet));
  return {
    regions: [{ name: region, validators }],
    blockPeriodSeconds: fleet.chain.blockPeriodSeconds,
    ...(inside && { gateways: { [region]: { host: rpcAddress(region, supernet), port: HTTPS_PORT } } }),
    costs: Object.fromEntries(lines.map(({ what, usdAMonth }) => [what, usdAMonth])),
  };
}
