import type * as authorization from "@pulumi/azure-native/authorization";
import * as containerservice from "@pulumi/azure-native/containerservice";
import * as managedidentity from "@pulumi/azure-native/managedidentity";
import * as pulumi from "@pulumi/pulumi";

import type { ClusterSettings } from "../fleet";
import type { RpcSettings } from "../fleet-rpc";
import { azureName } from "../regions/naming";
import { createDiagnostics } from "./diagnostics";
import { deployer } from "./deployer";
import { readKubeconfig } from "./kubeconfig";
import { createMaintenance } from "./maintenance";
import type { Network } from "./network";
import { networkName } from "./network-name";
import { rpcNode } from "./rpc-labels";
import { assignRole } from "./roles";
import { CLUSTER_RANGES } from "./security-rules";
import { type Transform, transformed } from "./transform";
import { zonesOf } from "./zones";

export interface ClusterArgs {
  /** Azure's name of the region. */
  readonly region: string;
  readonly resourceGroupName: pulumi.Input<string>;
  readonly network: Network;
  readonly settings: ClusterSettings;
  /** Validators that the cluster will run; the validator pool has a node for each unless the settings say otherwise. */
  readonly validators: number;
  /** The RPC nodes that the cluster will run, each on a node of its own pool. @default none, and no pool */
  readonly rpc?: Pick<RpcSettings, "vmSize" | "minReplicas" | "maxReplicas"> | undefined;
  /** Whether Pulumi refuses to delete the cluster, which holds the validators' disks. */
  readonly protect: boolean;
  /** ARM id of the Log Analytics workspace that keeps the control plane's logs. */
  readonly logs: pulumi.Input<string>;
  /** Whether Azure's collector of metrics runs in it. */
  readonly metrics: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** Changes what a child is made of. @default nothing */
  readonly transform?: ClusterTransforms | undefined;
}

export interface ClusterTransforms {
  readonly cluster?: Transform<containerservice.ManagedClusterArgs>;
  readonly validatorPool?: Transform<containerservice.AgentPoolArgs>;
  readonly rpcPool?: Transform<containerservice.AgentPoolArgs>;
}

/**
 * What the control plane logs: who changed what (not who read what, which is most of the volume), sign-ins, and what
 * Azure's controllers do (Azure docs, "Monitoring AKS data reference").
 */
const CONTROL_PLANE_LOGS = ["kube-audit-admin", "guard", "cloud-controller-manager", "csi-azuredisk-controller"];

/** Where validators run: a taint keeps everything else away, a label leads them there. */
export const validatorNode = { key: "meridian.io/role", value: "validator" } as const;

/** A region's AKS cluster with a system pool, a validator pool, and leave to use the region's network. */
export class Cluster extends pulumi.ComponentResource {
  /** How to reach and sign in to the API server; secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** ARM id of the cluster. */
  readonly id: pulumi.Output<string>;
  /** Who issues the tokens of the cluster's service accounts: an https URL; public. */
  readonly oidcIssuer: pulumi.Output<string>;
  /** What must be there before a manifest is applied: nodes, and the right to apply it. */
  readonly ready: readonly pulumi.Resource[];
  /** The same before a manifest of the RPC nodes is. */
  readonly rpcReady: readonly pulumi.Resource[];

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:region:Cluster", name, {}, opts);
    const child = { parent: this };
    const identity = this.createIdentity(name, args);
    const role = this.createNetworkRole(name, args, identity);
    const cluster = this.createCluster(name, args, identity, role);
    const pool = this.createValidatorPool(name, args, cluster);
    const rpcPool = args.rpc === undefined ? [] : [this.createRpcPool(name, args, args.rpc, cluster, pool)];
    const administrator = args.settings.access === "entra" ? [this.createAdministrator(name, args, cluster)] : [];
    const place = { region: args.region, resourceGroupName: args.resourceGroupName, cluster: cluster.name };
    // AKS refuses a second operation on a cluster while a pool is being made (409 OperationNotAllowed).
    createMaintenance(`${name}-maintenance`, place, { ...child, dependsOn: [pool, ...rpcPool] });
    const logs = { resourceId: cluster.id, workspaceId: args.logs, logs: CONTROL_PLANE_LOGS };
    createDiagnostics(`${name}-diagnostics`, logs, child);
    this.id = cluster.id;
    this.ready = [pool, ...administrator];
    this.rpcReady = [...rpcPool, ...this.ready];
    this.kubeconfig = readKubeconfig(args.resourceGroupName, cluster, args.settings);
    this.oidcIssuer = cluster.oidcIssuerProfile.apply((profile) => profile?.issuerURL ?? "");
    this.registerOutputs({ oidcIssuer: this.oidcIssuer });
  }

  /** Of its own, not the system's: so it may hold its role before the cluster exists, and outlives a replacement. */
  private createIdentity(name: string, args: ClusterArgs): managedidentity.UserAssignedIdentity {
    return new managedidentity.UserAssignedIdentity(
      `${name}-identity`,
      {
        resourceGroupName: args.resourceGroupName,
        resourceName: azureName("identity", networkName(), args.region),
        location: args.region,
        tags: args.tags,
      },
      { parent: this },
    );
  }

  /** The cluster creates the validators' internal load balancers in a subnet that it does not own. */
  private createNetworkRole(
    name: string,
    { network }: ClusterArgs,
    { principalId }: managedidentity.UserAssignedIdentity,
  ): authorization.RoleAssignment {
    const grant = { scope: network.id, role: "networkContributor", principalId } as const;
    return assignRole(`${name}-network-role`, { ...grant, principalType: "ServicePrincipal" }, { parent: this });
  }

  /**
   * Without local accounts, whoever deploys needs a role to apply a manifest. It takes Azure a while to honour it, at
   * most as long as the validator pool takes to come up, which the first manifest waits for as well.
   */
  private createAdministrator(
    name: string,
    { settings }: ClusterArgs,
    { id }: containerservice.ManagedCluster,
  ): authorization.RoleAssignment {
    const principalId = settings.administratorId ?? deployer().objectId;
    return assignRole(
      `${name}-administrator`,
      { scope: id, role: "clusterAdministrator", principalId },
      { parent: this },
    );
  }

  private createCluster(
    name: string,
    args: ClusterArgs,
    identity: managedidentity.UserAssignedIdentity,
    role: authorization.RoleAssignment,
  ): containerservice.ManagedCluster {
    const { region, settings } = args;
    return new containerservice.ManagedCluster(
      `${name}-aks`,
      transformed(args.transform?.cluster, {
        resourceGroupName: args.resourceGroupName,
        resourceName: azureName("managedCluster", networkName(), region),
        nodeResourceGroup: azureName("nodeResourceGroup", networkName(), region),
        location: region,
        dnsPrefix: azureName("dnsPrefix", networkName(), region),
        kubernetesVersion: settings.kubernetesVersion,
        sku: { name: "Base", tier: settings.tier },
        identity: { type: "UserAssigned", userAssignedIdentities: [identity.id] },
        ...signIn(settings),
        apiServerAccessProfile: apiServerAccess(settings, args.network.egressAddress),
        oidcIssuerProfile: { enabled: true },
        securityProfile: { workloadIdentity: { enabled: true }, imageCleaner: { enabled: true, intervalHours: 168 } },
        // Each in the region's own window: see components/maintenance.ts.
        autoUpgradeProfile: { upgradeChannel: "patch", nodeOSUpgradeChannel: "NodeImage" },
        addonProfiles: {
          azureKeyvaultSecretsProvider: {
            enabled: true,
            // A changed secret reaches the pods' files within the hour; nothing changes a validator's key.
            config: { enableSecretRotation: "true", rotationPollInterval: "1h" },
          },
        },
        ...(args.metrics && { azureMonitorProfile: { metrics: { enabled: true, kubeStateMetrics: {} } } }),
        // The validators' disks, and components/snapshots.ts.
        storageProfile: { diskCSIDriver: { enabled: true }, snapshotController: { enabled: true } },
        networkProfile: {
          networkPlugin: "azure",
          networkPluginMode: "overlay",
          networkDataplane: "cilium",
          networkPolicy: "cilium",
          loadBalancerSku: "standard",
          outboundType: "userAssignedNATGateway",
          ...CLUSTER_RANGES,
        },
        agentPoolProfiles: [
          {
            name: "system",
            mode: "System",
            type: "VirtualMachineScaleSets",
            count: settings.systemNodes,
            vmSize: settings.systemVmSize,
            nodeTaints: ["CriticalAddonsOnly=true:NoSchedule"],
            vnetSubnetID: args.network.systemSubnetId,
            ...nodeDefaults(region),
          },
        ],
        tags: args.tags,
      }),
      { parent: this, protect: args.protect, dependsOn: [role] },
    );
  }

  private createValidatorPool(
    name: string,
    args: ClusterArgs,
    cluster: containerservice.ManagedCluster,
  ): containerservice.AgentPool {
    return new containerservice.AgentPool(
      `${name}-validators`,
      transformed(args.transform?.validatorPool, {
        resourceGroupName: args.resourceGroupName,
        resourceName: cluster.name,
        agentPoolName: "validators",
        mode: "User",
        type: "VirtualMachineScaleSets",
        count: args.settings.validatorNodes ?? args.validators,
        vmSize: args.settings.validatorVmSize,
        orchestratorVersion: args.settings.kubernetesVersion,
        nodeLabels: { [validatorNode.key]: validatorNode.value },
        nodeTaints: [`${validatorNode.key}=${validatorNode.value}:NoSchedule`],
        vnetSubnetID: args.network.validatorSubnetId,
        ...nodeDefaults(args.region),
        tags: args.tags,
      }),
      { parent: this },
    );
  }

  /** A node for each RPC node, as many as their autoscaler asks for. After the other pool: AKS makes one at a time. */
  private createRpcPool(
    name: string,
    args: ClusterArgs,
    rpc: NonNullable<ClusterArgs["rpc"]>,
    cluster: containerservice.ManagedCluster,
    after: pulumi.Resource,
  ): containerservice.AgentPool {
    return new containerservice.AgentPool(
      `${name}-rpc`,
      transformed(args.transform?.rpcPool, {
        resourceGroupName: args.resourceGroupName,
        resourceName: cluster.name,
        agentPoolName: "rpc",
        mode: "User",
        type: "VirtualMachineScaleSets",
        enableAutoScaling: true,
        count: rpc.minReplicas,
        minCount: rpc.minReplicas,
        maxCount: rpc.maxReplicas,
        vmSize: rpc.vmSize,
        orchestratorVersion: args.settings.kubernetesVersion,
        nodeLabels: { [rpcNode.key]: rpcNode.value },
        nodeTaints: [`${rpcNode.key}=${rpcNode.value}:NoSchedule`],
        vnetSubnetID: args.network.systemSubnetId,
        ...nodeDefaults(args.region),
        tags: args.tags,
      }),
      // The number of nodes is the autoscaler's from then on.
      { parent: this, dependsOn: [after], ignoreChanges: ["count"] },
    );
  }
}

/** What every node pool has in common. */
function nodeDefaults(region: string) {
  return {
    availabilityZones: zonesOf(region),
    osType: "Linux",
    osSKU: "AzureLinux",
    enableNodePublicIP: false,
    // A node is drained for at most half an hour, then left for a human; its successor proves itself for five minutes.
    upgradeSettings: {
      maxSurge: "33%",
      drainTimeoutInMinutes: 30,
      nodeSoakDurationInMinutes: 5,
      undrainableNodeBehavior: "Cordon",
    },
  } as const;
}

/** Who may sign in: identities of the tenant, by Azure's roles; or whoever holds the cluster's own certificate. */
function signIn({ access }: ClusterSettings) {
  switch (access) {
    case "entra":
      return { enableRBAC: true, disableLocalAccounts: true, aadProfile: { managed: true, enableAzureRBAC: true } };
    case "local":
      return { enableRBAC: true, disableLocalAccounts: false };
  }
}

/** From where the API server can be reached. */
function apiServerAccess({ apiServer, authorizedRanges }: ClusterSettings, egressAddress: pulumi.Output<string>) {
  switch (apiServer) {
    case "private":
      // Its private address under a name in public DNS: one zone less for every region, and for whoever deploys.
      return { enablePrivateCluster: true, enablePrivateClusterPublicFQDN: true, privateDNSZone: "none" };
    case "ranges":
      // The nodes reach it from the NAT gateway.
      return { authorizedIPRanges: [...authorizedRanges, pulumi.interpolate`${egressAddress}/32`] };
    case "open":
      return undefined;
  }
}
