import { objectOf, type Properties, textOf, textsOf } from "../protocol/values";
import { contains, overlap, parseRange, type Range } from "./addresses";

/** A refusal as Azure Resource Manager words it. */
export class ArmError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
  ) {
    super(`Status=${status} Code="${code}" Message="${detail}"`);
    this.name = "ArmError";
  }
}

/** A resource that the check may look at. */
export interface Neighbour {
  readonly id: string;
  readonly type: string;
  readonly inputs: Properties;
}

type NameRule = (name: string) => ArmError | undefined;

// Naming rules: learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules; messages as ARM and the
// network and container services return them (public issue threads).
const networkName: NameRule = (name) =>
  /^\w$|^\w[\w.-]{0,78}\w$/.test(name)
    ? undefined
    : new ArmError(
        400,
        "InvalidResourceName",
        `Resource name ${name} is invalid. The name can be up to 80 characters long. It must begin with a word character, and it must end with a word character or with '_'. The name may contain word characters or '.', '-', '_'.`,
      );

const groupName: NameRule = (name) => {
  const bad = [...new Set(name.match(/[^-\p{L}\p{N}._()]/gu) ?? [])].join("");
  if (bad !== "") {
    return new ArmError(
      400,
      "InvalidResourceGroup",
      `The provided resource group name '${name}' has these invalid characters: '${bad}'. The name can only be a letter, digit, '-', '.', '(', ')' or '_'.`,
    );
  }
  if (name.length > 90) {
    return new ArmError(
      400,
      "InvalidResourceGroup",
      `The provided resource group name '${name}' has a length of '${name.length}' which exceeds the maximum length of '90'.`,
    );
  }
  return name.endsWith(".")
    ? new ArmError(400, "InvalidResourceGroup", `The provided resource group name '${name}' cannot end with '.'.`)
    : undefined;
};

const aksName =
  (parameter: string, pattern: RegExp): NameRule =>
  (name) =>
    pattern.test(name)
      ? undefined
      : new ArmError(
          400,
          "InvalidParameter",
          `The value of parameter ${parameter} is invalid. Error details: The value '${name}' does not match '${pattern.source}'. Please see https://aka.ms/aks-naming-rules for more details.`,
        );

const matching =
  (code: string, what: string, pattern: RegExp): NameRule =>
  (name) =>
    pattern.test(name) ? undefined : new ArmError(400, code, `The ${what} name '${name}' is invalid.`);

const vaultName = matching("VaultNameNotValid", "vault", /^[a-zA-Z](?:[a-zA-Z0-9]|-(?!-)){1,22}[a-zA-Z0-9]$/);
const workspaceName = matching("InvalidParameter", "workspace", /^[a-zA-Z0-9][a-zA-Z0-9-]{2,61}[a-zA-Z0-9]$/);
const grafanaName = matching("BadRequest", "workspace", /^[a-zA-Z](?:[a-zA-Z0-9-]{0,21}[a-zA-Z0-9])$/);
const secretName = matching("BadParameter", "secret", /^[a-zA-Z0-9-]{1,127}$/);
const entryName = matching("BadRequest", "profile", /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,61}[a-zA-Z0-9])?$/);
const endpointName = matching("BadRequest", "endpoint", /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,44}[a-zA-Z0-9])$/);
const identityName = matching("InvalidResourceName", "identity", /^[a-zA-Z0-9][a-zA-Z0-9_-]{2,127}$/);

const nameRules: Readonly<Record<string, { readonly input: string; readonly rule: NameRule }>> = {
  "azure-native:resources:ResourceGroup": { input: "resourceGroupName", rule: groupName },
  "azure-native:network:VirtualNetwork": { input: "virtualNetworkName", rule: networkName },
  "azure-native:network:Subnet": { input: "subnetName", rule: networkName },
  "azure-native:network:PublicIPAddress": { input: "publicIpAddressName", rule: networkName },
  "azure-native:network:NatGateway": { input: "natGatewayName", rule: networkName },
  "azure-native:network:PrivateEndpoint": { input: "privateEndpointName", rule: networkName },
  "azure-native:network:NetworkManager": { input: "networkManagerName", rule: networkName },
  "azure-native:keyvault:Vault": { input: "vaultName", rule: vaultName },
  "azure-native:keyvault:Secret": { input: "secretName", rule: secretName },
  "azure-native:operationalinsights:Workspace": { input: "workspaceName", rule: workspaceName },
  "azure-native:monitor:AzureMonitorWorkspace": { input: "azureMonitorWorkspaceName", rule: workspaceName },
  "azure-native:dashboard:Grafana": { input: "workspaceName", rule: grafanaName },
  "azure-native:managedidentity:UserAssignedIdentity": { input: "resourceName", rule: identityName },
  "azure-native:trafficmanager:Profile": { input: "profileName", rule: entryName },
  "azure-native:cdn:Profile": { input: "profileName", rule: entryName },
  "azure-native:cdn:AFDEndpoint": { input: "endpointName", rule: endpointName },
  "azure-native:cdn:AFDOriginGroup": { input: "originGroupName", rule: entryName },
  "azure-native:cdn:AFDOrigin": { input: "originName", rule: entryName },
  "azure-native:cdn:Route": { input: "routeName", rule: entryName },
  "azure-native:network:NetworkSecurityGroup": { input: "networkSecurityGroupName", rule: networkName },
  "azure-native:containerservice:ManagedCluster": {
    input: "resourceName",
    rule: aksName("managedCluster.name", /^[a-zA-Z0-9]$|^[a-zA-Z0-9][-_a-zA-Z0-9]{0,61}[a-zA-Z0-9]$/),
  },
  "azure-native:containerservice:AgentPool": {
    input: "agentPoolName",
    rule: aksName("agentPoolProfile.name", /^[a-z][a-z0-9]{0,11}$/),
  },
};

/** Name and length of the name. */
export const checkName = (type: string, inputs: Properties): ArmError | undefined => {
  const known = nameRules[type];
  return known?.rule(textOf(inputs, known.input) ?? "");
};

const rangesOf = (prefixes: readonly string[]): Range[] =>
  prefixes.map(parseRange).filter((range): range is Range => range !== undefined);

const subnetPrefixes = (inputs: Properties): string[] => {
  const single = textOf(inputs, "addressPrefix");
  return single === undefined ? textsOf(inputs, "addressPrefixes") : [single];
};

/** The subnets that a network's own request holds, each with the others as its siblings. */
export const checkInlineSubnets = (network: Properties): ArmError | undefined => {
  const inline = Array.isArray(network.subnets) ? (network.subnets as readonly Properties[]) : [];
  const named = inline.map((subnet) => ({
    ...subnet,
    subnetName: textOf(subnet, "name") ?? "",
    virtualNetworkName: textOf(network, "virtualNetworkName") ?? "",
  }));
  const asNeighbour = (inputs: Properties): Neighbour => ({ id: "", type: "azure-native:network:Subnet", inputs });
  return named
    .map((subnet, index) => checkSubnet(subnet, asNeighbour(network), named.slice(0, index).map(asNeighbour)))
    .find((refusal) => refusal !== undefined);
};

/** A subnet lies inside its network and beside the network's other subnets. */
export const checkSubnet = (
  inputs: Properties,
  network: Neighbour,
  siblings: readonly Neighbour[],
): ArmError | undefined => {
  const subnet = textOf(inputs, "subnetName") ?? "";
  const networkName_ = textOf(inputs, "virtualNetworkName") ?? "";
  const outer = rangesOf(textsOf(objectOf(network.inputs, "addressSpace"), "addressPrefixes"));
  const own = rangesOf(subnetPrefixes(inputs));
  if (!own.every((range) => outer.some((space) => contains(space, range)))) {
    return new ArmError(
      400,
      "NetcfgSubnetRangeOutsideVnet",
      `Subnet '${subnet}' is not valid because its IP address range is outside the IP address range of virtual network '${networkName_}'.`,
    );
  }
  const taken = siblings.flatMap((sibling) => rangesOf(subnetPrefixes(sibling.inputs)));
  return own.some((range) => taken.some((other) => overlap(range, other)))
    ? new ArmError(
        400,
        "NetcfgSubnetRangesOverlap",
        `Subnet '${subnet}' is not valid because its IP address range overlaps with that of an existing subnet in virtual network '${networkName_}'.`,
      )
    : undefined;
};
