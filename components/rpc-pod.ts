import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { besuArguments, podHosts } from "../besu/config-toml";
import { P2P_PORT } from "../besu/enode";
import { METRICS_PORT, type NodeOptions } from "../besu/node-options";
import type { RpcSettings } from "../fleet-rpc";
import { GATEWAY_PORT, NGINX_UID } from "../gateway/nginx-config";
import { nodeProbes } from "./node-probes";
import { BESU_UID, restrictedContainer, restrictedPod } from "./pod-security";
import { rpcLabels, rpcNode } from "./rpc-labels";
import { paths } from "./node-paths";

/** Where the gateway's files are in its container. */
export const gatewayPaths = { config: "/etc/gateway", certificate: "/etc/gateway-certificate" } as const;

/** Blocks that a node may be behind the best that it knows of before it is not ready. */
const LAG_LIMIT_BLOCKS = 10;

export interface RpcPodArgs {
  readonly settings: Pick<RpcSettings, "gatewayImage" | "cores" | "memoryGiB">;
  /** Container image of Besu, with its tag. */
  readonly image: string;
  /** Name of the ConfigMap with config.toml, genesis.json, static-nodes.json and the probe. */
  /** Besu's options, as they are in config.toml. */
  readonly options: NodeOptions;
  readonly configMap: pulumi.Input<string>;
  /** Name of the ConfigMap with nginx.conf, gateway.js and policy.js. */
  readonly gatewayConfigMap: pulumi.Input<string>;
  readonly serviceAccount: pulumi.Input<string>;
  /** What holds the gateway's certificate, without its name. */
  readonly certificate: pulumi.Input<Omit<types.input.core.v1.Volume, "name">>;
  /** Seconds that the newest block may be old before the node is not ready. */
  readonly headAgeLimitSeconds: number;
}

/**
 * The pod of an RPC node: Besu, which listens on the pod's own loopback, and the gateway in front of it. It meets
 * Kubernetes' "restricted" pod security standard.
 */
export function rpcPod(args: RpcPodArgs): types.input.core.v1.PodSpec {
  return {
    serviceAccountName: args.serviceAccount,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 120,
    nodeSelector: { [rpcNode.key]: rpcNode.value },
    tolerations: [{ ...rpcNode, operator: "Equal", effect: "NoSchedule" }],
    topologySpreadConstraints: ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map((topologyKey) => ({
      maxSkew: 1,
      topologyKey,
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: rpcLabels },
    })),
    securityContext: restrictedPod(BESU_UID),
    containers: [besuContainer(args), gatewayContainer(args)],
    volumes: [
      { name: "config", configMap: { name: args.configMap } },
      { name: "tmp", emptyDir: {} },
      { name: "gateway", configMap: { name: args.gatewayConfigMap } },
      { name: "gateway-tmp", emptyDir: {} },
      withName("certificate", args.certificate),
    ],
  };
}

const withName = (name: string, volume: RpcPodArgs["certificate"]): pulumi.Input<types.input.core.v1.Volume> => ({
  ...(volume as Omit<types.input.core.v1.Volume, "name">),
  name,
});

function besuContainer({ image, options, settings, headAgeLimitSeconds }: RpcPodArgs): types.input.core.v1.Container {
  const memory = `${settings.memoryGiB}Gi`;
  return {
    name: "besu",
    image,
    // The one option that only the pod knows; nobody dials it, and Besu will not start without one.
    args: [...besuArguments(`${paths.config}/config.toml`, options), "--p2p-host=$(POD_IP)", podHosts(options)],
    env: [
      { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
      { name: "BESU_OPTS", value: "-XX:MaxRAMPercentage=70" },
    ],
    ports: [
      { name: "p2p", containerPort: P2P_PORT },
      { name: "metrics", containerPort: METRICS_PORT },
    ],
    resources: { requests: { cpu: String(settings.cores), memory }, limits: { memory } },
    securityContext: restrictedContainer,
    volumeMounts: [
      { name: "data", mountPath: paths.data },
      { name: "config", mountPath: paths.config, readOnly: true },
      { name: "tmp", mountPath: "/tmp" },
    ],
    ...nodeProbes(headAgeLimitSeconds, LAG_LIMIT_BLOCKS),
  };
}

function gatewayContainer({ settings }: RpcPodArgs): types.input.core.v1.Container {
  // Whether it may be called is Besu's probe to say; here, that nginx takes connections.
  const listens = { tcpSocket: { port: "gateway" }, periodSeconds: 10, timeoutSeconds: 5 };
  return {
    name: "gateway",
    image: settings.gatewayImage,
    command: ["nginx", "-c", `${gatewayPaths.config}/nginx.conf`, "-e", "stderr", "-g", "daemon off;"],
    ports: [{ name: "gateway", containerPort: GATEWAY_PORT }],
    // Answers are held in memory, up to 32 MiB each.
    resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "512Mi" } },
    securityContext: { ...restrictedContainer, runAsUser: NGINX_UID, runAsGroup: NGINX_UID },
    volumeMounts: [
      { name: "gateway", mountPath: gatewayPaths.config, readOnly: true },
      { name: "certificate", mountPath: gatewayPaths.certificate, readOnly: true },
      { name: "gateway-tmp", mountPath: "/tmp" },
    ],
    readinessProbe: listens,
    livenessProbe: { ...listens, failureThreshold: 6 },
  };
}
