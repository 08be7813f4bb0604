import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { SnapshotSettings } from "../fleet";
import { lookupRegion } from "../regions/catalogue";
import { HTTPS_PORT } from "../gateway/nginx-config";
import { tcp } from "./network-policies";
import { SNAPSHOT_FILE, SNAPSHOT_SCRIPT } from "./snapshot-script";
import { snapshotPod } from "./snapshot-pod";
import { type Transform, transformed } from "./transform";

/** Name of the class that snapshots of validators' disks are made of. */
export const SNAPSHOT_CLASS = "validator-data";

/** Name of everything else. */
const NAME = "snapshots";

/** What the policy's pods bear, and nothing else does. */
const labels = { "app.kubernetes.io/name": NAME, "app.kubernetes.io/component": "snapshots" };

export interface SnapshotsArgs {
  /** Azure's name of the region. */
  readonly region: string;
  readonly settings: Pick<SnapshotSettings, "everyHours" | "keep" | "image">;
  /** The namespace of the claims. */
  readonly namespace: pulumi.Input<string>;
  /** Names of the claims. */
  readonly claims: readonly string[];
  /** Whether a snapshot in Azure outlives its object in the cluster. */
  readonly protect: boolean;
  /** Tags of the snapshots in Azure; one with a comma or an equals sign is left off, since the driver splits at them. */
  readonly tags: Readonly<Record<string, string>>;
  /** Changes what a child is made of. @default nothing */
  readonly transform?: SnapshotsTransforms | undefined;
}

export interface SnapshotsTransforms {
  readonly cronJob?: Transform<kubernetes.batch.v1.CronJobArgs>;
}

/**
 * The snapshot policy of a region's disks: incremental snapshots of each claim on a schedule, of which the newest stay.
 * They lie beside the disks, in the cluster's node resource group.
 */
export class Snapshots extends pulumi.ComponentResource {
  constructor(name: string, args: SnapshotsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:region:Snapshots", name, {}, opts);
    const child = { parent: this };
    const { namespace } = args;
    const metadata = { name: NAME, namespace, labels };

    this.createClass(name, args);
    this.createAccount(name, metadata);
    this.createPolicy(name, metadata);
    const script = new kubernetes.core.v1.ConfigMap(
      `${name}-script`,
      { metadata, data: { [SNAPSHOT_FILE]: SNAPSHOT_SCRIPT } },
      child,
    );
    this.createCronJob(name, args, metadata, script);
    this.registerOutputs();
  }

  private createClass(name: string, { protect, tags }: SnapshotsArgs): void {
    const tagged = Object.entries(tags).filter((tag) => !/[,=]/.test(tag.join("")));
    new kubernetes.apiextensions.CustomResource(
      `${name}-class`,
      {
        apiVersion: "snapshot.storage.k8s.io/v1",
        kind: "VolumeSnapshotClass",
        metadata: { name: SNAPSHOT_CLASS },
        driver: "disk.csi.azure.com",
        deletionPolicy: protect ? "Retain" : "Delete",
        // Premium SSD v2 has no other snapshots (Azure docs, "Create an incremental snapshot for managed disks").
        parameters: { incremental: "true", tags: tagged.map(([key, value]) => `${key}=${value}`).join(",") },
      },
      { parent: this },
    );
  }

  /** Its pods may do this with snapshots of the namespace; contents, which Kubernetes has in no namespace, they may change. */
  private createAccount(name: string, metadata: ObjectMeta): void {
    const child = { parent: this };
    const apiGroups = ["snapshot.storage.k8s.io"];
    const subjects = [{ kind: "ServiceAccount", name: NAME, namespace: metadata.namespace }];
    const apiGroup = "rbac.authorization.k8s.io";
    const inCluster = { name: `meridian-${NAME}`, labels };
    new kubernetes.core.v1.ServiceAccount(`${name}-account`, { metadata, automountServiceAccountToken: false }, child);
    const verbs = ["get", "list", "watch", "create", "delete"];
    new kubernetes.rbac.v1.Role(
      `${name}-role`,
      { metadata, rules: [{ apiGroups, resources: ["volumesnapshots"], verbs }] },
      child,
    );
    new kubernetes.rbac.v1.RoleBinding(
      `${name}-grant`,
      { metadata, subjects, roleRef: { apiGroup, kind: "Role", name: NAME } },
      child,
    );
    new kubernetes.rbac.v1.ClusterRole(
      `${name}-contents-role`,
      { metadata: inCluster, rules: [{ apiGroups, resources: ["volumesnapshotcontents"], verbs: ["get", "patch"] }] },
      child,
    );
    new kubernetes.rbac.v1.ClusterRoleBinding(
      `${name}-contents-grant`,
      { metadata: inCluster, subjects, roleRef: { apiGroup, kind: "ClusterRole", name: inCluster.name } },
      child,
    );
  }

  /** Out to the API server alone as far as a policy can say it: where that is, is Azure's to choose. Nothing in. */
  private createPolicy(name: string, metadata: ObjectMeta): void {
    new kubernetes.networking.v1.NetworkPolicy(
      `${name}-policy`,
      {
        metadata,
        spec: {
          podSelector: { matchLabels: labels },
          policyTypes: ["Ingress", "Egress"],
          egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: tcp(HTTPS_PORT) }],
        },
      },
      { parent: this },
    );
  }

  private createCronJob(
    name: string,
    { region, settings, claims, transform }: SnapshotsArgs,
    metadata: ObjectMeta,
    script: kubernetes.core.v1.ConfigMap,
  ): void {
    const { everyHours, keep, image } = settings;
    new kubernetes.batch.v1.CronJob(
      `${name}-job`,
      transformed(transform?.cronJob, {
        metadata,
        spec: {
          schedule: snapshotSchedule(region, everyHours),
          timeZone: "Etc/UTC",
          concurrencyPolicy: "Forbid",
          startingDeadlineSeconds: START_SECONDS,
          successfulJobsHistoryLimit: 1,
          failedJobsHistoryLimit: 3,
          jobTemplate: {
            spec: {
              backoffLimit: 2,
              // Over before the next one begins.
              activeDeadlineSeconds: everyHours * 3600 - START_SECONDS,
              template: {
                metadata: { labels },
                spec: snapshotPod({
                  image,
                  account: NAME,
                  configMap: script.metadata.name,
                  snapshotClass: SNAPSHOT_CLASS,
                  keep,
                  claims,
                  waitSeconds: snapshotWaitSeconds(everyHours, claims.length),
                }),
              },
            },
          },
        },
      }),
      { parent: this },
    );
  }
}

interface ObjectMeta {
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  readonly labels: Readonly<Record<string, string>>;
}

/** Seconds that a job may begin late, such as when the cluster was busy. */
const START_SECONDS = 300;

/** Minutes between the snapshots of regions whose places in the catalogue follow each other: prime, so that they spread. */
const STAGGER_MINUTES = 17;

/**
 * When a region's snapshots are taken, as a cron expression in UTC: no two regions in the same minute as long as there are
 * at most 60 times `everyHours` of them, and adjacent ones 17 minutes apart. It follows from the region alone.
 *
 * @param everyHours a divisor of 24
 * @throws {UnknownRegionError} for a name that is no Azure region.
 */
export function snapshotSchedule(region: string, everyHours: number): string {
  const offset = (lookupRegion(region).index * STAGGER_MINUTES) % (everyHours * 60);
  const first = Math.floor(offset / 60);
  const hours = Array.from({ length: 24 / everyHours }, (_, turn) => first + turn * everyHours);
  return `${offset % 60} ${everyHours === 1 ? "*" : hours.join(",")} * * *`;
}

/**
 * Seconds that each of so many snapshots, which are taken together and waited for one after another, may take to be
 * ready: the job has then looked at all of them ten minutes before the next one begins.
 */
export const snapshotWaitSeconds = (everyHours: number, claims: number): number =>
  Math.floor((everyHours * 3600 - 2 * START_SECONDS) / Math.max(1, claims));
