import * as alertsmanagement from "@pulumi/azure-native/alertsmanagement";
import * as dashboard from "@pulumi/azure-native/dashboard";
import * as monitor from "@pulumi/azure-native/monitor";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import type { Fleet } from "../fleet";
import type { MonitoringSettings } from "../fleet-monitoring";
import { type AlertSettings, alertRules, networkOf } from "../monitoring/alerts";
import { azureRuleGroups } from "../monitoring/rule-files";
import { azureName, grafanaName } from "../regions/naming";
import { deployer } from "./deployer";
import type { Mesh } from "./mesh";
import { networkName } from "./network-name";
import { assignRole } from "./roles";
import { tagsOf } from "./tags";
import { type Transform, transformed } from "./transform";

export interface MonitoringArgs {
  /** Region that keeps the metrics. */
  readonly location: string;
  readonly resourceGroupName: pulumi.Input<string>;
  readonly settings: Pick<MonitoringSettings, "grafana" | "emails" | "runbooks">;
  /** What the alerts depend on. */
  readonly network: AlertSettings;
  readonly tags: Readonly<Record<string, string>>;
  /** Changes what a child is made of. @default nothing */
  readonly transform?: MonitoringTransforms | undefined;
}

export interface MonitoringTransforms {
  readonly workspace?: Transform<monitor.AzureMonitorWorkspaceArgs>;
  readonly grafana?: Transform<dashboard.GrafanaArgs>;
  readonly ruleGroup?: Transform<alertsmanagement.PrometheusRuleGroupArgs>;
  readonly actionGroup?: Transform<monitor.ActionGroupArgs>;
}

/** What a cluster's collector forwards, as Azure calls it. */
const STREAM = "Microsoft-PrometheusMetrics";
const DESTINATION = "workspace";

/** What a region has to know of the fleet's monitoring. */
export interface MetricsCollection {
  /** ARM id of the rule that clusters are associated with. */
  readonly collectionRuleId: pulumi.Input<string>;
}

/**
 * The fleet's metrics: one managed Prometheus, where they come in, the alerts over them, and one managed Grafana.
 *
 * One workspace for all regions, since quorum and forks are questions about all of them, and a rule asks one workspace.
 * Endpoint and rule of the collection have to be where the workspace is (Azure/prometheus-collector, AddonBicepTemplate),
 * so one pair serves every region; a region only associates its cluster.
 */
export class Monitoring extends pulumi.ComponentResource implements MetricsCollection {
  /** ARM id of the rule that clusters are associated with. */
  readonly collectionRuleId: pulumi.Output<string>;
  /** Address of the Grafana; public. Undefined without one. */
  readonly grafana: pulumi.Output<string> | undefined;

  constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:monitoring:Monitoring", name, {}, opts);
    const workspace = new monitor.AzureMonitorWorkspace(
      `${name}-workspace`,
      transformed(args.transform?.workspace, {
        resourceGroupName: args.resourceGroupName,
        azureMonitorWorkspaceName: azureName("monitorWorkspace", networkName(), "global"),
        location: args.location,
        tags: args.tags,
      }),
      { parent: this },
    );
    this.collectionRuleId = this.createCollection(name, args, workspace);
    this.createAlerts(name, args, workspace);
    this.grafana = args.settings.grafana ? this.createGrafana(name, args, workspace) : undefined;
    this.registerOutputs({ grafana: this.grafana });
  }

  private createCollection(
    name: string,
    { location, resourceGroupName, tags }: MonitoringArgs,
    workspace: monitor.AzureMonitorWorkspace,
  ): pulumi.Output<string> {
    const child = { parent: this };
    const own = azureName("dataCollection", networkName(), "global");
    const endpoint = new monitor.DataCollectionEndpoint(
      `${name}-endpoint`,
      { resourceGroupName, dataCollectionEndpointName: own, location, kind: "Linux", tags },
      child,
    );
    const rule = new monitor.DataCollectionRule(
      `${name}-collection`,
      {
        resourceGroupName,
        dataCollectionRuleName: own,
        location,
        kind: "Linux",
        dataCollectionEndpointId: endpoint.id,
        dataSources: { prometheusForwarder: [{ name: "prometheus", streams: [STREAM], labelIncludeFilter: {} }] },
        destinations: { monitoringAccounts: [{ name: DESTINATION, accountResourceId: workspace.id }] },
        dataFlows: [{ streams: [STREAM], destinations: [DESTINATION] }],
        tags,
      },
      child,
    );
    return rule.id;
  }

  private createAlerts(name: string, args: MonitoringArgs, workspace: monitor.AzureMonitorWorkspace): void {
    const { location, resourceGroupName, settings, network, tags, transform } = args;
    const action = settings.emails.length === 0 ? undefined : this.createActionGroup(name, args);
    for (const { name: ruleGroupName, interval, rules } of azureRuleGroups(alertRules(network), settings.runbooks)) {
      new alertsmanagement.PrometheusRuleGroup(
        `${name}-${ruleGroupName}`,
        transformed(transform?.ruleGroup, {
          ...{ resourceGroupName, ruleGroupName, location, interval, tags },
          enabled: true,
          scopes: [workspace.id],
          rules: rules.map((rule) => ({ ...rule, ...(action && { actions: [{ actionGroupId: action.id }] }) })),
        }),
        { parent: this },
      );
    }
  }

  private createActionGroup(name: string, { resourceGroupName, settings, tags, transform }: MonitoringArgs) {
    return new monitor.ActionGroup(
      `${name}-receivers`,
      transformed(transform?.actionGroup, {
        resourceGroupName,
        actionGroupName: "meridian",
        // Shown in messages; 12 characters at most.
        groupShortName: "meridian",
        location: "global",
        enabled: true,
        emailReceivers: settings.emails.map((emailAddress, i) => ({
          name: `receiver-${i}`,
          emailAddress,
          useCommonAlertSchema: true,
        })),
        tags,
      }),
      { parent: this },
    );
  }

  private createGrafana(
    name: string,
    { location, resourceGroupName, tags, transform }: MonitoringArgs,
    workspace: monitor.AzureMonitorWorkspace,
  ): pulumi.Output<string> {
    const child = { parent: this };
    const { hex } = new random.RandomId(`${name}-suffix`, { byteLength: 4 }, child);
    const grafana = new dashboard.Grafana(
      `${name}-grafana`,
      transformed(transform?.grafana, {
        resourceGroupName,
        workspaceName: hex.apply(grafanaName),
        location,
        sku: { name: "Standard" },
        identity: { type: "SystemAssigned" },
        properties: {
          // Signing in is Entra's; a key of its own would be a second way in.
          apiKey: "Disabled",
          zoneRedundancy: "Disabled",
          publicNetworkAccess: "Enabled",
          grafanaIntegrations: {
            azureMonitorWorkspaceIntegrations: [{ azureMonitorWorkspaceResourceId: workspace.id }],
          },
        },
        tags,
      }),
      child,
    );
    const reads = grafana.identity.apply((identity) => identity?.principalId ?? "");
    assignRole(
      `${name}-grafana-reader`,
      { scope: workspace.id, role: "monitoringDataReader", principalId: reads, principalType: "ServicePrincipal" },
      child,
    );
    // Whoever deploys imports the dashboards that `meridian monitoring render` writes.
    const { objectId } = deployer();
    assignRole(
      `${name}-grafana-administrator`,
      { scope: grafana.id, role: "grafanaAdministrator", principalId: objectId },
      child,
    );
    return grafana.properties.apply((properties) => properties.endpoint);
  }
}

/** The fleet's monitoring, where the configuration wants it. */
export function createMonitoring(
  name: string,
  fleet: Fleet,
  mesh: Mesh,
  transform?: MonitoringTransforms,
): Monitoring | undefined {
  const { monitoring: settings, network } = fleet;
  if (!settings.enabled) return undefined;
  return new Monitoring(name, {
    location: network.globalLocation,
    resourceGroupName: mesh.resourceGroupName,
    settings,
    network: networkOf(fleet),
    tags: tagsOf(fleet, "global"),
    transform,
  });
}
