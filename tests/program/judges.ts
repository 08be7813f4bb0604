import type { Registered } from "./program";

/** The region, chain or `global` that leads a logical name; undefined when none does. */
export function scopeOf(name: string, regions: readonly string[]): string | undefined {
  return [...regions, "global", "chain138", "chain1"].find((scope) => name.startsWith(`${scope}-`));
}

/** Logical names that no target of a region, of what is global, or of a chain would find. */
export function misnamed(resources: readonly Registered[], regions: readonly string[]): string[] {
  return resources
    .filter(({ type }) => type !== "pulumi:pulumi:Stack")
    .map(({ name }) => name)
    .filter((name) => scopeOf(name, regions) === undefined);
}

/** Edges (dependency, parent or provider) that leave a scope for anything but what is global, as `from -> to`. */
export function straying(resources: readonly Registered[], regions: readonly string[]): string[] {
  const nameByUrn = new Map(resources.map(({ urn, name, type }) => [urn, type === "pulumi:pulumi:Stack" ? "" : name]));
  return resources.flatMap(({ name, dependencies, parent, provider }) => {
    const from = scopeOf(name, regions);
    const providerUrn = provider.split("::").slice(0, -1).join("::");
    return [...dependencies, parent, providerUrn]
      .map((urn) => nameByUrn.get(urn) ?? "")
      .filter((to) => to !== "" && !["global", from].includes(scopeOf(to, regions)))
      .map((to) => `${name} -> ${to}`);
  });
}

/** Logical names of everything that a resource waits for, directly or not. */
export function waitsFor(resources: readonly Registered[], name: string): string[] {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const start = resources.find((resource) => resource.name === name);
  const seen = new Set<Registered>();
  const queue = start === undefined ? [] : [start];
  for (const resource of queue) {
    for (const urn of resource.dependencies) {
      const dependency = byUrn.get(urn);
      if (dependency === undefined || seen.has(dependency)) continue;
      seen.add(dependency);
      queue.push(dependency);
    }
  }
  return [...seen].map((resource) => resource.name).sort();
}

/** Paths at which one of the needles stands in plain view: not inside `{ secret: … }`. */
export function leaks(value: unknown, needles: readonly string[], path = ""): string[] {
  if (typeof value === "string") return needles.some((needle) => value.includes(needle)) ? [path] : [];
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "secret" ? [] : leaks(inner, needles, path === "" ? key : `${path}.${key}`),
  );
}

/** Who may come from anywhere. */
const ANYWHERE: readonly unknown[] = ["*", "Internet", "0.0.0.0/0"];
const INTERNAL = "service.beta.kubernetes.io/azure-load-balancer-internal";

/** Resources that let the internet in, with what does. A NAT gateway's address lets out only. */
export function publicThings(resources: readonly Registered[]): string[] {
  return resources.flatMap(({ name, type, inputs }) =>
    openings(type, name, inputs).map((opening) => `${name}: ${opening}`),
  );
}

function openings(type: string, name: string, inputs: Record<string, any>): string[] {
  const when = (open: boolean, opening: string) => (open ? [opening] : []);
  switch (type) {
    case "azure-native:network:PublicIPAddress":
      return when(!name.endsWith("-network-egress-address"), "a public address");
    case "azure-native:network:NetworkSecurityGroup": {
      const rules = inputs.securityRules as Record<string, unknown>[];
      const inbound = rules.filter(({ direction, access }) => direction === "Inbound" && access === "Allow");
      return when(
        inbound.some(({ sourceAddressPrefix }) => ANYWHERE.includes(sourceAddressPrefix)),
        "a rule that lets anyone in",
      );
    }
    case "azure-native:keyvault:Vault":
      return when(inputs.properties.publicNetworkAccess !== "Disabled", "a vault with a public address");
    case "azure-native:containerservice:ManagedCluster":
      return [
        ...when(inputs.apiServerAccessProfile?.enablePrivateCluster !== true, "a public API server"),
        ...when(inputs.disableLocalAccounts !== true, "local accounts"),
      ];
    case "azure-native:containerservice:AgentPool":
      return when(inputs.enableNodePublicIP !== false, "nodes with public addresses");
    case "kubernetes:core/v1:Service": {
      const exposed = ["LoadBalancer", "NodePort"].includes(inputs.spec.type as string);
      return when(exposed && inputs.metadata.annotations?.[INTERNAL] !== "true", "a public load balancer");
    }
    default:
      return [];
  }
}

/** What a second run of the program changes: `+ name`, `- name`, `~ name inputs.data.config.toml`, sorted. */
export function changes(before: readonly Registered[], after: readonly Registered[]): string[] {
  const byUrn = new Map(after.map((resource) => [resource.urn, resource]));
  const had = new Set(before.map(({ urn }) => urn));
  return [
    ...after.filter(({ urn }) => !had.has(urn)).map(({ name }) => `+ ${name}`),
    ...before.flatMap((resource) => {
      const now = byUrn.get(resource.urn);
      return now === undefined
        ? [`- ${resource.name}`]
        : differences(comparable(resource), comparable(now)).map((path) => `~ ${resource.name} ${path}`);
    }),
  ].sort();
}

/** Edges alone change no resource; `straying` judges them. */
const comparable = (resource: Registered): object => ({ ...resource, dependencies: undefined });

/** Paths at which two values differ; a list differs as a whole. */
function differences(a: unknown, b: unknown, path = ""): string[] {
  if (Object.is(a, b)) return [];
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return [path];
  if (Array.isArray(a) || Array.isArray(b)) return JSON.stringify(a) === JSON.stringify(b) ? [] : [path];
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return keys.flatMap((key) => differences(left[key], right[key], path === "" ? key : `${path}.${key}`));
}
