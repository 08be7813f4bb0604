import { objectOf, textOf } from "../protocol/values";
import { type AzureType, digestOf, located, succeeded, uuidOf } from "./azure-type";
import { frontDoorTypes } from "./front-door-types";
import { monitoringTypes } from "./monitoring-types";
import { networkTypes } from "./network-types";

export { type AzureType, uuidOf } from "./azure-type";

/** Every type that the rehearsal models. */
export const azureTypes: Readonly<Record<string, AzureType>> = {
  "azure-native:resources:ResourceGroup": {
    armType: "resourceGroups",
    names: ["resourceGroupName"],
    scope: "subscription",
    replaceOn: located,
    computed: [],
    outputs: () => ({ properties: succeeded }),
  },
  "azure-native:managedidentity:UserAssignedIdentity": {
    armType: "Microsoft.ManagedIdentity/userAssignedIdentities",
    names: ["resourceName"],
    scope: "resourceGroup",
    replaceOn: [...located, "resourceName"],
    computed: ["clientId", "principalId", "tenantId"],
    outputs: (_inputs, id) => ({ clientId: uuidOf(`c${id}`), principalId: uuidOf(`p${id}`), tenantId: uuidOf("t") }),
  },
  "azure-native:authorization:RoleAssignment": {
    armType: "Microsoft.Authorization/roleAssignments",
    names: ["roleAssignmentName"],
    scope: "extension",
    autoName: "uuid",
    replaceOn: ["scope", "principalId", "principalType", "roleDefinitionId", "delegatedManagedIdentityResourceId"],
    computed: ["createdBy", "createdOn", "updatedBy", "updatedOn"],
    outputs: () => ({ createdBy: "", createdOn: "", updatedBy: "", updatedOn: "" }),
  },
  "azure-native:containerservice:ManagedCluster": {
    armType: "Microsoft.ContainerService/managedClusters",
    names: ["resourceName"],
    scope: "resourceGroup",
    replaceOn: [
      ...located,
      "resourceName",
      "dnsPrefix",
      "fqdnSubdomain",
      "nodeResourceGroup",
      "diskEncryptionSetID",
      "networkProfile.networkPlugin",
      "networkProfile.networkDataplane",
      "networkProfile.serviceCidr",
      "networkProfile.podCidr",
      "networkProfile.dnsServiceIP",
      "networkProfile.loadBalancerSku",
    ],
    computed: [
      "fqdn",
      "provisioningState",
      "currentKubernetesVersion",
      "maxAgentPools",
      "powerState",
      "identityProfile",
      "oidcIssuerProfile",
    ],
    outputs: (inputs, id) => {
      const region = textOf(inputs, "location") ?? "unknown";
      const prefix = textOf(inputs, "dnsPrefix") ?? textOf(inputs, "resourceName") ?? "cluster";
      const group = textOf(inputs, "resourceGroupName") ?? "";
      const issuer = `https://${region}.oic.prod-aks.azure.com/${uuidOf("t")}/${uuidOf(id)}/`;
      const oidc = objectOf(inputs, "oidcIssuerProfile");
      return {
        fqdn: `${prefix}-${digestOf(id)}.hcp.${region}.azmk8s.io`,
        currentKubernetesVersion: textOf(inputs, "kubernetesVersion") ?? "",
        nodeResourceGroup:
          textOf(inputs, "nodeResourceGroup") ?? `MC_${group}_${textOf(inputs, "resourceName") ?? ""}_${region}`,
        maxAgentPools: 100,
        powerState: { code: "Running" },
        identity: { ...objectOf(inputs, "identity"), principalId: uuidOf(`p${id}`), tenantId: uuidOf("t") },
        identityProfile: {
          kubeletidentity: { clientId: uuidOf(`k${id}`), objectId: uuidOf(`o${id}`), resourceId: id },
        },
        ...(oidc.enabled === true && { oidcIssuerProfile: { enabled: true, issuerURL: issuer } }),
        ...succeeded,
      };
    },
  },
  "azure-native:containerservice:AgentPool": {
    armType: "Microsoft.ContainerService/managedClusters/agentPools",
    names: ["resourceName", "agentPoolName"],
    scope: "resourceGroup",
    replaceOn: [
      "resourceGroupName",
      "resourceName",
      "agentPoolName",
      "availabilityZones",
      "osDiskSizeGB",
      "osDiskType",
      "vmSize",
      "vnetSubnetID",
      "podSubnetID",
      "maxPods",
    ],
    computed: ["provisioningState", "nodeImageVersion", "currentOrchestratorVersion", "powerState"],
    outputs: (inputs) => ({
      nodeImageVersion: "AKSAzureLinux-V3gen2-202611.01.0",
      currentOrchestratorVersion: textOf(inputs, "orchestratorVersion") ?? "",
      powerState: { code: "Running" },
      ...succeeded,
    }),
  },
  "azure-native:containerservice:MaintenanceConfiguration": {
    armType: "Microsoft.ContainerService/managedClusters/maintenanceConfigurations",
    names: ["resourceName", "configName"],
    scope: "resourceGroup",
    replaceOn: ["resourceGroupName", "resourceName", "configName"],
    computed: [],
    outputs: () => ({}),
  },
  "azure-native:managedidentity:FederatedIdentityCredential": {
    armType: "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
    names: ["resourceName", "federatedIdentityCredentialResourceName"],
    scope: "resourceGroup",
    replaceOn: ["resourceGroupName", "resourceName", "federatedIdentityCredentialResourceName"],
    computed: [],
    outputs: () => ({}),
  },
  "azure-native:monitor:DiagnosticSetting": {
    armType: "Microsoft.Insights/diagnosticSettings",
    names: ["name"],
    scope: "extension",
    scopeInput: "resourceUri",
    replaceOn: ["resourceUri", "name"],
    computed: [],
    outputs: () => ({}),
  },
  "azure-native:operationalinsights:Workspace": {
    armType: "Microsoft.OperationalInsights/workspaces",
    names: ["workspaceName"],
    scope: "resourceGroup",
    replaceOn: [...located, "workspaceName"],
    computed: ["customerId", "provisioningState"],
    outputs: (_inputs, id) => ({ customerId: uuidOf(id), ...succeeded }),
  },
  "azure-native:keyvault:Vault": {
    armType: "Microsoft.KeyVault/vaults",
    names: ["vaultName"],
    scope: "resourceGroup",
    replaceOn: [...located, "vaultName"],
    computed: [],
    outputs: (inputs) => ({
      properties: {
        ...objectOf(inputs, "properties"),
        vaultUri: `https://${textOf(inputs, "vaultName") ?? ""}.vault.azure.net/`,
        ...succeeded,
      },
    }),
  },
  "azure-native:keyvault:Secret": {
    armType: "Microsoft.KeyVault/vaults/secrets",
    names: ["vaultName", "secretName"],
    scope: "resourceGroup",
    replaceOn: ["resourceGroupName", "vaultName", "secretName"],
    computed: [],
    // ARM never gives the value back.
    outputs: (inputs) => ({
      properties: {
        secretUri: `https://${textOf(inputs, "vaultName") ?? ""}.vault.azure.net/secrets/${textOf(inputs, "secretName") ?? ""}`,
      },
    }),
  },
  ...networkTypes,
  ...frontDoorTypes,
  ...monitoringTypes,
};
