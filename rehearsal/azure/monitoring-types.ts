import { objectOf, textOf } from "../protocol/values";
import { type AzureType, digestOf, located, succeeded, uuidOf } from "./azure-type";

/**
 * The types of Azure Monitor and of managed Grafana. `replaceOn` has the source that azure-type.ts names: what a path
 * names, and `location`.
 */
export const monitoringTypes: Readonly<Record<string, AzureType>> = {
  "azure-native:monitor:AzureMonitorWorkspace": {
    armType: "Microsoft.Monitor/accounts",
    names: ["azureMonitorWorkspaceName"],
    scope: "resourceGroup",
    replaceOn: [...located, "azureMonitorWorkspaceName"],
    computed: ["accountId", "metrics", "defaultIngestionSettings", "provisioningState"],
    outputs: (inputs, id) => {
      const name = textOf(inputs, "azureMonitorWorkspaceName") ?? "";
      const host = `${name}-${digestOf(id)}.${textOf(inputs, "location") ?? ""}.prometheus.monitor.azure.com`;
      return { accountId: uuidOf(id), metrics: { prometheusQueryEndpoint: `https://${host}` }, ...succeeded };
    },
  },
  "azure-native:monitor:DataCollectionEndpoint": {
    armType: "Microsoft.Insights/dataCollectionEndpoints",
    names: ["dataCollectionEndpointName"],
    scope: "resourceGroup",
    replaceOn: [...located, "dataCollectionEndpointName"],
    computed: ["provisioningState"],
    outputs: () => succeeded,
  },
  "azure-native:monitor:DataCollectionRule": {
    armType: "Microsoft.Insights/dataCollectionRules",
    names: ["dataCollectionRuleName"],
    scope: "resourceGroup",
    replaceOn: [...located, "dataCollectionRuleName"],
    computed: ["immutableId", "provisioningState"],
    outputs: (_inputs, id) => ({ immutableId: `dcr-${digestOf(id)}`, ...succeeded }),
  },
  "azure-native:monitor:DataCollectionRuleAssociation": {
    armType: "Microsoft.Insights/dataCollectionRuleAssociations",
    names: ["associationName"],
    scope: "extension",
    scopeInput: "resourceUri",
    replaceOn: ["resourceUri", "associationName"],
    computed: ["provisioningState"],
    outputs: () => succeeded,
  },
  "azure-native:monitor:ActionGroup": {
    armType: "Microsoft.Insights/actionGroups",
    names: ["actionGroupName"],
    scope: "resourceGroup",
    replaceOn: [...located, "actionGroupName"],
    computed: [],
    outputs: () => ({}),
  },
  "azure-native:alertsmanagement:PrometheusRuleGroup": {
    armType: "Microsoft.AlertsManagement/prometheusRuleGroups",
    names: ["ruleGroupName"],
    scope: "resourceGroup",
    replaceOn: [...located, "ruleGroupName"],
    computed: [],
    outputs: () => ({}),
  },
  "azure-native:dashboard:Grafana": {
    armType: "Microsoft.Dashboard/grafana",
    names: ["workspaceName"],
    scope: "resourceGroup",
    replaceOn: [...located, "workspaceName"],
    computed: ["identity", "properties"],
    outputs: (inputs, id) => {
      const host = `${textOf(inputs, "workspaceName") ?? ""}-${digestOf(id)}.grafana.azure.com`;
      return {
        identity: { type: "SystemAssigned", principalId: uuidOf(`p${id}`), tenantId: uuidOf("t") },
        properties: { ...objectOf(inputs, "properties"), endpoint: `https://${host}`, ...succeeded },
      };
    },
  },
};
