import { z } from "zod";

import { choice, flag, ipv4Ranges, settings, text, vmSize, wholeNumber } from "./fleet-schema";
import { rpcHost } from "./regions/naming";
import { DEFAULT_METHODS, namespaceOf, OFFERED_NAMESPACES } from "./gateway/policy";

/** A name as a certificate bears it, without wildcards (RFC 1123); `{region}` may stand in its first label. */
const HOST = /^(?=.{1,253}$)([a-z0-9]|\{region\})([a-z0-9-]|\{region\}){0,62}(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/;
const ORIGIN = /^https?:\/\/[a-z0-9.-]+(:\d{1,5})?$/;
const OBJECT_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

const list = (item: z.ZodString, of: string) => z.array(item, { error: `Allowed: a list of ${of}.` });

/** What one region may have otherwise than the others. */
const nodes = {
  enabled: flag,
  minReplicas: wholeNumber(1, 50, "RPC nodes of a region, at least"),
  maxReplicas: wholeNumber(1, 50, "RPC nodes of a region, at most"),
  vmSize,
  cores: wholeNumber(1, 64, "cores of an RPC node"),
  memoryGiB: wholeNumber(2, 512, "GiB of memory of an RPC node"),
  parallelExecution: choice("auto", "on", "off"),
};

/** `rpc` of a region: what differs there. */
export const rpcOverrideSchema = settings({
  enabled: nodes.enabled.optional(),
  minReplicas: nodes.minReplicas.optional(),
  maxReplicas: nodes.maxReplicas.optional(),
  vmSize: nodes.vmSize.optional(),
  cores: nodes.cores.optional(),
  memoryGiB: nodes.memoryGiB.optional(),
  parallelExecution: nodes.parallelExecution.optional(),
});

/** `rpc` of the fleet. Keys and units: docs/configuration.md. */
export const rpcSchema = settings({
  enabled: nodes.enabled.default(false),
  minReplicas: nodes.minReplicas.default(2),
  maxReplicas: nodes.maxReplicas.default(6),
  vmSize: nodes.vmSize.default("Standard_D4s_v5"),
  cores: nodes.cores.default(2),
  memoryGiB: nodes.memoryGiB.default(8),
  parallelExecution: nodes.parallelExecution.default("auto"),
  diskGiB: wholeNumber(32, 32_767, "GiB of disk of an RPC node").default(128),
  hosts: list(text("a host name, such as rpc.example.org", HOST), "host names").default([]),
  origins: list(text("an origin, such as https://app.example.org", ORIGIN), "origins").default([]),
  certificate: choice("keyVault", "certManager").default("keyVault"),
  certificateName: text("a name of lower-case letters, digits and hyphens", OBJECT_NAME).default("rpc-tls"),
  issuer: text("the name of a ClusterIssuer of cert-manager").optional(),
  exposure: choice("internal", "public").default("internal"),
  clients: ipv4Ranges.default([]),
  entry: choice("none", "trafficManager", "frontDoor").default("none"),
  methods: list(text("a JSON-RPC method, such as eth_call", /^[a-z0-9]+_[A-Za-z0-9]+$/), "JSON-RPC methods")
    .min(1, "Allowed: at least one method.")
    .default([...DEFAULT_METHODS]),
  requestsPerSecond: wholeNumber(1, 100_000, "requests of one client in a second").default(50),
  connections: wholeNumber(1, 10_000, "connections of one client").default(100),
  // Besu answers a longer batch than 1024 with one error (measured, 26.8.0).
  maxBatch: wholeNumber(1, 1024, "calls of one batch").default(50),
  maxBodyKiB: wholeNumber(1, 16_384, "KiB of one request").default(512),
  gatewayImage: text("a container image of nginx with njs, and its tag").default("nginx:1.30.6-alpine"),
});

type RpcDefaults = z.output<typeof rpcSchema>;

/** How one region's RPC nodes and their gateway are to be. */
export type RpcSettings = Omit<RpcDefaults, "enabled">;

interface RpcFleet {
  readonly rpc: RpcDefaults;
  readonly regions: readonly { readonly name: string; readonly rpc?: z.output<typeof rpcOverrideSchema> | undefined }[];
}

/** The RPC settings of a region, the fleet's with its own on top; undefined where it has no RPC nodes. */
export function rpcOf({ rpc, regions }: RpcFleet, region: string): RpcSettings | undefined {
  const given: Readonly<Record<string, unknown>> = regions.find(({ name }) => name === region)?.rpc ?? {};
  const own = Object.entries(given);
  const { enabled, ...merged } = { ...rpc, ...Object.fromEntries(own.filter(([, value]) => value !== undefined)) };
  return enabled ? merged : undefined;
}

/** The regions that have RPC nodes, in the order of the configuration. */
export const rpcRegions = (fleet: RpcFleet): string[] =>
  fleet.regions.map(({ name }) => name).filter((name) => rpcOf(fleet, name) !== undefined);

/** RPC nodes of all regions together, at most: how many connections besides the other validators' a validator may see. */
export const mostRpcNodes = (fleet: RpcFleet): number =>
  rpcRegions(fleet).reduce((sum, region) => sum + (rpcOf(fleet, region)?.maxReplicas ?? 0), 0);

/** Stands in a host name for the region's own name. */
const REGION = "{region}";

/**
 * The names at which a region's gateway is called: those configured, and Azure's own where it is public.
 *
 * @param stack the stack's name, which makes Azure's
 */
export function hostsOf({ hosts, exposure }: Pick<RpcSettings, "hosts" | "exposure">, region: string, stack: string) {
  const own = hosts.map((host) => host.replaceAll(REGION, region));
  return exposure === "public" ? [...own, rpcHost(stack, region)] : own;
}

/** The name of one region's public gateway: the first that names the region, or Azure's own. */
export function regionHost({ hosts }: Pick<RpcSettings, "hosts">, region: string, stack: string): string {
  const named = hosts.find((host) => host.includes(REGION));
  return named?.replaceAll(REGION, region) ?? rpcHost(stack, region);
}

interface RpcFault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly value?: string;
}

/** What is wrong with the RPC settings taken together. */
export function findRpcFaults(fleet: RpcFleet): RpcFault[] {
  const { rpc } = fleet;
  const faults: RpcFault[] = [];
  const foreign = rpc.methods.find((method) => !OFFERED_NAMESPACES.includes(namespaceOf(method)));
  if (foreign !== undefined) {
    const path = ["rpc", "methods", rpc.methods.indexOf(foreign)];
    faults.push({ path, message: `Allowed: methods of ${OFFERED_NAMESPACES.join(", ")}; no node offers others.` });
  }
  if (rpcRegions(fleet).length === 0) return faults;
  fleet.regions.forEach(({ name, rpc: own }, i) => {
    const merged = rpcOf(fleet, name);
    if (merged === undefined || merged.minReplicas <= merged.maxReplicas) return;
    const path = own === undefined ? ["rpc", "maxReplicas"] : ["regions", i, "rpc", "maxReplicas"];
    const message = `Allowed: at least minReplicas (${merged.minReplicas}).`;
    faults.push({ path, message, value: String(merged.maxReplicas) });
  });
  if (rpc.hosts.length === 0 && rpc.exposure === "internal") {
    const why = "the names that callers use and the certificate bears";
    faults.push({ path: ["rpc", "hosts"], message: `Allowed: one name or more: ${why}.` });
  }
  if ((rpc.certificate === "certManager") !== (rpc.issuer !== undefined)) {
    const needed = rpc.certificate === "certManager";
    const why = needed ? "the name of a ClusterIssuer" : 'none unless meridian:rpc.certificate is "certManager"';
    faults.push({ path: ["rpc", "issuer"], message: `Allowed: ${why}.` });
  }
  if (rpc.entry !== "none" && rpc.exposure !== "public") {
    const message = 'Allowed: "none" unless meridian:rpc.exposure is "public"; it leads to the gateways from outside.';
    faults.push({ path: ["rpc", "entry"], message });
  }
  if (rpc.exposure === "public" && rpc.entry !== "frontDoor" && rpc.clients.length === 0) {
    const message = 'Allowed: one range or more with meridian:rpc.exposure "public"; "0.0.0.0/0" is everyone.';
    faults.push({ path: ["rpc", "clients"], message, value: "[]" });
  }
  return faults;
}
