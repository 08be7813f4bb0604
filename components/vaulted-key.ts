import * as keyvault from "@pulumi/azure-native/keyvault";
import * as managedidentity from "@pulumi/azure-native/managedidentity";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { KeyVault } from "./key-vault";
import { assignRole } from "./roles";

/** Name of the file that holds the key where it is mounted. */
export const KEY_FILE = "node.key";

export interface VaultedKeyArgs {
  /** Azure's name of the region. */
  readonly region: string;
  readonly resourceGroupName: pulumi.Input<string>;
  readonly vault: KeyVault;
  /** Who issues the tokens of the cluster's service accounts. */
  readonly oidcIssuer: pulumi.Input<string>;
  /** Namespace of the pod that may read the key. */
  readonly namespace: pulumi.Input<string>;
  /** Name of the pod's service account, of the secret in the vault, and of the SecretProviderClass: `validator-0`. */
  readonly owner: string;
  /** 64 hex digits; secret. */
  readonly privateKey: pulumi.Output<string>;
  /** Whether Pulumi refuses to delete the key from the vault. */
  readonly protect: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * A node's key in the region's vault, and the one identity that may read it: that of the node's service account.
 *
 * The key reaches the pod as a file, through the Key Vault driver of AKS; there is no Kubernetes Secret, so neither
 * etcd, nor its backups, nor whoever may read Secrets has it.
 */
export class VaultedKey extends pulumi.ComponentResource {
  /** Name of the service account that the pod must run as. */
  readonly serviceAccountName: pulumi.Output<string>;
  /** Name of the SecretProviderClass that the pod mounts. */
  readonly providerClassName: string;
  /** What must be there before the pod can mount the key. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: VaultedKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:besu:VaultedKey", name, {}, opts);
    const child = { parent: this };
    const { vault, owner, namespace, resourceGroupName } = args;
    const secret = new keyvault.Secret(
      `${name}-secret`,
      {
        resourceGroupName,
        vaultName: vault.vaultName,
        secretName: `${owner}-key`,
        properties: { value: args.privateKey, contentType: "secp256k1, hex" },
        tags: args.tags,
      },
      { ...child, protect: args.protect },
    );
    const identity = new managedidentity.UserAssignedIdentity(
      `${name}-identity`,
      { resourceGroupName, resourceName: `${args.region}-${owner}`, location: args.region, tags: args.tags },
      child,
    );
    // One credential an identity: Azure refuses concurrent writes to an identity's credentials, so a second one would
    // have to be chained to the first (ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity).
    const federation = new managedidentity.FederatedIdentityCredential(
      `${name}-federation`,
      {
        resourceGroupName,
        resourceName: identity.name,
        federatedIdentityCredentialResourceName: owner,
        issuer: args.oidcIssuer,
        subject: pulumi.interpolate`system:serviceaccount:${namespace}:${owner}`,
        audiences: ["api://AzureADTokenExchange"],
      },
      child,
    );
    const { principalId } = identity;
    const grant = { scope: secret.id, role: "keyVaultSecretsUser", principalId } as const;
    const reader = assignRole(`${name}-reader`, { ...grant, principalType: "ServicePrincipal" }, child);
    const metadata = { name: owner, namespace };
    const account = new kubernetes.core.v1.ServiceAccount(
      `${name}-account`,
      {
        metadata: { ...metadata, annotations: { "azure.workload.identity/client-id": identity.clientId } },
        automountServiceAccountToken: false,
      },
      child,
    );
    const providerClass = new kubernetes.apiextensions.CustomResource(
      `${name}-mount`,
      {
        apiVersion: "secrets-store.csi.x-k8s.io/v1",
        kind: "SecretProviderClass",
        metadata,
        spec: {
          provider: "azure",
          parameters: {
            usePodIdentity: "false",
            clientID: identity.clientId,
            keyvaultName: vault.vaultName,
            tenantId: vault.tenantId,
            objects: renderObjects(`${owner}-key`),
          },
        },
      },
      child,
    );
    this.serviceAccountName = account.metadata.name;
    this.providerClassName = owner;
    this.ready = [federation, reader, providerClass, vault.reachable];
    this.registerOutputs();
  }
}

/** What to fetch, in the driver's own notation: YAML in YAML (Azure docs, "Use the Azure Key Vault provider"). */
const renderObjects = (secretName: string): string =>
  `array:\n  - |\n    objectName: ${secretName}\n    objectType: secret\n    objectAlias: ${KEY_FILE}\n`;
