import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { validatorNode } from "./cluster";
import { restrictedContainer, restrictedPod } from "./pod-security";
import { SNAPSHOT_FILE } from "./snapshot-script";

/** Any user but root: nothing that the pod writes outlives it. */
const NOBODY = 65534;

const SCRIPTS = "/etc/meridian";

export interface SnapshotPodArgs {
  /** Container image with sh, sort, awk and kubectl, and its tag. */
  readonly image: string;
  /** Name of the service account. */
  readonly account: string;
  /** Name of the ConfigMap with the script. */
  readonly configMap: pulumi.Input<string>;
  readonly snapshotClass: string;
  /** Snapshots of a claim that stay. */
  readonly keep: number;
  readonly claims: readonly string[];
  /** Seconds that one snapshot may take to be ready. */
  readonly waitSeconds: number;
}

/** The pod that takes the snapshots of a region's claims; it meets Kubernetes' "restricted" pod security standard. */
export function snapshotPod(args: SnapshotPodArgs): types.input.core.v1.PodSpec {
  return {
    serviceAccountName: args.account,
    // It calls the API server, and it alone of the namespace has a token.
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    restartPolicy: "Never",
    // The system pool is for what AKS itself runs.
    nodeSelector: { [validatorNode.key]: validatorNode.value },
    tolerations: [{ ...validatorNode, operator: "Equal", effect: "NoSchedule" }],
    securityContext: restrictedPod(NOBODY),
    containers: [
      {
        name: "snapshots",
        image: args.image,
        command: ["/bin/sh", `${SCRIPTS}/${SNAPSHOT_FILE}`, ...args.claims],
        env: [
          {
            name: "JOB_NAME",
            valueFrom: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-name']" } },
          },
          { name: "SNAPSHOT_CLASS", value: args.snapshotClass },
          { name: "KEEP", value: String(args.keep) },
          { name: "WAIT_SECONDS", value: String(args.waitSeconds) },
          // Where kubectl keeps what it learnt of the API.
          { name: "HOME", value: "/tmp" },
        ],
        resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { memory: "128Mi" } },
        securityContext: restrictedContainer,
        volumeMounts: [
          { name: "scripts", mountPath: SCRIPTS, readOnly: true },
          { name: "tmp", mountPath: "/tmp" },
        ],
      },
    ],
    volumes: [
      { name: "scripts", configMap: { name: args.configMap } },
      { name: "tmp", emptyDir: {} },
    ],
  };
}
