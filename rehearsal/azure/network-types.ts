import { type AzureType, digestOf, located, succeeded, uuidOf } from "./azure-type";

/**
 * Microsoft.Network's types that are used. `replaceOn` has the source that azure-type.ts names; where the REST
 * specification says nothing of a property (a StaticMember's resourceId, a link's network), what identifies the
 * resource is assumed to be fixed.
 */
export const networkTypes: Readonly<Record<string, AzureType>> = {
  "azure-native:network:VirtualNetwork": {
    armType: "Microsoft.Network/virtualNetworks",
    names: ["virtualNetworkName"],
    scope: "resourceGroup",
    replaceOn: [...located, "virtualNetworkName", "extendedLocation"],
    computed: ["etag", "resourceGuid", "provisioningState"],
    outputs: (_inputs, id) => ({ etag: `W/"${digestOf(id)}"`, resourceGuid: uuidOf(id), ...succeeded }),
  },
  "azure-native:network:Subnet": {
    armType: "Microsoft.Network/virtualNetworks/subnets",
    names: ["virtualNetworkName", "subnetName"],
    scope: "resourceGroup",
    replaceOn: ["resourceGroupName", "virtualNetworkName", "subnetName"],
    computed: ["etag", "provisioningState", "purpose"],
    outputs: (_inputs, id) => ({ etag: `W/"${digestOf(id)}"`, purpose: "", ...succeeded }),
  },
  "azure-native:network:NetworkSecurityGroup": {
    armType: "Microsoft.Network/networkSecurityGroups",
    names: ["networkSecurityGroupName"],
    scope: "resourceGroup",
    replaceOn: [...located, "networkSecurityGroupName"],
    computed: ["etag", "resourceGuid", "provisioningState"],
    outputs: (_inputs, id) => ({ etag: `W/"${digestOf(id)}"`, resourceGuid: uuidOf(id), ...succeeded }),
  },
  "azure-native:network:PublicIPAddress": {
    armType: "Microsoft.Network/publicIPAddresses",
    names: ["publicIpAddressName"],
    scope: "resourceGroup",
    replaceOn: [...located, "publicIpAddressName", "sku.name", "zones", "publicIPAddressVersion"],
    computed: ["etag", "ipAddress", "provisioningState"],
    outputs: (_inputs, id) => ({
      etag: `W/"${digestOf(id)}"`,
      // TEST-NET-3 (RFC 5737): public in the simulation, nobody's outside it.
      ipAddress: `203.0.113.${parseInt(digestOf(id), 16) % 256}`,
      ...succeeded,
    }),
  },
  "azure-native:network:NatGateway": {
    armType: "Microsoft.Network/natGateways",
    names: ["natGatewayName"],
    scope: "resourceGroup",
    replaceOn: [...located, "natGatewayName", "sku.name", "zones"],
    computed: ["etag", "resourceGuid", "provisioningState"],
    outputs: (_inputs, id) => ({ etag: `W/"${digestOf(id)}"`, resourceGuid: uuidOf(id), ...succeeded }),
  },
  "azure-native:network:PrivateEndpoint": {
    armType: "Microsoft.Network/privateEndpoints",
    names: ["privateEndpointName"],
    scope: "resourceGroup",
    replaceOn: [...located, "privateEndpointName", "subnet"],
    computed: ["etag", "networkInterfaces", "provisioningState"],
    outputs: (_inputs, id) => ({ etag: `W/"${digestOf(id)}"`, networkInterfaces: [{ id: `${id}-nic` }], ...succeeded }),
  },
  "azure-native:network:PrivateDnsZoneGroup": {
    armType: "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
    names: ["privateEndpointName", "privateDnsZoneGroupName"],
    scope: "resourceGroup",
    replaceOn: ["resourceGroupName", "privateEndpointName", "privateDnsZoneGroupName"],
    computed: ["etag", "provisioningState"],
    outputs: (_inputs, id) => ({ etag: `W/"${digestOf(id)}"`, ...succeeded }),
  },
  "azure-native:privatedns:PrivateZone": {
    armType: "Microsoft.Network/privateDnsZones",
    names: ["privateZoneName"],
    scope: "resourceGroup",
    replaceOn: ["resourceGroupName", "privateZoneName"],
    computed: ["etag", "provisioningState"],
    outputs: (_inputs, id) => ({ etag: `W/"${digestOf(id)}"`, ...succeeded }),
  },
  "azure-native:privatedns:VirtualNetworkLink": {
    armType: "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
    names: ["privateZoneName", "virtualNetworkLinkName"],
    scope: "resourceGroup",
    replaceOn: ["resourceGroupName", "privateZoneName", "virtualNetworkLinkName", "virtualNetwork"],
    computed: ["etag", "provisioningState"],
    outputs: (_inputs, id) => ({ etag: `W/"${digestOf(id)}"`, ...succeeded }),
  },
  "azure-native:trafficmanager:Profile": {
    armType: "Microsoft.Network/trafficmanagerprofiles",
    names: ["profileName"],
    scope: "resourceGroup",
    replaceOn: [...located, "profileName"],
    computed: [],
    outputs: () => ({}),
  },
  "azure-native:network:NetworkManager": {
    armType: "Microsoft.Network/networkManagers",
    names: ["networkManagerName"],
    scope: "resourceGroup",
    replaceOn: [...located, "networkManagerName"],
    computed: ["etag", "provisioningState"],
    outputs: (_inputs, id) => ({ etag: `W/"${digestOf(id)}"`, ...succeeded }),
  },
  "azure-native:network:NetworkGroup": {
    armType: "Microsoft.Network/networkManagers/networkGroups",
    names: ["networkManagerName", "networkGroupName"],
    scope: "resourceGroup",
    replaceOn: ["resourceGroupName", "networkManagerName", "networkGroupName"],
    computed: ["etag", "provisioningState"],
    outputs: (_inputs, id) => ({ etag: `W/"${digestOf(id)}"`, ...succeeded }),
  },
  "azure-native:network:StaticMember": {
    armType: "Microsoft.Network/networkManagers/networkGroups/staticMembers",
    names: ["networkManagerName", "networkGroupName", "staticMemberName"],
    scope: "resourceGroup",
    replaceOn: ["resourceGroupName", "networkManagerName", "networkGroupName", "staticMemberName", "resourceId"],
    computed: ["etag", "provisioningState", "region"],
    outputs: (_inputs, id) => ({ etag: `W/"${digestOf(id)}"`, ...succeeded }),
  },
  "azure-native:network:ConnectivityConfiguration": {
    armType: "Microsoft.Network/networkManagers/connectivityConfigurations",
    names: ["networkManagerName", "configurationName"],
    scope: "resourceGroup",
    replaceOn: ["resourceGroupName", "networkManagerName", "configurationName"],
    computed: ["etag", "provisioningState"],
    outputs: (_inputs, id) => ({ etag: `W/"${digestOf(id)}"`, ...succeeded }),
  },
  "azure-native:network:Commit": {
    armType: "Microsoft.Network/networkManagers/commits",
    names: ["networkManagerName", "commitName"],
    scope: "resourceGroup",
    replaceOn: ["resourceGroupName", "networkManagerName", "commitName"],
    computed: ["etag"],
    outputs: (_inputs, id) => ({ etag: `W/"${digestOf(id)}"` }),
  },
};
