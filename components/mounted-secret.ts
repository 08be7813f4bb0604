import type * as keyvault from "@pulumi/azure-native/keyvault";
import * as managedidentity from "@pulumi/azure-native/managedidentity";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { KeyVault } from "./key-vault";
import { assignRole } from "./roles";

export interface MountedSecretArgs {
  /** Azure's name of the region. */
  readonly region: string;
  readonly resourceGroupName: pulumi.Input<string>;
  readonly vault: KeyVault;
  readonly secret: keyvault.Secret;
  /** The secret's name in the vault. */
  readonly secretName: string;
  /** Name of the file that holds it where it is mounted. */
  readonly file: string;
  /** Azure's name of the identity that may read it. */
  readonly identityName: string;
  /** Who issues the tokens of the cluster's service accounts. */
  readonly oidcIssuer: pulumi.Input<string>;
  /** Namespace of the pod that may read it. */
  readonly namespace: pulumi.Input<string>;
  /** Name of the pod's service account. */
  readonly serviceAccount: string;
  /** Name of the SecretProviderClass that the pod mounts. */
  readonly providerClass: string;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * One secret of a vault as a file for one service account, and an identity that may read it and nothing else.
 *
 * @param name beginning of the resources' logical names
 * @returns the identity's client id, and what must be there before a pod can mount the secret
 */
export function mountSecret(
  name: string,
  args: MountedSecretArgs,
  child: pulumi.CustomResourceOptions,
): { readonly clientId: pulumi.Output<string>; readonly ready: readonly pulumi.Resource[] } {
  const { region, resourceGroupName, vault, namespace, serviceAccount, tags } = args;
  const identity = new managedidentity.UserAssignedIdentity(
    `${name}-identity`,
    { resourceGroupName, resourceName: args.identityName, location: region, tags },
    child,
  );
  // One credential an identity: Azure refuses concurrent writes to an identity's credentials, so a second one would
  // have to be chained to the first (ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity).
  const federation = new managedidentity.FederatedIdentityCredential(
    `${name}-federation`,
    {
      resourceGroupName,
      resourceName: identity.name,
      federatedIdentityCredentialResourceName: serviceAccount,
      issuer: args.oidcIssuer,
      subject: pulumi.interpolate`system:serviceaccount:${namespace}:${serviceAccount}`,
      audiences: ["api://AzureADTokenExchange"],
    },
    child,
  );
  const { principalId, clientId } = identity;
  const grant = { scope: args.secret.id, role: "keyVaultSecretsUser", principalId } as const;
  const reader = assignRole(`${name}-reader`, { ...grant, principalType: "ServicePrincipal" }, child);
  const providerClass = new kubernetes.apiextensions.CustomResource(
    `${name}-mount`,
    {
      apiVersion: "secrets-store.csi.x-k8s.io/v1",
      kind: "SecretProviderClass",
      metadata: { name: args.providerClass, namespace },
      spec: {
        provider: "azure",
        parameters: {
          usePodIdentity: "false",
          clientID: clientId,
          keyvaultName: vault.vaultName,
          tenantId: vault.tenantId,
          objects: renderObjects(args.secretName, args.file),
        },
      },
    },
    child,
  );
  return { clientId, ready: [federation, reader, providerClass, vault.reachable] };
}

/** What to fetch, in the driver's own notation: YAML in YAML (Azure docs, "Use the Azure Key Vault provider"). */
const renderObjects = (secretName: string, file: string): string =>
  `array:\n  - |\n    objectName: ${secretName}\n    objectType: secret\n    objectAlias: ${file}\n`;
