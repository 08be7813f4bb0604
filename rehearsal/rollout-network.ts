import type { Fleet } from "../fleet";
import { azureClusters } from "../operations/regions/azure-clusters";
import { operatedNetwork } from "../operations/regions/network";
import type { Machinery } from "../operations/regions/status";
import { rpcValidatorsAt } from "../operations/regions/validators";
import { seededLatencies } from "./arm/latencies";
import { type ArmServer, serveArm } from "./arm/server";
import type { Troubles } from "./arm/trouble";
import { type Cloud, subscriptionId } from "./azure/cloud";
import type { TraceEntry } from "./clock/virtual-clock";

/** How much faster than Azure its requests are answered: nobody waits for them in a rehearsal. */
const SPEED = 10_000;

const validatorSet = /::([^:]+)-(validator-\d+)-set$/;

export interface RehearsedNetworkOptions {
  readonly cloud: Cloud;
  readonly fleet: Fleet;
  readonly stack: string;
  readonly seed?: number;
  /** What is wrong with regions although they are deployed. @default nothing */
  readonly troubles?: Troubles;
}

/**
 * The network of a rehearsed cloud with a time of its own: ARM's face and the validators' JSON-RPC on loopback, asked by
 * the clients that ask Azure. Its time goes on as ours does, and is moved on by what a deployment or a wait would take.
 */
export class RehearsedNetwork {
  private constructor(
    private readonly server: ArmServer,
    private readonly time: { skippedMs: number },
    readonly machinery: Machinery,
  ) {}

  static async open({ cloud, fleet, stack, seed = 1, troubles }: RehearsedNetworkOptions): Promise<RehearsedNetwork> {
    const time = { skippedMs: 0 };
    const now = () => Date.now() + time.skippedMs;
    const there = (region: string, validator: string) =>
      cloud.get(`kubernetes://${region}/apps/v1/StatefulSet/besu/${validator}`)?.state === "Succeeded";
    const any = fleet.regions.some(({ name }) => there(name, "validator-0"));
    const server = await serveArm({
      ...{ cloud, fleet, stack, now, latencies: seededLatencies(seed, SPEED) },
      // A chain that lives has a past; a new one begins when its first validator does.
      chainAgeSeconds: any ? 600 : 0,
      isDeployed: ({ region, name }) => there(region, name),
      ...(troubles !== undefined && { troubles }),
    });
    const operations = { ...fleet.operations, endpoint: server.url, validatorUrl: server.validatorUrl };
    const network = operatedNetwork({ ...fleet, operations }, stack);
    const clusters = await azureClusters({ endpoint: server.url, subscriptionId, entra: false, pollMs: 5 });
    return new RehearsedNetwork(server, time, { network, clusters, validators: rpcValidatorsAt(now), now });
  }

  /** Lets time go by. */
  skip(ms: number): void {
    this.time.skippedMs += ms;
  }

  /**
   * Does to the validators what a deployment has done to their StatefulSets, at its virtual times, and lets as much time go
   * by as it took.
   *
   * @param durationMs of the whole deployment, virtual
   */
  take(trace: readonly TraceEntry[], durationMs: number): void {
    const began = Date.now() + this.time.skippedMs;
    const moves = trace.flatMap(({ urn, kind, startMs, endMs, outcome }) => {
      const [, region, name] = validatorSet.exec(urn) ?? [];
      const site = this.server.sites.find((one) => one.region === region && one.name === name);
      if (site === undefined || outcome !== "succeeded") return [];
      const down = { address: site.address, fromMs: Infinity, atMs: began + startMs };
      const up = { address: site.address, fromMs: began + endMs, atMs: began + endMs };
      return kind === "delete" ? [down] : kind === "create" ? [up] : [down, up];
    });
    for (const { address, fromMs, atMs } of moves.sort((a, b) => a.atMs - b.atMs)) {
      this.server.chain.set(address, fromMs, atMs);
    }
    this.skip(durationMs);
  }

  close(): Promise<void> {
    return this.server.close();
  }
}
