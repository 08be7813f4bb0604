import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { renderToml } from "../besu/config-toml";
import { headAgeLimitSeconds } from "../besu/head-age";
import { type NodeOptions, nodeOptions } from "../besu/node-options";
import type { ChainSettings } from "../fleet";
import { hostsOf, type RpcSettings } from "../fleet-rpc";
import { addressRegion, rpcAddress } from "../regions/addressing";
import { rpcLabel } from "../regions/naming";
import type { KeyVault } from "./key-vault";
import { networkName } from "./network-name";
import { PROBE_FILE, PROBE_SCRIPT } from "./probe";
import { createRpcAutoscaling } from "./rpc-autoscaling";
import { RpcCertificate, type RpcCertificateArgs } from "./rpc-certificate";
import { createGatewayConfig } from "./rpc-gateway";
import { RPC_NAMESPACE, rpcLabels } from "./rpc-labels";
import { createRpcPolicy, createRpcServices } from "./rpc-network";
import { rpcPod } from "./rpc-pod";
import { createStorageClass } from "./storage";
import { type Transform, transformed } from "./transform";
import { paths } from "./node-paths";

export interface RpcArgs {
  /** Azure's name of the region. */
  readonly region: string;
  readonly settings: RpcSettings;
  /** Timing of the chain, and how Besu is run. */
  readonly chain: Pick<ChainSettings, "besuImage" | "blockPeriodSeconds" | "requestTimeoutSeconds" | "futureBySender">;
  /** Text of `genesis.json`; public. */
  readonly genesis: pulumi.Input<string>;
  /** Text of `static-nodes.json`; public. */
  readonly staticNodes: pulumi.Input<string>;
  /** Validators of the whole chain. */
  readonly validators: number;
  /** Network from which every region's addresses are cut, in CIDR notation. */
  readonly supernet: string;
  readonly disks: Parameters<typeof createStorageClass>[1]["disks"];
  readonly resourceGroupName: pulumi.Input<string>;
  /** The region's vault, which may hold the gateway's certificate. */
  readonly vault: KeyVault;
  /** Who issues the tokens of the cluster's service accounts. */
  readonly oidcIssuer: pulumi.Input<string>;
  /** What must be there before a manifest is applied: nodes, and the right to apply it. */
  readonly ready: readonly pulumi.Resource[];
  /** Whether the region's exporter may look at the gateway's certificate. @default false */
  readonly exporter?: boolean;
  /** Id of the Front Door through which all calls come. @default any caller that can reach the gateway */
  readonly frontDoorId?: pulumi.Input<string> | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Changes what a child is made of. @default nothing */
  readonly transform?: RpcTransforms | undefined;
}

export interface RpcTransforms {
  readonly statefulSet?: Transform<kubernetes.apps.v1.StatefulSetArgs>;
  readonly service?: Transform<kubernetes.core.v1.ServiceArgs>;
  readonly autoscaler?: Transform<kubernetes.autoscaling.v2.HorizontalPodAutoscalerArgs>;
  readonly certificate?: NonNullable<RpcCertificateArgs["transform"]>["certificate"];
}

/** Class of the RPC nodes' disks: they hold nothing that is not on every other node, so they go with their claims. */
const RPC_DATA_CLASS = "rpc-data";

/** Name of the service account: with no rights in the cluster, and at most one certificate in Azure. */
const ACCOUNT = "rpc";

/** A region's RPC nodes: Besu without any validator's key, each behind a gateway that judges every call. */
export class Rpc extends pulumi.ComponentResource {
  constructor(name: string, args: RpcArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:besu:Rpc", name, {}, opts);
    const child = { parent: this };
    const { region, settings, supernet } = args;
    const namespace = this.createNamespace(name, args);
    const hosts = hostsOf(settings, region, networkName());
    const { virtualNetwork } = addressRegion(region, supernet);
    const { exporter = false } = args;
    createRpcPolicy(`${name}-policy`, { settings, namespace, supernet, virtualNetwork, exporter }, child);
    const storage = { region, disks: args.disks, protect: false, className: RPC_DATA_CLASS };
    createStorageClass(`${name}-storage`, storage, { ...child, dependsOn: [...args.ready] });
    const address = rpcAddress(region, supernet);
    const label = () => rpcLabel(networkName());
    createRpcServices(name, { settings, namespace, address, label, transform: args.transform?.service }, child);
    createRpcAutoscaling(name, { settings, namespace, transform: args.transform?.autoscaler }, child);
    const certificate = new RpcCertificate(
      `${name}-certificate`,
      {
        ...{ region, settings, hosts, namespace, serviceAccount: ACCOUNT },
        resourceGroupName: args.resourceGroupName,
        vault: args.vault,
        oidcIssuer: args.oidcIssuer,
        tags: args.tags,
        transform: args.transform ?? {},
      },
      child,
    );
    this.createStatefulSet(name, args, { namespace, hosts, certificate });
    this.registerOutputs();
  }

  /** One of its own: whoever runs here can name no service account, and so no identity, of a validator. */
  private createNamespace(name: string, args: RpcArgs): pulumi.Output<string> {
    const namespace = new kubernetes.core.v1.Namespace(
      `${name}-namespace`,
      { metadata: { name: RPC_NAMESPACE, labels: { "pod-security.kubernetes.io/enforce": "restricted" } } },
      { parent: this, dependsOn: [...args.ready] },
    );
    return namespace.metadata.name;
  }

  private createStatefulSet(name: string, args: RpcArgs, { namespace, hosts, certificate }: Placed): void {
    const child = { parent: this };
    const { settings, chain } = args;
    const ageLimit = headAgeLimitSeconds(chain.blockPeriodSeconds, chain.requestTimeoutSeconds);
    const account = this.createAccount(name, namespace, certificate);
    const options = optionsOf(args);
    const config = this.createConfig(name, args, options, namespace);
    const gateway = createGatewayConfig(
      `${name}-gateway`,
      {
        ...{ settings, namespace, hosts, certificate: certificate.files, headAgeLimitSeconds: ageLimit },
        frontDoorId: args.frontDoorId,
      },
      child,
    );
    new kubernetes.apps.v1.StatefulSet(
      `${name}-set`,
      transformed(args.transform?.statefulSet, {
        metadata: { name: "rpc", namespace, labels: rpcLabels },
        spec: {
          serviceName: "rpc",
          // No `replicas`: they are the autoscaler's.
          selector: { matchLabels: rpcLabels },
          podManagementPolicy: "Parallel",
          // A node that comes back begins where it stopped.
          persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete", whenScaled: "Retain" },
          template: {
            metadata: { labels: rpcLabels, annotations: { "meridian.io/gateway": gateway.digest } },
            spec: rpcPod({
              settings,
              image: chain.besuImage,
              options,
              configMap: config.metadata.name,
              gatewayConfigMap: gateway.configMap,
              serviceAccount: account.metadata.name,
              certificate: certificate.volume,
              headAgeLimitSeconds: ageLimit,
            }),
          },
          volumeClaimTemplates: [
            {
              metadata: { name: "data" },
              spec: {
                accessModes: ["ReadWriteOnce"],
                storageClassName: RPC_DATA_CLASS,
                resources: { requests: { storage: `${settings.diskGiB}Gi` } },
              },
            },
          ],
        },
      }),
      { ...child, dependsOn: [...certificate.ready] },
    );
  }

  private createAccount(name: string, namespace: pulumi.Output<string>, { clientId }: RpcCertificate) {
    const annotations: Record<string, pulumi.Input<string>> = clientId === undefined
      ? {}
      : { "azure.workload.identity/client-id": clientId };
    return new kubernetes.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata: { name: ACCOUNT, namespace, annotations }, automountServiceAccountToken: false },
      { parent: this },
    );
  }

  private createConfig(name: string, args: RpcArgs, options: NodeOptions, namespace: pulumi.Output<string>) {
    return new kubernetes.core.v1.ConfigMap(
      `${name}-config`,
      {
        metadata: { name: "rpc-config", namespace },
        data: {
          "config.toml": renderToml(options),
          "genesis.json": args.genesis,
          "static-nodes.json": args.staticNodes,
          [PROBE_FILE]: PROBE_SCRIPT,
        },
      },
      { parent: this },
    );
  }
}

const optionsOf = ({ validators, settings, chain }: RpcArgs): NodeOptions =>
  nodeOptions("rpc", {
    dataPath: paths.data,
    genesisFile: `${paths.config}/genesis.json`,
    staticNodesFile: `${paths.config}/static-nodes.json`,
    // The pod's own address takes its place on the command line.
    address: "127.0.0.1",
    rpcInterface: "127.0.0.1",
    validators,
    cores: settings.cores,
    parallelExecution: settings.parallelExecution,
    futureBySender: chain.futureBySender,
  });

interface Placed {
  readonly namespace: pulumi.Output<string>;
  readonly hosts: readonly string[];
  readonly certificate: RpcCertificate;
}
