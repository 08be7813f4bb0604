import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { headAgeLimitSeconds } from "../besu/head-age";
import { P2P_PORT } from "../besu/enode";
import { renderToml } from "../besu/config-toml";
import { METRICS_PORT, type NodeOptions, RPC_PORT, validatorOptions } from "../besu/node-options";
import type { ChainSettings } from "../fleet";
import type { ChainFacts, ValidatorKey } from "./chain";
import type { KeyVault } from "./key-vault";
import { subnetNames } from "./network";
import { paths } from "./node-paths";
import { PROBE_FILE, PROBE_SCRIPT } from "./probe";
import { DATA_CLAIM, DATA_CLASS } from "./storage";
import { type Transform, transformed } from "./transform";
import { validatorLabels } from "./validator-labels";
import { validatorPod } from "./validator-pod";
import { KEY_FILE, VaultedKey } from "./vaulted-key";

export interface ValidatorArgs {
  /** The validator's key and place. */
  readonly key: ValidatorKey;
  /** Genesis and peers. */
  readonly chain: ChainFacts;
  /** Timing of the chain, and the container image of Besu with its tag. */
  readonly settings: Pick<
    ChainSettings,
    "besuImage" | "blockPeriodSeconds" | "requestTimeoutSeconds" | "futureBySender" | "parallelExecution"
  >;
  /** Other nodes of the whole fleet that may connect to it. @default 0 */
  readonly otherPeers?: number;
  /** Cores that it may use; decides parallel execution unless the settings do. @default Besu's own choice */
  readonly cores?: number | undefined;
  readonly resourceGroupName: pulumi.Input<string>;
  /** The region's vault, where the key is kept. */
  readonly vault: KeyVault;
  /** Who issues the tokens of the cluster's service accounts. */
  readonly oidcIssuer: pulumi.Input<string>;
  readonly namespace: pulumi.Input<string>;
  /** Whether Pulumi refuses to delete the key, and the disk outlives the validator. */
  readonly protect: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** Changes what a child is made of. @default nothing */
  readonly transform?: ValidatorTransforms | undefined;
}

export interface ValidatorTransforms {
  readonly statefulSet?: Transform<kubernetes.apps.v1.StatefulSetArgs>;
  readonly service?: Transform<kubernetes.core.v1.ServiceArgs>;
}

/** Size of a validator's disk: the smallest Premium SSD that is as fast as a validator needs, P10. */
const DATA_SIZE = "128Gi";

/** A Besu validator: one StatefulSet with its key, disk and fixed address. */
export class Validator extends pulumi.ComponentResource {
  /** Account that signs its blocks; public. */
  readonly address: pulumi.Output<string>;
  /** `enode://…@10.3.0.10:30303`; public. */
  readonly enode: pulumi.Output<string>;

  constructor(name: string, args: ValidatorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:besu:Validator", name, {}, opts);
    const inCluster = `validator-${args.key.ordinal}`;
    const labels = { ...validatorLabels, "app.kubernetes.io/instance": inCluster };
    const metadata = { namespace: args.namespace, labels };

    const key = this.createKey(name, args, inCluster);
    const options = optionsOf(args);
    const config = this.createConfig(name, args, options, { ...metadata, name: `${inCluster}-config` });
    this.createService(name, args, { ...metadata, name: inCluster });
    this.createStatefulSet(name, args, { ...metadata, name: inCluster }, key, config, options);
    this.address = args.key.address;
    this.enode = args.key.enode;
    this.registerOutputs({ address: this.address, enode: this.enode });
  }

  private createKey(name: string, args: ValidatorArgs, owner: string): VaultedKey {
    const { key, vault, resourceGroupName, oidcIssuer, namespace, protect, tags } = args;
    return new VaultedKey(
      `${name}-key`,
      {
        region: key.region,
        privateKey: key.privateKey,
        ...{ vault, resourceGroupName, oidcIssuer, namespace, owner, protect, tags },
      },
      { parent: this },
    );
  }

  private createStatefulSet(
    name: string,
    args: ValidatorArgs,
    metadata: ObjectMeta,
    key: VaultedKey,
    config: kubernetes.core.v1.ConfigMap,
    options: NodeOptions,
  ): kubernetes.apps.v1.StatefulSet {
    const { besuImage, blockPeriodSeconds, requestTimeoutSeconds } = args.settings;
    return new kubernetes.apps.v1.StatefulSet(
      `${name}-set`,
      transformed(args.transform?.statefulSet, {
        metadata,
        spec: {
          // By name, not by output: the service counts as created once the pod answers, so the pod must not wait for it.
          serviceName: metadata.name,
          replicas: 1,
          selector: { matchLabels: metadata.labels },
          // The chain's data outlive the StatefulSet: a validator that returns need not fetch them again.
          persistentVolumeClaimRetentionPolicy: {
            whenDeleted: args.protect ? "Retain" : "Delete",
            whenScaled: "Retain",
          },
          template: {
            metadata: { labels: metadata.labels },
            spec: validatorPod({
              image: besuImage,
              configMap: config.metadata.name,
              options,
              serviceAccount: key.serviceAccountName,
              keyProvider: key.providerClassName,
              headAgeLimitSeconds: headAgeLimitSeconds(blockPeriodSeconds, requestTimeoutSeconds),
            }),
          },
          volumeClaimTemplates: [
            {
              metadata: { name: DATA_CLAIM },
              spec: {
                accessModes: ["ReadWriteOnce"],
                storageClassName: DATA_CLASS,
                resources: { requests: { storage: DATA_SIZE } },
              },
            },
          ],
        },
      }),
      { parent: this, dependsOn: [...key.ready] },
    );
  }

  private createConfig(name: string, { chain }: ValidatorArgs, options: NodeOptions, metadata: ObjectMeta) {
    return new kubernetes.core.v1.ConfigMap(
      `${name}-config`,
      {
        metadata,
        data: {
          "config.toml": renderToml(options),
          "genesis.json": chain.genesis,
          "static-nodes.json": chain.staticNodes,
          [PROBE_FILE]: PROBE_SCRIPT,
        },
      },
      { parent: this },
    );
  }

  /** Pods of an overlay network are not reachable from other regions: the load balancer's fixed address is. */
  private createService(
    name: string,
    { key, transform }: ValidatorArgs,
    metadata: ObjectMeta,
  ): kubernetes.core.v1.Service {
    return new kubernetes.core.v1.Service(
      `${name}-service`,
      transformed(transform?.service, {
        metadata: {
          ...metadata,
          annotations: {
            "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
            "service.beta.kubernetes.io/azure-load-balancer-internal-subnet": subnetNames.loadBalancers,
            "service.beta.kubernetes.io/azure-load-balancer-ipv4": key.host,
          },
        },
        spec: {
          type: "LoadBalancer",
          selector: metadata.labels,
          // Peers keep their source address, which network policies will judge them by.
          externalTrafficPolicy: "Local",
          // A halted chain's validators are not ready, and must reach each other all the same, or it stays halted.
          publishNotReadyAddresses: true,
          ports: [
            { name: "p2p", port: P2P_PORT, targetPort: "p2p", protocol: "TCP" },
            { name: "rpc", port: RPC_PORT, targetPort: "rpc", protocol: "TCP" },
            // For whoever operates the network, from outside the cluster; who may connect is the policies' business.
            { name: "metrics", port: METRICS_PORT, targetPort: "metrics", protocol: "TCP" },
          ],
        },
      }),
      { parent: this },
    );
  }
}

const optionsOf = ({ key, chain, otherPeers, cores, settings }: ValidatorArgs): NodeOptions =>
  validatorOptions({
    dataPath: paths.data,
    genesisFile: `${paths.config}/genesis.json`,
    staticNodesFile: `${paths.config}/static-nodes.json`,
    privateKeyFile: `${paths.key}/${KEY_FILE}`,
    address: key.host,
    validators: chain.validators.length,
    ...{ otherPeers, cores, futureBySender: settings.futureBySender, parallelExecution: settings.parallelExecution },
  });

interface ObjectMeta {
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  readonly labels: Readonly<Record<string, string>>;
}
