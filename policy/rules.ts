import { catalogue } from "../regions/catalogue";
import { at, type PolicyResource, plainType, scopeOf, type Violation } from "./resource";
import {
  DEFAULT_REGIONS,
  DEFAULT_SKUS,
  DEFAULT_TAGS,
  isOn,
  listOf,
  type PolicyName,
  type PolicySettings,
} from "./settings";

/** A policy over one resource. */
export interface Rule {
  readonly name: Exclude<PolicyName, "no-replacement">;
  /** What it asks for, in one sentence. */
  readonly description: string;
  /** What is wrong with the resource: one sentence each. */
  readonly check: (resource: PolicyResource, settings: PolicySettings) => string[];
}

const cluster = "azure-native:containerservice:ManagedCluster";
const pool = "azure-native:containerservice:AgentPool";
const hasZones = new Map(catalogue.map(({ name, availabilityZones }) => [name, availabilityZones === true]));
const isValidator = (name: string): boolean => /-validators?(-|$)/.test(name);
const list = (allowed: readonly string[]): string =>
  allowed.length > 12 ? `${allowed.slice(0, 12).join(", ")} and ${allowed.length - 12} more` : allowed.join(", ");

interface Pool {
  readonly name: string;
  readonly vmSize?: unknown;
  readonly enableNodePublicIP?: unknown;
  readonly availabilityZones?: readonly unknown[];
}

/** Node pools that a resource describes: a cluster's own, or the one that it is. */
function poolsOf({ type, name, props }: PolicyResource): Pool[] {
  if (type === pool) return [{ ...props, name }];
  if (type !== cluster) return [];
  return ((props.agentPoolProfiles ?? []) as Pool[]).map((each) => ({ ...each, name: `${name}, pool ${each.name}` }));
}

const publicIp: Rule = {
  name: "no-public-ip-on-validators",
  description: "No validator, and no node that could hold one, has an address on the internet.",
  check: (resource) => {
    const { type, name, props } = resource;
    const found = poolsOf(resource)
      .filter(({ enableNodePublicIP }) => enableNodePublicIP === true)
      .map((each) => `${each.name}: enableNodePublicIP is true; it must be false.`);
    if (!isValidator(name)) return found;
    if (type === "azure-native:network:PublicIPAddress") found.push("is a public address of a validator.");
    if (type === "kubernetes:core/v1:Service") {
      const kind = at(props, "spec", "type");
      const annotation = "service.beta.kubernetes.io/azure-load-balancer-internal";
      const internal = at(props, "metadata", "annotations", annotation) === "true";
      if (kind === "NodePort")
        found.push("spec.type is NodePort; allowed: ClusterIP, or LoadBalancer that is internal.");
      if (kind === "LoadBalancer" && !internal) {
        found.push('is a LoadBalancer without service.beta.kubernetes.io/azure-load-balancer-internal: "true".');
      }
    }
    return found;
  },
};

const localAccounts: Rule = {
  name: "no-local-accounts",
  description: "Nobody enters a cluster with the cluster's own certificate.",
  check: ({ type, props }) =>
    type === cluster && props.disableLocalAccounts !== true
      ? [`disableLocalAccounts is ${String(props.disableLocalAccounts)}; it must be true.`]
      : [],
};

const zones: Rule = {
  name: "zones-on",
  description: "Node pools are spread over the zones of a region that has them.",
  check: (resource) =>
    hasZones.get(scopeOf(resource.name)) === true
      ? poolsOf(resource)
          .filter(({ availabilityZones }) => (availabilityZones ?? []).length === 0)
          .map(({ name }) => `${name}: availabilityZones is empty, and ${scopeOf(name)} has zones.`)
      : [],
};

/** A private key as text: 32 bytes in hex. Hashes look alike, so only where the name says that it is a key. */
const looksLikeKey = (value: unknown): boolean => typeof value === "string" && /^\s*(0x)?[0-9a-f]{64}\s*$/i.test(value);
const namesKey = (name: string): boolean =>
  /(^|[^a-z])(private|node|validator|deployer)?_?-?key($|[^a-z])|nodekey|secret/i.test(name);

const keys: Rule = {
  name: "keys-only-in-key-vault",
  description: "Private keys lie in Key Vaults that only the region's network reaches, and in no object of Kubernetes.",
  check: ({ type, props }) => {
    if (type === "kubernetes:core/v1:Secret") {
      const held = Object.keys({ ...(props.data as object), ...(props.stringData as object) });
      return held.length > 0 ? [`holds ${held.join(", ")}; mount them from a Key Vault (SecretProviderClass).`] : [];
    }
    if (type === "kubernetes:core/v1:ConfigMap") {
      return Object.entries((props.data ?? {}) as Record<string, unknown>).flatMap(([name, value]) =>
        namesKey(name) && looksLikeKey(value) ? [`data.${name} is a private key.`] : [],
      );
    }
    if (type === "azure-native:keyvault:Vault") {
      const { enablePurgeProtection, enableRbacAuthorization, publicNetworkAccess } = (props.properties ??
        {}) as Record<string, unknown>;
      return [
        ...(enablePurgeProtection === true ? [] : ["properties.enablePurgeProtection must be true."]),
        ...(enableRbacAuthorization === true ? [] : ["properties.enableRbacAuthorization must be true."]),
        ...(publicNetworkAccess === "Disabled" ? [] : ["properties.publicNetworkAccess must be Disabled."]),
      ];
    }
    return environmentOf(props).flatMap(({ name, value }) =>
      namesKey(name) && looksLikeKey(value) ? [`the environment variable ${name} holds a private key.`] : [],
    );
  },
};

interface Variable {
  readonly name: string;
  readonly value?: unknown;
}

/** Where the pod of a workload, of a CronJob, or a pod itself has its containers. */
const podPaths = [["spec", "template", "spec"], ["spec", "jobTemplate", "spec", "template", "spec"], ["spec"]];

/** Environment variables of a workload's containers. */
function environmentOf(props: PolicyResource["props"]): Variable[] {
  return podPaths.flatMap((path) =>
    ["containers", "initContainers"].flatMap((of) => {
      const containers = at(props, ...path, of);
      if (!Array.isArray(containers)) return [];
      return containers.flatMap((container) => (at(container, "env") ?? []) as Variable[]);
    }),
  );
}

/** What cannot be made again, or whose end is a validator's: keys and their vaults, clusters, resource groups. */
export const isPrecious = ({ type, name }: Pick<PolicyResource, "type" | "name">): boolean =>
  [cluster, "azure-native:keyvault:Vault", "azure-native:resources:ResourceGroup"].includes(plainType(type)) ||
  (plainType(type) === "azure-native:keyvault:Secret" && isValidator(name)) ||
  (type === "random:index/randomBytes:RandomBytes" && name.startsWith("global-key-"));

const protectedRule: Rule = {
  name: "protected",
  description: "Pulumi refuses to delete or replace keys, vaults, clusters and resource groups (meridian:protect).",
  check: (resource) => (isPrecious(resource) && !resource.protect ? ["protect is false; it must be true."] : []),
};

const regions: Rule = {
  name: "allowed-regions",
  description: "Resources lie in regions of the list.",
  check: ({ props }, settings) => {
    const allowed = listOf(settings, "allowed-regions", DEFAULT_REGIONS);
    const { location } = props;
    if (typeof location !== "string" || location === "global" || allowed.includes(location)) return [];
    return [`location is ${location}; allowed: ${list(allowed)}.`];
  },
};

const skus: Rule = {
  name: "allowed-skus",
  description: "Machines and disks are of sizes on the list; by default those whose price is known.",
  check: (resource, settings) => {
    const allowed = listOf(settings, "allowed-skus", DEFAULT_SKUS);
    const machines = poolsOf(resource).map(({ name, vmSize }) => ({ where: `${name}: vmSize`, sku: vmSize }));
    const storage = resource.type === "kubernetes:storage.k8s.io/v1:StorageClass";
    const disk = storage ? at(resource.props, "parameters", "skuName") : undefined;
    return [...machines, { where: "parameters.skuName", sku: disk }].flatMap(({ where, sku }) =>
      typeof sku === "string" && !allowed.includes(sku) ? [`${where} is ${sku}; allowed: ${list(allowed)}.`] : [],
    );
  },
};

/** Types of Azure resources that take tags, of those that Meridian makes. */
const taggable = [
  ...["resources:ResourceGroup", "managedidentity:UserAssignedIdentity", "operationalinsights:Workspace"],
  ...["network:NetworkSecurityGroup", "network:PublicIPAddress", "network:NatGateway", "network:VirtualNetwork"],
  ...["network:NetworkManager", "network:PrivateEndpoint", "privatedns:PrivateZone", "privatedns:VirtualNetworkLink"],
  ...["keyvault:Vault", "keyvault:Secret", "containerservice:ManagedCluster", "containerservice:AgentPool"],
].map((type) => `azure-native:${type}`);

const tagged: Rule = {
  name: "tagged",
  description: "Azure resources bear the tags by which they are found and paid for.",
  check: ({ type, props }, settings) => {
    if (!taggable.includes(type)) return [];
    const own = (props.tags ?? {}) as Record<string, unknown>;
    const missing = listOf(settings, "tagged", DEFAULT_TAGS).filter((tag) => own[tag] === undefined || own[tag] === "");
    return missing.length > 0 ? [`tags lack ${missing.join(", ")}.`] : [];
  },
};

/** Every policy over one resource. */
export const rules: readonly Rule[] = [publicIp, localAccounts, zones, keys, protectedRule, regions, skus, tagged];

/** What the policies find wrong with resources, in their order; policies that the settings switch off find nothing. */
export const judge = (resources: readonly PolicyResource[], settings: PolicySettings): Violation[] =>
  resources.flatMap((resource) =>
    rules
      .filter(({ name }) => isOn(settings, name))
      .flatMap(({ name, check }) =>
        check(resource, settings).map((message) => ({ policy: name, resource: resource.name, message })),
      ),
  );
