import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { P2P_PORT } from "../besu/enode";
import { METRICS_PORT, RPC_PORT } from "../besu/node-options";
import { exporterLabels } from "./exporter-labels";
import { RPC_NAMESPACE, rpcLabels } from "./rpc-labels";
import { validatorLabels } from "./validator-labels";

export interface NetworkPolicyArgs {
  readonly namespace: pulumi.Input<string>;
  /** Addresses of all members, in CIDR notation. */
  readonly supernet: string;
  /** The region's own addresses, in CIDR notation: from there applications may call the nodes. */
  readonly virtualNetwork: string;
  /** Ranges from which whoever operates the network may call the validators' RPC and read their metrics, in CIDR notation. */
  readonly operators: readonly string[];
  /** Whether RPC nodes of the same cluster may connect to the validators. */
  readonly rpc: boolean;
  /** Whether an exporter of the same namespace may call the validators' RPC. */
  readonly exporter: boolean;
}

/** The validators of the same cluster, from another of its namespaces. */
export const validatorPods = {
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "besu" } },
  podSelector: { matchLabels: validatorLabels },
};

/** Azure's collector of metrics. */
export const collector = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } };

/** One TCP port, as a NetworkPolicy has it. */
export const tcp = (port: number) => [{ protocol: "TCP", port }];

/** The RPC nodes of the same cluster, from another of its namespaces. */
export const rpcPods = {
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": RPC_NAMESPACE } },
  podSelector: { matchLabels: rpcLabels },
};

/**
 * What a namespace's pods may say to whom: validators speak to validators, the region's own network and the operators
 * may call their RPC (ETH, NET and WEB3 alone), and Azure's collector and the operators read their metrics.
 *
 * Peers of other regions are addresses, and keep theirs because the load balancer is `externalTrafficPolicy: Local`.
 * Peers of the same region are pods: Cilium turns a load balancer's address into the pod behind it before it judges, and
 * its ipBlock matches no pod.
 */
export function createNetworkPolicies(
  name: string,
  { namespace, supernet, virtualNetwork, operators, rpc, exporter }: NetworkPolicyArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  const validators = { podSelector: { matchLabels: validatorLabels } };
  const fromRanges = (ranges: readonly string[]) => ranges.map((cidr) => ({ ipBlock: { cidr } }));
  const members = [{ ipBlock: { cidr: supernet } }, validators];
  new kubernetes.networking.v1.NetworkPolicy(
    `${name}-nothing`,
    { metadata: { name: "nothing", namespace }, spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] } },
    opts,
  );
  new kubernetes.networking.v1.NetworkPolicy(
    `${name}-validators`,
    {
      metadata: { name: "validators", namespace },
      spec: {
        ...validators,
        policyTypes: ["Ingress", "Egress"],
        ingress: [
          { from: [...members, ...(rpc ? [rpcPods] : [])], ports: tcp(P2P_PORT) },
          {
            from: [
              ...fromRanges([virtualNetwork, ...operators]),
              ...(exporter ? [{ podSelector: { matchLabels: exporterLabels } }] : []),
            ],
            ports: tcp(RPC_PORT),
          },
          { from: [collector, ...fromRanges(operators)], ports: tcp(METRICS_PORT) },
        ],
        egress: [{ to: members, ports: tcp(P2P_PORT) }],
      },
    },
    opts,
  );
}
