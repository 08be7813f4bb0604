import { createHash } from "node:crypto";

import * as monitor from "@pulumi/azure-native/monitor";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { RPC_PORT } from "../besu/node-options";
import { GATEWAY_PORT } from "../gateway/nginx-config";
import { EXPORTER_PORT } from "../operations/exporter/ports";
import type { ExporterSettings } from "../operations/exporter/settings";
import { EXPORTER_FILE, exporterCode } from "./exporter-code";
import { exporterLabels } from "./exporter-labels";
import { exporterPod, SETTINGS_FILE } from "./exporter-pod";
import { collector, rpcPods, tcp } from "./network-policies";
import { RPC_NAMESPACE } from "./rpc-labels";
import { type Transform, transformed } from "./transform";
import { validatorLabels } from "./validator-labels";

export interface RegionMonitoringArgs {
  /** Azure's name of the region. */
  readonly region: string;
  /** ARM id of the region's cluster. */
  readonly clusterId: pulumi.Input<string>;
  /** ARM id of the rule by which metrics are collected. */
  readonly collectionRuleId: pulumi.Input<string>;
  /** The validators' namespace. */
  readonly namespace: pulumi.Input<string>;
  /** What the exporter watches. */
  readonly settings: ExporterSettings;
  /** Container image of the exporter, with its tag. */
  readonly image: string;
  /** Changes what a child is made of. @default nothing */
  readonly transform?: RegionMonitoringTransforms | undefined;
}

export interface RegionMonitoringTransforms {
  readonly deployment?: Transform<kubernetes.apps.v1.DeploymentArgs>;
}

/** Name of everything in the cluster. */
const NAME = "exporter";

/** Between two scrapes. */
const SCRAPE_INTERVAL = "30s";

/** A region's part of the monitoring: its cluster sends metrics, Besu's and those of an exporter of its own. */
export class RegionMonitoring extends pulumi.ComponentResource {
  constructor(name: string, args: RegionMonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:monitoring:Region", name, {}, opts);
    const child = { parent: this };
    new monitor.DataCollectionRuleAssociation(
      `${name}-association`,
      {
        resourceUri: args.clusterId,
        associationName: "meridian-metrics",
        dataCollectionRuleId: args.collectionRuleId,
        description: "Metrics of the cluster and of Besu, to the fleet's workspace.",
      },
      child,
    );
    this.createPodMonitor(name, args);
    this.createPolicy(name, args);
    this.createExporter(name, args);
    this.registerOutputs();
  }

  /** Whatever has a port "metrics": validators, RPC nodes and the exporter. Azure's collector reads its own kind of it. */
  private createPodMonitor(name: string, { region, namespace }: RegionMonitoringArgs): void {
    const labelled = "__meta_kubernetes_pod_label_app_kubernetes_io_component";
    new kubernetes.apiextensions.CustomResource(
      `${name}-pods`,
      {
        apiVersion: "azmonitoring.coreos.com/v1",
        kind: "PodMonitor",
        metadata: { name: "meridian", namespace },
        spec: {
          namespaceSelector: { matchNames: [namespace, RPC_NAMESPACE] },
          selector: {
            matchExpressions: [
              { key: "app.kubernetes.io/component", operator: "In", values: ["validator", "rpc", "exporter"] },
            ],
          },
          podMetricsEndpoints: [
            {
              port: "metrics",
              path: "/metrics",
              interval: SCRAPE_INTERVAL,
              // The exporter's own word for a region stays as it is.
              honorLabels: true,
              relabelings: [
                { action: "replace", targetLabel: "region", replacement: region },
                { action: "replace", sourceLabels: [labelled], targetLabel: "component" },
              ],
            },
          ],
        },
      },
      { parent: this },
    );
  }

  /** In: the collector. Out: the validators' RPC, and the gateway whose certificate it looks at. */
  private createPolicy(name: string, { namespace, settings }: RegionMonitoringArgs): void {
    const gateways = Object.keys(settings.gateways ?? {}).length > 0;
    new kubernetes.networking.v1.NetworkPolicy(
      `${name}-policy`,
      {
        metadata: { name: NAME, namespace },
        spec: {
          podSelector: { matchLabels: exporterLabels },
          policyTypes: ["Ingress", "Egress"],
          ingress: [{ from: [collector], ports: tcp(EXPORTER_PORT) }],
          egress: [
            { to: [{ podSelector: { matchLabels: validatorLabels } }], ports: tcp(RPC_PORT) },
            ...(gateways ? [{ to: [rpcPods], ports: tcp(GATEWAY_PORT) }] : []),
          ],
        },
      },
      { parent: this },
    );
  }

  private createExporter(name: string, { namespace, settings, image, transform }: RegionMonitoringArgs): void {
    const child = { parent: this };
    const code = exporterCode();
    const watched = JSON.stringify(settings, null, 2);
    const config = new kubernetes.core.v1.ConfigMap(
      `${name}-exporter-code`,
      {
        metadata: { name: NAME, namespace, labels: exporterLabels },
        data: { [EXPORTER_FILE]: code.text, [SETTINGS_FILE]: watched },
      },
      child,
    );
    // Both files are read at the start alone.
    const digest = createHash("sha256").update(code.digest).update(watched).digest("hex");
    new kubernetes.apps.v1.Deployment(
      `${name}-exporter`,
      transformed(transform?.deployment, {
        metadata: {
          name: NAME,
          namespace,
          labels: exporterLabels,
          // Ready means that validators answer: no deployment of a region may wait for its chain.
          annotations: { "pulumi.com/skipAwait": "true" },
        },
        spec: {
          replicas: 1,
          selector: { matchLabels: exporterLabels },
          template: {
            metadata: { labels: exporterLabels, annotations: { "meridian.io/exporter": digest } },
            spec: exporterPod(image, config.metadata.name),
          },
        },
      }),
      child,
    );
  }
}
