import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { P2P_PORT } from "../besu/enode";
import { METRICS_PORT, RPC_PORT } from "../besu/node-options";
import { validatorNode } from "./cluster";
import { PROBE_FILE } from "./probe";
import { validatorLabels } from "./validator-labels";

/** Where a validator's files are in its container. */
export const paths = { data: "/data", config: "/etc/besu", key: "/etc/besu-key" } as const;

/** The user that Besu's image runs as. */
const BESU_UID = 1000;

export interface ValidatorPodArgs {
  /** Container image of Besu, with its tag. */
  readonly image: string;
  /** Name of the ConfigMap with config.toml, genesis.json, static-nodes.json and the probe. */
  readonly configMap: pulumi.Input<string>;
  /** Name of the service account whose identity may read the key. */
  readonly serviceAccount: pulumi.Input<string>;
  /** Name of the SecretProviderClass that brings the key. */
  readonly keyProvider: string;
  /** Seconds that the newest block may be old before the node is not ready. */
  readonly headAgeLimitSeconds: number;
}

/** The pod of a validator; it meets Kubernetes' "restricted" pod security standard. */
export function validatorPod(args: ValidatorPodArgs): types.input.core.v1.PodSpec {
  return {
    serviceAccountName: args.serviceAccount,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    // Besu writes its last blocks and closes its database; kill -9 corrupted nothing, but costs a slower start.
    terminationGracePeriodSeconds: 120,
    nodeSelector: { [validatorNode.key]: validatorNode.value },
    tolerations: [{ ...validatorNode, operator: "Equal", effect: "NoSchedule" }],
    // Never two on one node while there is another; in different zones as long as their disks allow.
    topologySpreadConstraints: [
      spread("kubernetes.io/hostname", "DoNotSchedule"),
      spread("topology.kubernetes.io/zone", "ScheduleAnyway"),
    ],
    securityContext: {
      runAsNonRoot: true,
      runAsUser: BESU_UID,
      runAsGroup: BESU_UID,
      fsGroup: BESU_UID,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [besuContainer(args)],
    volumes: [
      { name: "config", configMap: { name: args.configMap } },
      {
        name: "key",
        csi: {
          driver: "secrets-store.csi.k8s.io",
          readOnly: true,
          volumeAttributes: { secretProviderClass: args.keyProvider },
        },
      },
      // Besu unpacks native libraries there.
      { name: "tmp", emptyDir: {} },
    ],
  };
}

const spread = (topologyKey: string, whenUnsatisfiable: "DoNotSchedule" | "ScheduleAnyway") => ({
  maxSkew: 1,
  topologyKey,
  whenUnsatisfiable,
  labelSelector: { matchLabels: validatorLabels },
});

function besuContainer(args: ValidatorPodArgs): types.input.core.v1.Container {
  return {
    name: "besu",
    image: args.image,
    args: [`--config-file=${paths.config}/config.toml`],
    // The heap follows the memory limit; the rest is for RocksDB and the JVM itself.
    env: [{ name: "BESU_OPTS", value: "-XX:MaxRAMPercentage=70" }],
    ports: [
      { name: "p2p", containerPort: P2P_PORT },
      { name: "rpc", containerPort: RPC_PORT },
      { name: "metrics", containerPort: METRICS_PORT },
    ],
    // Room for a heap of 2.8 GiB; a node with four to eight peers held 300 to 460 MB (measured, Besu 26.8.0).
    resources: { requests: { cpu: "1", memory: "4Gi" }, limits: { memory: "4Gi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [
      { name: "data", mountPath: paths.data },
      { name: "config", mountPath: paths.config, readOnly: true },
      { name: "key", mountPath: paths.key, readOnly: true },
      { name: "tmp", mountPath: "/tmp" },
    ],
    // Eight nodes starting on two cores took 31 s to answer (measured); a node that replays blocks takes longer.
    startupProbe: { ...probe("alive"), periodSeconds: 5, failureThreshold: 60 },
    readinessProbe: { ...probe("ready", String(args.headAgeLimitSeconds)), periodSeconds: 10, failureThreshold: 3 },
    // Not the head's age: a halted chain would have all its validators killed, again and again.
    livenessProbe: { ...probe("alive"), periodSeconds: 10, failureThreshold: 6 },
  };
}

const probe = (...args: readonly string[]): types.input.core.v1.Probe => ({
  exec: { command: ["bash", `${paths.config}/${PROBE_FILE}`, ...args] },
  timeoutSeconds: 5,
});
