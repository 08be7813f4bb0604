import * as network from "@pulumi/azure-native/network";
import * as pulumi from "@pulumi/pulumi";

import { addressRegion } from "../regions/addressing";
import { azureName } from "../regions/naming";
import { addMember, type MeshMembers } from "./mesh";
import { networkName } from "./network-name";
import { securityRules } from "./security-rules";
import { type Transform, transformed } from "./transform";
import { zonesOf } from "./zones";

export interface NetworkArgs {
  /** Azure's name of the region. */
  readonly region: string;
  readonly resourceGroupName: pulumi.Input<string>;
  /** Network from which the region's addresses are cut, in CIDR notation. */
  readonly supernet: string;
  /** What joins the regions' networks. */
  readonly mesh: MeshMembers;
  /** Who may call the region's RPC gateway from outside its own network. @default nobody */
  readonly rpcClients?: readonly string[] | undefined;
  /** Who may call the validators' RPC from outside it. @default nobody */
  readonly operators?: readonly string[] | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Changes what a child is made of. @default nothing */
  readonly transform?: NetworkTransforms | undefined;
}

export interface NetworkTransforms {
  readonly securityGroup?: Transform<network.NetworkSecurityGroupArgs>;
  readonly egressAddress?: Transform<network.PublicIPAddressArgs>;
  readonly natGateway?: Transform<network.NatGatewayArgs>;
  readonly virtualNetwork?: Transform<network.VirtualNetworkArgs>;
}

/** Names of the subnets, as they stand in Azure. */
export const subnetNames = {
  loadBalancers: "load-balancers",
  system: "system",
  validators: "validators",
  privateEndpoints: "private-endpoints",
} as const;

/**
 * A region's virtual network with its subnets, its rules, its way out, and its place in the mesh.
 *
 * The subnets are part of the network's own PUT: separate subnet resources would each wait for the network's write
 * lock (429 RetryableErrorDueToAnotherOperation), one after another, for about 6 s apiece.
 */
export class Network extends pulumi.ComponentResource {
  /** ARM id of the virtual network. */
  readonly id: pulumi.Output<string>;
  /** ARM id of the system pool's subnet. */
  readonly systemSubnetId: pulumi.Output<string>;
  /** ARM id of the validator pool's subnet. */
  readonly validatorSubnetId: pulumi.Output<string>;
  /** ARM id of the private endpoints' subnet. */
  readonly privateEndpointSubnetId: pulumi.Output<string>;
  /** The one public address of the region: of the NAT gateway, outwards only. */
  readonly egressAddress: pulumi.Output<string>;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:region:Network", name, {}, opts);
    const rules = this.createSecurityGroup(name, args);
    const address = this.createEgressAddress(name, args);
    const nat = this.createNatGateway(name, args, address);
    const vnet = this.createVirtualNetwork(name, args, rules, nat);
    addMember(args.mesh, name, vnet, { parent: this });
    this.id = vnet.id;
    this.systemSubnetId = pulumi.interpolate`${vnet.id}/subnets/${subnetNames.system}`;
    this.validatorSubnetId = pulumi.interpolate`${vnet.id}/subnets/${subnetNames.validators}`;
    this.privateEndpointSubnetId = pulumi.interpolate`${vnet.id}/subnets/${subnetNames.privateEndpoints}`;
    this.egressAddress = address.ipAddress.apply((ip) => ip ?? "");
    this.registerOutputs({ id: this.id, egressAddress: this.egressAddress });
  }

  private createSecurityGroup(name: string, args: NetworkArgs): network.NetworkSecurityGroup {
    const { supernet, rpcClients = [], operators = [] } = args;
    const { virtualNetwork } = addressRegion(args.region, supernet);
    return new network.NetworkSecurityGroup(
      `${name}-rules`,
      transformed(args.transform?.securityGroup, {
        ...this.common(args),
        networkSecurityGroupName: azureName("networkSecurityGroup", networkName(), args.region),
        securityRules: securityRules({ virtualNetwork, supernet, rpcClients, operators }),
      }),
      { parent: this },
    );
  }

  private createEgressAddress(name: string, args: NetworkArgs): network.PublicIPAddress {
    return new network.PublicIPAddress(
      `${name}-egress-address`,
      transformed(args.transform?.egressAddress, {
        ...this.common(args),
        publicIpAddressName: azureName("publicIpAddress", networkName(), args.region),
        sku: { name: "Standard", tier: "Regional" },
        publicIPAllocationMethod: "Static",
        publicIPAddressVersion: "IPv4",
        zones: zonesOf(args.region),
      }),
      { parent: this },
    );
  }

  private createNatGateway(name: string, args: NetworkArgs, address: network.PublicIPAddress): network.NatGateway {
    return new network.NatGateway(
      `${name}-nat`,
      transformed(args.transform?.natGateway, {
        ...this.common(args),
        natGatewayName: azureName("natGateway", networkName(), args.region),
        sku: { name: "Standard" },
        publicIpAddresses: [{ id: address.id }],
      }),
      { parent: this },
    );
  }

  private createVirtualNetwork(
    name: string,
    args: NetworkArgs,
    rules: network.NetworkSecurityGroup,
    nat: network.NatGateway,
  ): network.VirtualNetwork {
    const { virtualNetwork, subnets } = addressRegion(args.region, args.supernet);
    const subnet = (key: keyof typeof subnetNames, more: object = {}) => ({
      name: subnetNames[key],
      addressPrefix: subnets[key],
      networkSecurityGroup: { id: rules.id },
      // Without it Azure lends nodes a public address of its own for the way out.
      defaultOutboundAccess: false,
      ...more,
    });
    const nodes = { natGateway: { id: nat.id } };
    return new network.VirtualNetwork(
      `${name}-vnet`,
      transformed(args.transform?.virtualNetwork, {
        ...this.common(args),
        virtualNetworkName: azureName("virtualNetwork", networkName(), args.region),
        addressSpace: { addressPrefixes: [virtualNetwork] },
        subnets: [
          subnet("loadBalancers"),
          subnet("system", nodes),
          subnet("validators", nodes),
          subnet("privateEndpoints", { privateEndpointNetworkPolicies: "Enabled" }),
        ],
      }),
      { parent: this },
    );
  }

  private common({ resourceGroupName, region, tags }: NetworkArgs) {
    return { resourceGroupName, location: region, tags };
  }
}
