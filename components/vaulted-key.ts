import * as keyvault from "@pulumi/azure-native/keyvault";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { KeyVault } from "./key-vault";
import { mountSecret } from "./mounted-secret";

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
    const { clientId, ready } = mountSecret(
      name,
      {
        ...{ resourceGroupName, vault, secret, namespace },
        ...{ region: args.region, oidcIssuer: args.oidcIssuer, tags: args.tags },
        secretName: `${owner}-key`,
        file: KEY_FILE,
        identityName: `${args.region}-${owner}`,
        serviceAccount: owner,
        providerClass: owner,
      },
      child,
    );
    const account = new kubernetes.core.v1.ServiceAccount(
      `${name}-account`,
      {
        metadata: { name: owner, namespace, annotations: { "azure.workload.identity/client-id": clientId } },
        automountServiceAccountToken: false,
      },
      child,
    );
    this.serviceAccountName = account.metadata.name;
    this.providerClassName = owner;
    this.ready = ready;
    this.registerOutputs();
  }
}
