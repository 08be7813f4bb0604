import * as operationalinsights from "@pulumi/azure-native/operationalinsights";
import * as resources from "@pulumi/azure-native/resources";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { Fleet } from "../fleet";
import { mostRpcNodes, rpcOf, type RpcSettings } from "../fleet-rpc";
import { addressRegion } from "../regions/addressing";
import { azureName, logicalName } from "../regions/naming";
import { rpcPeerRegions } from "../regions/rpc-peers";
import { coresPerValidator } from "../regions/vm-size";
import { networkName } from "./network-name";
import { tagsOf } from "./tags";
import type { ChainFacts } from "./chain";
import { Cluster } from "./cluster";
import { createDisruptionBudget } from "./disruption-budget";
import { KeyVault } from "./key-vault";
import { createKubernetesProvider } from "./kubernetes-provider";
import { createNetworkPolicies } from "./network-policies";
import { Snapshots } from "./snapshots";
import { createStorageClass, DATA_CLAIM } from "./storage";
import type { MeshMembers } from "./mesh";
import type { MetricsCollection } from "./monitoring";
import { Network } from "./network";
import { exporterSettings } from "./exporter-settings";
import { RegionMonitoring } from "./region-monitoring";
import { Rpc } from "./rpc";
import { FRONT_DOOR_TAG } from "./rpc-network";
import { transformed } from "./transform";
import type { RegionTransforms } from "./transforms";
import { Validator } from "./validator";

export interface RegionArgs {
  /** Azure's name of the region: `japaneast`. */
  readonly region: string;
  readonly chain: ChainFacts;
  readonly mesh: MeshMembers;
  readonly fleet: Fleet;
  /** Where the region's metrics go. @default nowhere */
  readonly monitoring?: MetricsCollection | undefined;
  /** Id of the Front Door through which all RPC calls come. @default none */
  readonly frontDoorId?: pulumi.Input<string> | undefined;
  /** Changes what a child is made of. @default nothing */
  readonly transforms?: RegionTransforms | undefined;
}

/** Days that logs are kept; the first 31 cost nothing beyond taking them in (Azure Monitor pricing). */
const LOG_RETENTION_DAYS = 30;

/** One region: its network, its cluster, and its validators. It knows no other region. */
export class Region extends pulumi.ComponentResource {
  readonly validators: readonly Validator[];

  constructor(name: string, args: RegionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:region:Region", name, {}, opts);
    const { region, chain, mesh, fleet, transforms = {} } = args;
    const named = (...parts: (string | number)[]) => logicalName(region, ...parts);
    const child = { parent: this };
    const { supernet } = fleet.network;
    const { clients: operators } = fleet.operations;
    const tags = tagsOf(fleet, region);
    const keys = chain.of(region);
    const rpc = rpcOf(fleet, region);

    const group = new resources.ResourceGroup(
      named("group"),
      transformed(transforms.group, {
        resourceGroupName: azureName("resourceGroup", networkName(), region),
        location: region,
        tags,
      }),
      { ...child, protect: fleet.protect },
    );
    const shared = { region, resourceGroupName: group.name, tags };
    const network = new Network(
      named("network"),
      { ...shared, supernet, mesh, operators, rpcClients: rpc && clientsOf(rpc), transform: transforms.network },
      child,
    );
    const logs = new operationalinsights.Workspace(
      named("logs"),
      transformed(transforms.logs, {
        resourceGroupName: group.name,
        workspaceName: azureName("workspace", networkName(), region),
        location: region,
        sku: { name: "PerGB2018" },
        retentionInDays: LOG_RETENTION_DAYS,
        tags,
      }),
      child,
    );
    const cluster = new Cluster(
      named("cluster"),
      {
        ...shared,
        network,
        settings: fleet.cluster,
        validators: keys.length,
        rpc,
        logs: logs.id,
        metrics: args.monitoring !== undefined,
        protect: fleet.protect,
        transform: transforms.cluster,
      },
      child,
    );
    const vault = new KeyVault(
      named("keys"),
      { ...shared, network, logs: logs.id, protect: fleet.protect, transform: transforms.keyVault },
      child,
    );
    const provider = createKubernetesProvider(named("kubernetes"), cluster.kubeconfig);
    const namespace = new kubernetes.core.v1.Namespace(
      named("namespace"),
      { metadata: { name: "besu", labels: { "pod-security.kubernetes.io/enforce": "restricted" } } },
      { ...child, provider, dependsOn: [...cluster.ready] },
    );
    const inCluster = { ...child, provider, dependsOn: [...cluster.ready] };
    const storage = { region, disks: fleet.cluster.disks, protect: fleet.protect };
    createStorageClass(named("storage"), storage, inCluster);
    const { virtualNetwork } = addressRegion(region, supernet);
    const calls = { operators, rpc: rpc !== undefined, exporter: args.monitoring !== undefined };
    const policy = { namespace: namespace.metadata.name, supernet, virtualNetwork, ...calls };
    createNetworkPolicies(named("policy"), policy, { ...child, provider });
    createDisruptionBudget(named("disruptions"), namespace.metadata.name, { ...child, provider });
    this.validators = keys.map(
      (key) =>
        new Validator(
          named("validator", key.ordinal),
          {
            ...{ key, chain, vault, tags },
            settings: fleet.chain,
            otherPeers: mostRpcNodes(fleet),
            cores: coresPerValidator(fleet.cluster, keys.length),
            resourceGroupName: group.name,
            oidcIssuer: cluster.oidcIssuer,
            namespace: namespace.metadata.name,
            protect: fleet.protect,
            transform: transforms.validator,
          },
          { ...child, providers: [provider] },
        ),
    );
    if (fleet.snapshots.enabled) {
      new Snapshots(
        named("snapshots"),
        {
          ...{ region, settings: fleet.snapshots, protect: fleet.protect, tags },
          namespace: namespace.metadata.name,
          claims: keys.map(({ ordinal }) => `${DATA_CLAIM}-validator-${ordinal}-0`),
          transform: transforms.snapshots,
        },
        { ...child, providers: [provider], dependsOn: [...cluster.ready] },
      );
    }
    if (rpc !== undefined) {
      const peers = rpcPeerRegions(
        region,
        fleet.regions.map(({ name }) => name),
      );
      new Rpc(
        named("rpc"),
        {
          ...{ region, settings: rpc, chain: fleet.chain, supernet, resourceGroupName: group.name, vault, tags },
          genesis: chain.genesis,
          staticNodes: chain.peersIn(peers),
          validators: chain.validators.length,
          disks: fleet.cluster.disks,
          oidcIssuer: cluster.oidcIssuer,
          ready: cluster.rpcReady,
          frontDoorId: args.frontDoorId,
          exporter: args.monitoring !== undefined,
          transform: transforms.rpc,
        },
        { ...child, providers: [provider] },
      );
    }
    if (args.monitoring !== undefined) {
      new RegionMonitoring(
        named("monitoring"),
        {
          ...{ region, clusterId: cluster.id, namespace: namespace.metadata.name },
          collectionRuleId: args.monitoring.collectionRuleId,
          settings: exporterSettings(fleet, region),
          image: fleet.monitoring.exporterImage,
          transform: transforms.monitoring,
        },
        { ...child, providers: [provider], dependsOn: [...cluster.ready] },
      );
    }
    this.registerOutputs({ validators: this.validators.map(({ address, enode }) => ({ address, enode })) });
  }
}

/** From where, besides the region's own network, its gateway may be called, as a security rule names it. */
function clientsOf({ exposure, entry, clients }: RpcSettings): readonly string[] {
  return exposure === "public" && entry === "frontDoor" ? [FRONT_DOOR_TAG] : clients;
}
