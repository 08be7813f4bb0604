import type { Cloud, CloudResource } from "../azure/cloud";
import { type Properties, objectOf, textOf } from "../protocol/values";
import type { SimulatedChain } from "./chain";
import { ClusterCommands, type CommandOutcome } from "./cluster-commands";
import type { Latencies } from "./latencies";
import type { Site } from "./sites";
import type { Troubles } from "./trouble";

export interface FaceOptions {
  readonly cloud: Cloud;
  readonly chain: SimulatedChain;
  readonly sites: readonly Site[];
  readonly latencies: Latencies;
  readonly troubles: Troubles;
}

export interface ArmAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** An operation that Azure has accepted. */
interface Running {
  readonly id: string;
  readonly kind: "start" | "stop" | "pool" | "command";
  /** Id of the cluster or pool. */
  readonly resource: string;
  readonly beganMs: number;
  readonly endsMs: number;
  readonly failed: boolean;
  /** Of a command. */
  outcome?: CommandOutcome;
}

const clusterPath =
  /^(\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.ContainerService\/managedClusters\/[^/]+)(?:\/(.+))?$/i;
const operationPath =
  /\/providers\/Microsoft\.ContainerService\/locations\/[^/]+\/(operations|operationresults)\/([^/]+)$/i;
const vaultPath =
  /^(\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.KeyVault\/vaults)(\/[^/]+\/secrets)?$/i;

const refuse = (status: number, code: string, message: string): ArmAnswer => ({
  status,
  body: { error: { code, message } },
});

const notFound = (path: string): ArmAnswer => refuse(404, "ResourceNotFound", `The Resource '${path}' was not found.`);

/** What a cluster is called while something is done to it. */
const doing = { start: "Starting", stop: "Stopping", pool: "Updating", command: "Succeeded" } as const;

/**
 * Azure Resource Manager's REST face of the simulated cloud, as far as the operations use it: clusters and their power,
 * node pools, commands in a cluster, vaults and their secrets without values. Long operations answer 202 with
 * `Azure-AsyncOperation` and `Location`, as in "Track asynchronous Azure operations" (Azure docs). It has no timer: what
 * has ended by then is looked at with each request.
 */
export class ArmFace {
  private readonly operations = new Map<string, Running>();

  private readonly commands: ClusterCommands;

  constructor(private readonly options: FaceOptions) {
    this.commands = new ClusterCommands(options);
  }

  /** The region of whatever a path names; undefined for what is of none. */
  regionOf(path: string): string | undefined {
    const operation = this.operations.get(operationPath.exec(path)?.[2] ?? "");
    const location = this.options.cloud.locationOf(operation?.resource ?? path);
    return location ?? /\/resourceGroups\/[^/]*-([a-z0-9]+)\//i.exec(path)?.[1];
  }

  /** @param base URL that polling addresses begin with */
  answer(method: string, path: string, nowMs: number, base: string, body?: unknown): ArmAnswer {
    this.settle(nowMs);
    const [, wanted, operationId] = operationPath.exec(path) ?? [];
    if (operationId !== undefined) return this.poll(operationId, wanted === "operations", nowMs);
    const [, vaults, secrets] = vaultPath.exec(path) ?? [];
    if (vaults !== undefined) return this.listVaults(secrets === undefined ? undefined : path, vaults);
    const [, id = "", rest] = clusterPath.exec(path) ?? [];
    const cluster = this.options.cloud.get(id);
    if (cluster === undefined) return notFound(path);
    const [collection, name] = (rest ?? "").split("/");
    if (collection === "" && method === "GET") return { status: 200, body: this.describeCluster(cluster) };
    if (collection === "agentPools") return this.pools(method, cluster, name, nowMs, base, body);
    if (collection === "commandResults") return this.commandResult(name ?? "", nowMs);
    if (method === "POST" && (collection === "start" || collection === "stop")) {
      return this.power(collection, cluster, nowMs, base);
    }
    if (method === "POST" && collection === "runCommand") return this.runCommand(cluster, nowMs, base, body);
    return refuse(405, "HttpMethodNotAllowed", `The rehearsed Azure does not do ${method} ${path}.`);
  }

  /** Ends at once whatever Azure would go on with when nobody looks. */
  close(): void {
    this.settle(Infinity);
  }

  private power(kind: "start" | "stop", cluster: CloudResource, nowMs: number, base: string): ArmAnswer {
    const busy = this.busyWith(cluster.id);
    if (busy !== undefined) return inProgress(cluster, busy);
    if (powerOf(cluster) === (kind === "start" ? "Running" : "Stopped")) return { status: 204 };
    const region = textOf(cluster.inputs, "location") ?? "";
    const running = this.begin(kind, cluster.id, region, nowMs);
    if (!running.failed) this.commands.move(region, kind === "start" ? running.endsMs : Infinity, nowMs);
    return accepted(running, region, base);
  }

  private runCommand(cluster: CloudResource, nowMs: number, base: string, body: unknown): ArmAnswer {
    if (powerOf(cluster) === "Stopped") {
      return refuse(400, "OperationNotAllowed", "Run command is not allowed: the cluster is stopped.");
    }
    const region = textOf(cluster.inputs, "location") ?? "";
    const running = this.begin("command", cluster.id, region, nowMs);
    const { command = "" } = (body ?? {}) as { readonly command?: string };
    if (!running.failed) running.outcome = this.commands.run(region, command, running.endsMs, nowMs);
    return { status: 202, headers: { location: `${base}${cluster.id}/commandResults/${running.id}` } };
  }

  private commandResult(id: string, nowMs: number): ArmAnswer {
    const running = this.operations.get(id);
    if (running === undefined) return notFound(id);
    if (running.endsMs > nowMs) return { status: 202 };
    const properties = running.failed
      ? { provisioningState: "Failed", reason: "the command's pod could not be scheduled" }
      : { provisioningState: "Succeeded", ...running.outcome };
    return { status: 200, body: { id, properties } };
  }

  private pools(
    method: string,
    cluster: CloudResource,
    name: string | undefined,
    nowMs: number,
    base: string,
    body: unknown,
  ): ArmAnswer {
    const pools = this.poolsOf(cluster);
    if (name === undefined) return { status: 200, body: { value: pools.map(describePool) } };
    const pool = pools.find(({ id }) => id.toLowerCase().endsWith(`/${name.toLowerCase()}`));
    if (pool === undefined) return notFound(`${cluster.id}/agentPools/${name}`);
    if (method !== "PUT") return { status: 200, body: describePool(pool) };
    const busy = this.busyWith(pool.id) ?? this.busyWith(cluster.id);
    if (busy !== undefined) return inProgress(pool, busy);
    const wanted = (body as { readonly properties?: { readonly powerState?: { readonly code?: string } } } | undefined)
      ?.properties?.powerState?.code;
    const region = textOf(cluster.inputs, "location") ?? "";
    const running = this.begin("pool", pool.id, region, nowMs);
    if (wanted !== undefined && !running.failed) {
      this.options.cloud.put({ ...pool, outputs: { ...pool.outputs, powerState: { code: wanted } } }, 0);
      if (name === "validators") this.commands.move(region, wanted === "Running" ? running.endsMs : Infinity, nowMs);
    }
    return { ...accepted(running, region, base), status: 201, body: describePool(pool) };
  }

  private poll(id: string, asStatus: boolean, nowMs: number): ArmAnswer {
    const running = this.operations.get(id);
    if (running === undefined) return notFound(id);
    const done = running.endsMs <= nowMs;
    if (!asStatus) return { status: done ? 204 : 202 };
    const status = done ? (running.failed ? "Failed" : "Succeeded") : "InProgress";
    const error = { code: "InternalServerError", message: `The operation ${running.kind} failed (rehearsed).` };
    const times = { startTime: new Date(running.beganMs).toISOString() };
    return { status: 200, body: { name: id, status, ...times, ...(status === "Failed" && { error }) } };
  }

  private listVaults(secretsPath: string | undefined, vaults: string): ArmAnswer {
    const { cloud } = this.options;
    const below = cloud.below(`${secretsPath ?? vaults}/`);
    const deep = secretsPath === undefined ? 9 : 11;
    const value = below
      .filter(({ id }) => id.split("/").length === deep)
      .map(({ id, inputs, type }) => {
        const { attributes = {} } = objectOf(inputs, "properties");
        return { id, name: id.split("/").at(-1), ...(type.endsWith(":Secret") && { properties: { attributes } }) };
      });
    return { status: 200, body: { value } };
  }

  private describeCluster(cluster: CloudResource): unknown {
    const { id, inputs, outputs } = cluster;
    const power = powerOf(cluster);
    const system = (inputs.agentPoolProfiles ?? []) as readonly Properties[];
    const own = system.map((pool) => ({ ...pool, powerState: { code: power }, provisioningState: "Succeeded" }));
    const pools = this.poolsOf(cluster).map((pool) => {
      const { properties, name } = describePool(pool);
      return { name, ...properties, ...(power === "Stopped" && { powerState: { code: power } }) };
    });
    const busy = this.busyWith(id);
    return {
      ...{ id, name: id.split("/").at(-1), location: inputs.location, tags: inputs.tags },
      type: "Microsoft.ContainerService/ManagedClusters",
      properties: {
        provisioningState: busy === undefined ? (outputs.provisioningState ?? "Succeeded") : doing[busy.kind],
        powerState: { code: power },
        kubernetesVersion: inputs.kubernetesVersion,
        currentKubernetesVersion: outputs.currentKubernetesVersion,
        fqdn: outputs.fqdn,
        agentPoolProfiles: [...own, ...pools],
      },
    };
  }

  private poolsOf(cluster: CloudResource): readonly CloudResource[] {
    return this.options.cloud.below(`${cluster.id}/agentPools/`);
  }

  /** The operation that keeps a resource from another one; a command keeps from none. */
  private busyWith(resource: string): Running | undefined {
    return [...this.operations.values()].find(
      (one) => one.resource === resource && one.kind !== "command" && !this.settled.has(one.id),
    );
  }

  private readonly settled = new Set<string>();

  private begin(kind: Running["kind"], resource: string, region: string, nowMs: number): Running {
    const { latencies, troubles } = this.options;
    const number = this.operations.size + 1;
    const endsMs =
      nowMs +
      latencies(kind, `${region}/${[...this.operations.values()].filter((one) => one.resource === resource).length}`);
    const id = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
    const running: Running = { id, kind, resource, beganMs: nowMs, endsMs, failed: troubles.get(region) === "fail" };
    this.operations.set(id, running);
    return running;
  }

  private settle(nowMs: number): void {
    const { cloud } = this.options;
    for (const one of this.operations.values()) {
      if (one.endsMs > nowMs || this.settled.has(one.id)) continue;
      this.settled.add(one.id);
      const resource = cloud.get(one.resource);
      if (resource === undefined || (one.kind !== "start" && one.kind !== "stop")) continue;
      const powerState = { code: one.failed ? powerOf(resource) : one.kind === "start" ? "Running" : "Stopped" };
      const provisioningState = one.failed ? "Failed" : "Succeeded";
      cloud.put({ ...resource, outputs: { ...resource.outputs, powerState, provisioningState } }, 0);
    }
  }
}

const powerOf = ({ outputs }: CloudResource): string => textOf(objectOf(outputs, "powerState"), "code") ?? "Running";

const describePool = (pool: CloudResource) => ({
  id: pool.id,
  name: pool.id.split("/").at(-1),
  properties: {
    mode: pool.inputs.mode,
    count: pool.inputs.count,
    vmSize: pool.inputs.vmSize,
    powerState: { code: powerOf(pool) },
    provisioningState: pool.outputs.provisioningState ?? "Succeeded",
  },
});

const inProgress = ({ id }: CloudResource, { kind }: Running): ArmAnswer =>
  refuse(
    409,
    "OperationNotAllowed",
    `Operation is not allowed because there's an in progress ${kind} operation on '${id.split("/").at(-1) ?? ""}'.`,
  );

const accepted = ({ id, resource }: Running, region: string, base: string): ArmAnswer => {
  const [, , subscription = ""] = resource.split("/");
  const place = `${base}/subscriptions/${subscription}/providers/Microsoft.ContainerService/locations/${region}`;
  return {
    status: 202,
    headers: { "azure-asyncoperation": `${place}/operations/${id}`, location: `${place}/operationresults/${id}` },
  };
};
