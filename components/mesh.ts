import * as network from "@pulumi/azure-native/network";
import * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";

import { azureName } from "../regions/naming";
import { networkName } from "./network-name";
import { type Transform, transformed } from "./transform";

export interface MeshArgs {
  /** Region that keeps the mesh's own records; no packet passes through it. */
  readonly location: string;
  /** Regions to which the mesh is rolled out. */
  readonly regions: readonly string[];
  /** Whether Pulumi refuses to delete its resource group. */
  readonly protect: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** Changes what a child is made of. @default nothing */
  readonly transform?: MeshTransforms | undefined;
}

export interface MeshTransforms {
  readonly manager?: Transform<network.NetworkManagerArgs>;
  readonly connectivity?: Transform<network.ConnectivityConfigurationArgs>;
}

/**
 * One connected group of all regions' networks (Azure Virtual Network Manager), in place of n(n-1) peerings, whose
 * 552 PUTs for 24 regions would be serialised by the networks' locks. A group holds up to 250 networks.
 *
 * It knows no region's resources: a region adds its own network, as the last step of its network. The commit rolls the
 * configuration out to locations; a network that joins the group later needs no other commit (Azure docs, "Use cases of
 * Azure Virtual Network Manager", network groups), only the first network of a new location does.
 */
export class Mesh extends pulumi.ComponentResource {
  /** Name of the resource group of what is global. */
  readonly resourceGroupName: pulumi.Output<string>;
  /** Where a region's network becomes a member. */
  readonly members: MeshMembers;

  constructor(name: string, args: MeshArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:network:Mesh", name, {}, opts);
    const child = { parent: this };
    const group = new resources.ResourceGroup(
      `${name}-resources`,
      {
        resourceGroupName: azureName("resourceGroup", networkName(), "global"),
        location: args.location,
        tags: args.tags,
      },
      { ...child, protect: args.protect },
    );
    const manager = new network.NetworkManager(
      `${name}-manager`,
      transformed(args.transform?.manager, {
        resourceGroupName: group.name,
        networkManagerName: azureName("networkManager", networkName(), "global"),
        location: args.location,
        networkManagerScopeAccesses: ["Connectivity"],
        networkManagerScopes: { subscriptions: [group.id.apply(subscriptionOf)] },
        tags: args.tags,
      }),
      child,
    );
    this.resourceGroupName = group.name;
    const place = { resourceGroupName: group.name, networkManagerName: manager.name };
    const members = new network.NetworkGroup(
      `${name}-members`,
      { ...place, networkGroupName: "members", memberType: "VirtualNetwork" },
      child,
    );
    const connectivity = new network.ConnectivityConfiguration(
      `${name}-connectivity`,
      transformed(args.transform?.connectivity, {
        ...place,
        configurationName: "mesh",
        connectivityTopology: "Mesh",
        isGlobal: "True",
        deleteExistingPeering: "False",
        appliesToGroups: [
          {
            networkGroupId: members.id,
            groupConnectivity: "DirectlyConnected",
            isGlobal: "True",
            useHubGateway: "False",
          },
        ],
      }),
      child,
    );
    new network.Commit(
      `${name}-commit`,
      {
        ...place,
        commitName: "mesh",
        properties: {
          commitType: "Connectivity",
          configurationIds: [connectivity.id],
          targetLocations: [...args.regions].sort(),
        },
      },
      child,
    );
    this.members = { ...place, networkGroupName: members.name };
    this.registerOutputs({ members: members.id });
  }
}

/** A network group, by its names in Azure. */
export interface MeshMembers {
  readonly resourceGroupName: pulumi.Input<string>;
  readonly networkManagerName: pulumi.Input<string>;
  readonly networkGroupName: pulumi.Input<string>;
}

/**
 * Adds a region's network to the mesh. The member is the region's own resource: so it comes after its network, goes
 * before it, and a region that is not deployed leaves none behind.
 */
export function addMember(
  members: MeshMembers,
  name: string,
  vnet: network.VirtualNetwork,
  opts: pulumi.CustomResourceOptions,
): void {
  new network.StaticMember(`${name}-member`, { ...members, staticMemberName: vnet.name, resourceId: vnet.id }, opts);
}

/** `/subscriptions/…` of an ARM id. */
const subscriptionOf = (id: string): string => id.split("/").slice(0, 3).join("/");
