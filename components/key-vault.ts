import * as keyvault from "@pulumi/azure-native/keyvault";
import * as network from "@pulumi/azure-native/network";
import * as privatedns from "@pulumi/azure-native/privatedns";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { azureName, vaultName } from "../regions/naming";
import { deployer } from "./deployer";
import { createDiagnostics } from "./diagnostics";
import type { Network } from "./network";
import { networkName } from "./network-name";
import { type Transform, transformed } from "./transform";

export interface KeyVaultArgs {
  /** Azure's name of the region. */
  readonly region: string;
  readonly resourceGroupName: pulumi.Input<string>;
  readonly network: Network;
  /** ARM id of the Log Analytics workspace that keeps the record of who read which key. */
  readonly logs: pulumi.Input<string>;
  /** Whether Pulumi refuses to delete the vault. */
  readonly protect: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** Changes what a child is made of. @default nothing */
  readonly transform?: KeyVaultTransforms | undefined;
}

export interface KeyVaultTransforms {
  readonly vault?: Transform<keyvault.VaultArgs>;
  readonly endpoint?: Transform<network.PrivateEndpointArgs>;
}

/** The name under which clients look a vault's private address up (Azure docs, "Private endpoint DNS zone values"). */
const PRIVATE_ZONE = "privatelink.vaultcore.azure.net";

/** Days in which a deleted vault can be had back; the longest there is. */
const RETENTION_DAYS = 90;

/**
 * A region's Key Vault: it can be read from the region's network alone, by those who have a role on a secret.
 *
 * Purge protection is for good: a deleted vault keeps its name for 90 days, so the name ends in chance. Keys are written
 * through Azure Resource Manager, which needs no way into the network.
 */
export class KeyVault extends pulumi.ComponentResource {
  /** Name of the vault. */
  readonly vaultName: pulumi.Output<string>;
  /** ARM id of the vault. */
  readonly id: pulumi.Output<string>;
  /** Entra tenant that its readers belong to. */
  readonly tenantId: pulumi.Output<string>;
  /** What must be there before a node can read from it: its private address and the name of that. */
  readonly reachable: pulumi.Resource;

  constructor(name: string, args: KeyVaultArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:region:KeyVault", name, {}, opts);
    const child = { parent: this };
    this.tenantId = deployer().tenantId;
    const vault = this.createVault(name, args);
    const logs = { resourceId: vault.id, workspaceId: args.logs, logs: ["AuditEvent"] };
    createDiagnostics(`${name}-diagnostics`, logs, child);
    this.reachable = this.createEndpoint(name, args, vault);
    this.vaultName = vault.name;
    this.id = vault.id;
    this.registerOutputs({ vaultName: this.vaultName });
  }

  private createVault(name: string, args: KeyVaultArgs): keyvault.Vault {
    const { hex } = new random.RandomId(`${name}-suffix`, { byteLength: 4 }, { parent: this });
    return new keyvault.Vault(
      `${name}-vault`,
      transformed(args.transform?.vault, {
        resourceGroupName: args.resourceGroupName,
        vaultName: hex.apply((suffix) => vaultName(args.region, suffix)),
        location: args.region,
        properties: {
          tenantId: this.tenantId,
          sku: { family: "A", name: "standard" },
          enableRbacAuthorization: true,
          enableSoftDelete: true,
          softDeleteRetentionInDays: RETENTION_DAYS,
          enablePurgeProtection: true,
          publicNetworkAccess: "Disabled",
          networkAcls: { defaultAction: "Deny", bypass: "None" },
        },
        tags: args.tags,
      }),
      { parent: this, protect: args.protect },
    );
  }

  /** A private address in the region's network, and its name there. A zone of the region's own: no region needs another. */
  private createEndpoint(name: string, args: KeyVaultArgs, vault: keyvault.Vault): pulumi.Resource {
    const { resourceGroupName, tags } = args;
    const child = { parent: this };
    const zone = new privatedns.PrivateZone(
      `${name}-zone`,
      { resourceGroupName, privateZoneName: PRIVATE_ZONE, location: "global", tags },
      child,
    );
    const link = new privatedns.VirtualNetworkLink(
      `${name}-zone-link`,
      {
        resourceGroupName,
        privateZoneName: zone.name,
        virtualNetworkLinkName: "network",
        location: "global",
        registrationEnabled: false,
        virtualNetwork: { id: args.network.id },
        tags,
      },
      child,
    );
    const endpoint = new network.PrivateEndpoint(
      `${name}-endpoint`,
      transformed(args.transform?.endpoint, {
        resourceGroupName,
        privateEndpointName: azureName("privateEndpoint", networkName(), args.region),
        location: args.region,
        subnet: { id: args.network.privateEndpointSubnetId },
        privateLinkServiceConnections: [{ name: "vault", privateLinkServiceId: vault.id, groupIds: ["vault"] }],
        tags,
      }),
      child,
    );
    return new network.PrivateDnsZoneGroup(
      `${name}-endpoint-name`,
      {
        resourceGroupName,
        privateEndpointName: endpoint.name,
        privateDnsZoneGroupName: "default",
        privateDnsZoneConfigs: [{ name: "vault", privateDnsZoneId: zone.id }],
      },
      { ...child, dependsOn: [link] },
    );
  }
}
