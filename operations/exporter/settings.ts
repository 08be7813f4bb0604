import { lookupRegion } from "../../regions/catalogue";
import type { OperatedRegion } from "../regions/network";
import { rpcValidators } from "../regions/validators";
import { certificateExpiry, type ExpirySource, type TlsEndpoint } from "./expiry";
import { Exporter } from "./exporter";

/** What an exporter is told of the network: names and addresses, nothing secret. */
export interface ExporterSettings {
  readonly regions: readonly Pick<OperatedRegion, "name" | "validators">[];
  readonly blockPeriodSeconds: number;
  /** RPC gateways whose certificate is looked at, by region. @default none */
  readonly gateways?: Readonly<Record<string, TlsEndpoint>>;
  /** What is paid in a month at list prices, in USD, by what it is for. @default nothing is told */
  readonly costs?: Readonly<Record<string, number>>;
}

/** Name of the RPC gateway's certificate in the metrics. */
const GATEWAY_CERTIFICATE = "rpc-gateway";

/** An exporter of a network. @param expiries more sources of what ends, such as Azure's vaults */
export function createExporter(settings: ExporterSettings, expiries: readonly ExpirySource[] = []): Exporter {
  const { regions, blockPeriodSeconds, gateways = {}, costs = {} } = settings;
  const certificates = Object.entries(gateways).map(([region, endpoint]) =>
    certificateExpiry(region, GATEWAY_CERTIFICATE, endpoint),
  );
  const exporter = new Exporter({
    validators: regions.flatMap(({ validators }) => validators),
    blockPeriodSeconds,
    side: rpcValidators,
    expiries: [...certificates, ...expiries],
  });
  for (const { name: region } of regions) {
    const { latitude, longitude } = lookupRegion(region);
    if (latitude === null || longitude === null) continue;
    exporter.metrics.set("meridian_region_location", 1, { region, latitude, longitude });
  }
  for (const [what, usd] of Object.entries(costs)) exporter.metrics.set("meridian_cost_usd_per_month", usd, { what });
  return exporter;
}
