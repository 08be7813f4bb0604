import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { besuArguments, podHosts } from "../besu/config-toml";
import { P2P_PORT } from "../besu/enode";
import { METRICS_PORT, type NodeOptions, RPC_PORT } from "../besu/node-options";
import { validatorNode } from "./cluster";
import { nodeProbes } from "./node-probes";
import { BESU_UID, restrictedContainer, restrictedPod } from "./pod-security";
import { paths } from "./node-paths";
import { validatorLabels } from "./validator-labels";

export interface ValidatorPodArgs {
  /** Container image of Besu, with its tag. */
  readonly image: string;
  /** Name of the ConfigMap with config.toml, genesis.json, static-nodes.json and the probe. */
  readonly configMap: pulumi.Input<string>;
  /** Besu's options, as they are in config.toml. */
  readonly options: NodeOptions;
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
    securityContext: restrictedPod(BESU_UID),
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
    args: [...besuArguments(`${paths.config}/config.toml`, args.options), podHosts(args.options)],
    // The heap follows the memory limit; the rest is for RocksDB and the JVM itself.
    env: [
      { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
      { name: "BESU_OPTS", value: "-XX:MaxRAMPercentage=70" },
    ],
    ports: [
      { name: "p2p", containerPort: P2P_PORT },
      { name: "rpc", containerPort: RPC_PORT },
      { name: "metrics", containerPort: METRICS_PORT },
    ],
    // Room for a heap of 2.8 GiB; a node with four to eight peers held 300 to 460 MB (measured, Besu 26.8.0).
    resources: { requests: { cpu: "1", memory: "4Gi" }, limits: { memory: "4Gi" } },
    securityContext: restrictedContainer,
    volumeMounts: [
      { name: "data", mountPath: paths.data },
      { name: "config", mountPath: paths.config, readOnly: true },
      { name: "key", mountPath: paths.key, readOnly: true },
      { name: "tmp", mountPath: "/tmp" },
    ],
    ...nodeProbes(args.headAgeLimitSeconds),
  };
}
