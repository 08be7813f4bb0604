import { MeridianError } from "../errors";

/** The words that may lead a logical name besides a region: what belongs to all, and the chains' contracts. */
export type SharedScope = "global" | "chain138" | "chain1";

/** What Azure resource a name is for. */
export type AzureNameKind =
  | "resourceGroup"
  | "nodeResourceGroup"
  | "virtualNetwork"
  | "networkSecurityGroup"
  | "publicIpAddress"
  | "natGateway"
  | "privateEndpoint"
  | "networkManager"
  | "workspace"
  | "identity"
  | "rpcIdentity"
  | "globalEntry"
  | "monitorWorkspace"
  | "dataCollection"
  | "managedCluster"
  | "dnsPrefix";

/**
 * Longest names, in characters. Sources: Azure docs, "Naming rules and restrictions for Azure resources" (2026), and
 * for `nodeResourceGroup` (80) "AKS troubleshooting: node resource group name too long".
 */
const LONGEST_NAME: Readonly<Record<AzureNameKind, number>> = {
  resourceGroup: 90,
  nodeResourceGroup: 80,
  virtualNetwork: 64,
  networkSecurityGroup: 80,
  publicIpAddress: 80,
  natGateway: 80,
  privateEndpoint: 64,
  networkManager: 64,
  workspace: 63,
  identity: 128,
  rpcIdentity: 128,
  globalEntry: 63,
  monitorWorkspace: 63,
  dataCollection: 44,
  managedCluster: 63,
  dnsPrefix: 54,
};

/** A name that Azure would refuse. */
export class NameTooLongError extends MeridianError {
  override readonly name = "NameTooLongError";
}

/**
 * The logical name of a resource: `japaneast-validator-0`, `global-key-japaneast-0`.
 *
 * The scope leads, so that `--target '**::japaneast-*'` is one region, and never part of `southeastasia` for `eastasia`.
 *
 * @param scope a region's name, `global`, or a chain
 */
export const logicalName = (scope: string, ...parts: readonly (string | number)[]): string =>
  [scope, ...parts].join("-");

/**
 * The name that an Azure resource of a region bears.
 *
 * Only resource groups carry the stack's name: everything else lies in one, where the region's name is enough.
 *
 * @throws {NameTooLongError} where the stack's name makes it longer than Azure allows.
 */
export function azureName(kind: AzureNameKind, stack: string, region: string): string {
  const name = composeName(kind, stack, region);
  if (name.length > LONGEST_NAME[kind]) {
    const surplus = name.length - LONGEST_NAME[kind];
    throw new NameTooLongError(
      `"${name}" is ${name.length} characters and Azure allows ${LONGEST_NAME[kind]} (${kind}). Shorten the stack's name by ${surplus}.`,
    );
  }
  return name;
}

/** Longest name of a Key Vault (same source), and what of it the region's name may take. */
const LONGEST_VAULT_NAME = 24;

/**
 * The name of a region's Key Vault: unique in all of Azure, also among deleted ones, so it ends in chance.
 *
 * @param suffix letters and digits; the region's name is cut to leave room for them
 */
export const vaultName = (region: string, suffix: string): string =>
  `${region.slice(0, LONGEST_VAULT_NAME - suffix.length - 1)}-${suffix}`;

/**
 * The name of a stack's Grafana, of 2 to 23 characters: its address is made of it, so it ends in chance.
 *
 * @param suffix letters and digits
 */
export const grafanaName = (suffix: string): string => `meridian-${suffix}`;

/**
 * Longest label of a public address or of a Traffic Manager profile, and longest name of a Front Door endpoint, in
 * characters (same source).
 */
const LONGEST_LABEL = { dnsLabel: 63, frontDoorEndpoint: 46 } as const;

/**
 * The public name under which a stack's RPC is known, `meridian-<stack>-rpc`: of each region's public address, in front of
 * `.<region>.cloudapp.azure.com`, and of what leads to all of them. Signs that a name cannot have become hyphens.
 *
 * @throws {NameTooLongError} where the stack's name makes it longer than Azure allows.
 */
export function rpcLabel(stack: string, kind: keyof typeof LONGEST_LABEL = "dnsLabel"): string {
  const label = `meridian-${stack.toLowerCase().replace(/[^a-z0-9-]/g, "-")}-rpc`;
  const surplus = label.length - LONGEST_LABEL[kind];
  if (surplus <= 0) return label;
  throw new NameTooLongError(
    `"${label}" is ${label.length} characters and Azure allows ${LONGEST_LABEL[kind]} (${kind}). Shorten the stack's name by ${surplus}.`,
  );
}

/** Where a region's public RPC gateway is found, in Azure's own DNS. */
export const rpcHost = (stack: string, region: string): string => `${rpcLabel(stack)}.${region}.cloudapp.azure.com`;

/** Every kind of Azure name, to check a stack's name before anything is created. */
export const azureNameKinds = Object.keys(LONGEST_NAME) as readonly AzureNameKind[];

function composeName(kind: AzureNameKind, stack: string, region: string): string {
  switch (kind) {
    case "resourceGroup":
      return `meridian-${stack}-${region}`;
    case "nodeResourceGroup":
      return `meridian-${stack}-${region}-nodes`;
    case "virtualNetwork":
      return `${region}-network`;
    case "networkSecurityGroup":
      return `${region}-members`;
    case "publicIpAddress":
    case "natGateway":
      return `${region}-egress`;
    case "privateEndpoint":
      return `${region}-vault`;
    case "networkManager":
      return `${region}-mesh`;
    case "workspace":
      return `${region}-logs`;
    case "monitorWorkspace":
    case "dataCollection":
      return `${region}-metrics`;
    case "rpcIdentity":
      return `${region}-rpc`;
    case "globalEntry":
      return `${region}-entry`;
    case "identity":
    case "managedCluster":
      return `${region}-cluster`;
    case "dnsPrefix":
      return `meridian-${region}`;
  }
}
