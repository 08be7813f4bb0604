import { createHash } from "node:crypto";

import type { Address, Hex } from "viem";

import { enodeUrl } from "../../besu/enode";
import { nodeIdentity } from "../../besu/keys";
import type { Fleet } from "../../fleet";
import { validatorAddress } from "../../regions/addressing";
import { azureName, vaultName } from "../../regions/naming";
import { armId, azureTypeOf, type Cloud } from "../azure/cloud";
import { objectOf, type Properties, textOf } from "../protocol/values";

/** A validator of the simulated network. */
export interface Site {
  readonly region: string;
  readonly name: string;
  /** Fixed address of its load balancer. */
  readonly host: string;
  readonly address: Address;
  readonly enode: string;
}

const clusterType = "azure-native:containerservice:ManagedCluster";

/** Id of a region's cluster. */
export const clusterIdOf = (stack: string, region: string): string =>
  idOf(clusterType, {
    resourceGroupName: azureName("resourceGroup", stack, region),
    resourceName: azureName("managedCluster", stack, region),
  });

/** The validators of a stack, with the keys that the rehearsal has put into the vaults, where there are any. */
export function sitesOf(cloud: Cloud, { regions, network }: Fleet, stack: string): Site[] {
  return regions.flatMap(({ name: region, validators }) =>
    Array.from({ length: validators }, (_, ordinal): Site => {
      const group = groupId(stack, region);
      const secret = cloud
        .below(`${group}/providers/Microsoft.KeyVault/vaults/`)
        .find(({ id }) => id.endsWith(`/secrets/validator-${ordinal}-key`));
      const kept = textOf(objectOf(secret?.inputs ?? {}, "properties"), "value");
      const { address, publicKey } = nodeIdentity(kept === undefined ? madeUpKey(region, ordinal) : prefixed(kept));
      const host = validatorAddress(region, ordinal, network.supernet);
      return { region, name: `validator-${ordinal}`, host, address, enode: enodeUrl(publicKey, host) };
    }),
  );
}

/** Whether the cloud has any cluster of the stack. */
export const isDeployed = (cloud: Cloud, { regions }: Fleet, stack: string): boolean =>
  regions.some(({ name }) => cloud.get(clusterIdOf(stack, name)) !== undefined);

/** Puts into the cloud what the operations look at, as a deployment of the stack would have left it. */
export function putDeployed(cloud: Cloud, { regions, cluster, tags }: Fleet, stack: string): void {
  for (const { name: region, validators } of regions) {
    const resourceGroupName = azureName("resourceGroup", stack, region);
    const resourceName = azureName("managedCluster", stack, region);
    const vault = vaultName(region, createHash("sha256").update(region).digest("hex").slice(0, 8));
    const { kubernetesVersion } = cluster;
    put(cloud, "azure-native:resources:ResourceGroup", { resourceGroupName, location: region, tags });
    put(cloud, clusterType, {
      ...{ resourceGroupName, resourceName, location: region, kubernetesVersion, tags },
      agentPoolProfiles: [{ name: "system", mode: "System", count: cluster.systemNodes }],
    });
    put(cloud, "azure-native:containerservice:AgentPool", {
      ...{ resourceGroupName, resourceName, agentPoolName: "validators", mode: "User" },
      count: cluster.validatorNodes ?? validators,
    });
    put(cloud, "azure-native:keyvault:Vault", { resourceGroupName, vaultName: vault, location: region });
    for (let ordinal = 0; ordinal < validators; ordinal++) {
      const value = madeUpKey(region, ordinal);
      const secretName = `validator-${ordinal}-key`;
      const secret = { resourceGroupName, vaultName: vault, secretName, properties: { value } };
      put(cloud, "azure-native:keyvault:Secret", secret);
    }
  }
}

function put(cloud: Cloud, token: string, inputs: Properties): void {
  const type = typeOf(token);
  const id = armId(type, inputs);
  const outputs = { ...type.outputs(inputs, id), id, name: id.split("/").at(-1) ?? "" };
  cloud.put({ id, type: token, inputs, outputs, state: "Succeeded", acceptedMs: 0 });
}

const groupId = (stack: string, region: string): string =>
  idOf("azure-native:resources:ResourceGroup", { resourceGroupName: azureName("resourceGroup", stack, region) });

const idOf = (token: string, inputs: Properties): string => armId(typeOf(token), inputs);

function typeOf(token: string) {
  const type = azureTypeOf(token);
  if (type === undefined) throw new Error(`The simulated Azure has no ${token}.`);
  return type;
}

/** The same at every start, and worth nothing: it signs nothing anywhere. */
const madeUpKey = (region: string, ordinal: number): Hex =>
  `0x${createHash("sha256").update(`meridian/${region}/${ordinal}`).digest("hex")}`;

const prefixed = (hex: string): Hex => (hex.startsWith("0x") ? (hex as Hex) : `0x${hex}`);
