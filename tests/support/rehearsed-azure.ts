import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";

import { type Fleet, parseFleet, readSettings } from "../../fleet";
import { azureClusters } from "../../operations/regions/azure-clusters";
import { operatedNetwork } from "../../operations/regions/network";
import type { Machinery } from "../../operations/regions/status";
import { rpcValidators } from "../../operations/regions/validators";
import type { Latencies } from "../../rehearsal/arm/latencies";
import { type ArmServer, serveArm } from "../../rehearsal/arm/server";
import { putDeployed } from "../../rehearsal/arm/sites";
import { parseTroubles } from "../../rehearsal/arm/trouble";
import { Cloud, subscriptionId } from "../../rehearsal/azure/cloud";
import { uniform } from "../../rehearsal/azure/seeded";
import { projectRoot } from "../../toolchain/paths";

/** A stack's configuration; dev's chain makes two blocks a second. */
export function quickFleet(stack: "dev" | "fleet"): Fleet {
  const file = parse(readFileSync(join(projectRoot, `Pulumi.${stack}.yaml`), "utf8")) as { config: object };
  const fleet = parseFleet(readSettings(file.config as Record<string, unknown>));
  // 48 validators on a busy machine are not asked within the time of a few quick blocks.
  if (stack === "fleet") return fleet;
  return { ...fleet, chain: { ...fleet.chain, blockPeriodSeconds: 0.5, requestTimeoutSeconds: 1 } };
}

/** Some milliseconds each, by seed: requests 1 to 5, operations 20 to 80, a validator's start 10. */
export const quickLatencies =
  (seed = 1): Latencies =>
  (kind, what) => {
    if (kind === "boot") return 10;
    const [least, most] = kind === "request" ? [1, 5] : [20, 80];
    return least + Math.round((most - least) * uniform(`${seed}/${kind}/${what}`));
  };

export interface RehearsedAzure {
  readonly machinery: Machinery;
  readonly server: ArmServer;
  readonly cloud: Cloud;
}

/** A deployed stack behind the real SDK clients, over HTTP. The caller closes the server. */
export async function rehearsedAzure(
  stack: "dev" | "fleet",
  { trouble = [], latencies = quickLatencies() }: { trouble?: readonly string[]; latencies?: Latencies } = {},
): Promise<RehearsedAzure> {
  const fleet = quickFleet(stack);
  const cloud = new Cloud();
  putDeployed(cloud, fleet, stack);
  const troubles = parseTroubles(
    trouble,
    fleet.regions.map(({ name }) => name),
  );
  const server = await serveArm({ cloud, fleet, stack, troubles, latencies, chainAgeSeconds: 30 });
  const { url: endpoint, validatorUrl, metricsUrl } = server;
  const operations = { ...fleet.operations, endpoint, validatorUrl, metricsUrl };
  const network = operatedNetwork({ ...fleet, operations }, stack);
  const clusters = await azureClusters({ endpoint, subscriptionId, entra: true, pollMs: 5 });
  return { machinery: { network, clusters, validators: rpcValidators }, server, cloud };
}
