import * as keyvault from "@pulumi/azure-native/keyvault";
import * as kubernetes from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { RpcSettings } from "../fleet-rpc";
import { azureName } from "../regions/naming";
import type { KeyVault } from "./key-vault";
import { mountSecret } from "./mounted-secret";
import { networkName } from "./network-name";
import { type Transform, transformed } from "./transform";

export interface RpcCertificateArgs {
  /** Azure's name of the region. */
  readonly region: string;
  readonly settings: Pick<RpcSettings, "certificate" | "certificateName" | "issuer">;
  /** Names that the certificate bears. */
  readonly hosts: readonly string[];
  readonly namespace: pulumi.Output<string>;
  /** Name of the service account that the gateway runs as. */
  readonly serviceAccount: string;
  readonly resourceGroupName: pulumi.Input<string>;
  /** The region's vault. */
  readonly vault: KeyVault;
  /** Who issues the tokens of the cluster's service accounts. */
  readonly oidcIssuer: pulumi.Input<string>;
  readonly tags: Readonly<Record<string, string>>;
  /** Changes what a child is made of. @default nothing */
  readonly transform?: { readonly certificate?: Transform<kubernetes.apiextensions.CustomResourceArgs> };
}

/** File with the chain and the key, in PEM; nginx takes one for both. */
const BUNDLE = "tls.pem";

/** What the secret holds until an operator has put a certificate there: a role needs something to be for. */
const PLACEHOLDER = "No certificate yet: see docs/rpc.md.";

/**
 * The certificate of a region's gateway: made and renewed by cert-manager, or one that an operator puts into a secret of
 * the region's vault. A renewed one reaches the gateway's files by itself, and its next handshake.
 */
export class RpcCertificate extends pulumi.ComponentResource {
  /** What the gateway mounts, without its name. */
  readonly volume: Omit<types.input.core.v1.Volume, "name">;
  /** File names of the chain and the key in it. */
  readonly files: { readonly chain: string; readonly key: string };
  /** Client id of the identity that may read the certificate; undefined where none is needed. */
  readonly clientId: pulumi.Output<string> | undefined;
  /** What must be there before the pod can mount it. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: RpcCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:region:Certificate", name, {}, opts);
    switch (args.settings.certificate) {
      case "certManager": {
        const certificate = this.request(name, args);
        this.volume = { secret: { secretName: args.settings.certificateName, defaultMode: 0o440 } };
        this.files = { chain: "tls.crt", key: "tls.key" };
        this.clientId = undefined;
        this.ready = [certificate];
        break;
      }
      case "keyVault": {
        const { clientId, ready } = this.mount(name, args);
        const { certificateName } = args.settings;
        const volumeAttributes = { secretProviderClass: certificateName };
        this.volume = { csi: { driver: "secrets-store.csi.k8s.io", readOnly: true, volumeAttributes } };
        this.files = { chain: BUNDLE, key: BUNDLE };
        this.clientId = clientId;
        this.ready = ready;
      }
    }
    this.registerOutputs();
  }

  /** cert-manager has to be in the cluster, with the issuer. */
  private request(name: string, args: RpcCertificateArgs): pulumi.Resource {
    const { certificateName, issuer } = args.settings;
    return new kubernetes.apiextensions.CustomResource(
      `${name}-request`,
      transformed(args.transform?.certificate, {
        apiVersion: "cert-manager.io/v1",
        kind: "Certificate",
        metadata: { name: certificateName, namespace: args.namespace },
        spec: {
          secretName: certificateName,
          dnsNames: [...args.hosts],
          issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: issuer },
          privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
          usages: ["digital signature", "server auth"],
        },
      }),
      { parent: this },
    );
  }

  /** An identity of the gateway's own, that may read this one secret of the vault and none of the validators' keys. */
  private mount(name: string, args: RpcCertificateArgs) {
    const child = { parent: this };
    const { region, resourceGroupName, vault, namespace, serviceAccount, tags } = args;
    const { certificateName } = args.settings;
    const secret = new keyvault.Secret(
      `${name}-secret`,
      {
        ...{ resourceGroupName, tags },
        vaultName: vault.vaultName,
        secretName: certificateName,
        properties: { value: PLACEHOLDER, contentType: "application/x-pem-file" },
      },
      // What is in it is the operator's from then on.
      { ...child, ignoreChanges: ["properties"] },
    );
    return mountSecret(
      name,
      {
        ...{ region, resourceGroupName, vault, secret, namespace, serviceAccount, tags },
        oidcIssuer: args.oidcIssuer,
        secretName: certificateName,
        file: BUNDLE,
        identityName: azureName("rpcIdentity", networkName(), region),
        providerClass: certificateName,
      },
      child,
    );
  }
}
