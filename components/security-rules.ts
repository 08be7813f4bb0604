import type { types } from "@pulumi/azure-native";

import { P2P_PORT } from "../besu/enode";
import { METRICS_PORT, RPC_PORT } from "../besu/node-options";
import { GATEWAY_PORT, HTTPS_PORT } from "../gateway/nginx-config";

/** Pods and services are not routed outside their cluster, so every cluster may use the same ranges (RFC 6598). */
export const CLUSTER_RANGES = {
  podCidr: "100.64.0.0/16",
  serviceCidr: "100.65.0.0/16",
  dnsServiceIP: "100.65.0.10",
} as const;

type Rule = types.input.network.SecurityRuleArgs;

export interface SecurityRulesArgs {
  /** The region's own addresses, in CIDR notation. */
  readonly virtualNetwork: string;
  /** Addresses of all members; nothing but the regions' networks takes any of them. */
  readonly supernet: string;
  /** Ranges, or one of Azure's service tags, from which the RPC gateway may be called. */
  readonly rpcClients: readonly string[];
  /** Ranges from which whoever operates the network may call the validators' RPC. */
  readonly operators: readonly string[];
}

/**
 * What may pass to and from a region's nodes: the peer-to-peer port between members, what a cluster needs inside its
 * own network, and HTTPS outwards (Azure's API, container registries). Everything else is denied, both ways.
 *
 * Members are named by the supernet, so that a region that joins changes no rule of another. What AKS needs: Azure docs,
 * "Outbound network and FQDN rules for AKS clusters" (443 alone, as its tunnel is konnectivity) and "Azure CNI Overlay
 * networking", section on network security groups (nodes and pods among themselves).
 */
export function securityRules({ virtualNetwork, supernet, rpcClients, operators }: SecurityRulesArgs): Rule[] {
  const own = [virtualNetwork, CLUSTER_RANGES.podCidr];
  const peers = { protocol: "Tcp", destinationPortRange: String(P2P_PORT) };
  const any = { protocol: "*", destinationPortRange: "*" };
  return [
    inbound("members", 100, {
      ...peers,
      sourceAddressPrefix: supernet,
      destinationAddressPrefix: virtualNetwork,
      description: "Validators of all regions, at the load balancers' fixed addresses.",
    }),
    inbound("cluster", 110, {
      ...any,
      sourceAddressPrefixes: own,
      destinationAddressPrefixes: own,
      description: "Nodes and pods of this region among themselves, and its private endpoints.",
    }),
    inbound("load-balancer", 120, {
      ...any,
      sourceAddressPrefix: "AzureLoadBalancer",
      destinationAddressPrefix: "*",
      description: "Health probes of the internal load balancers.",
    }),
    ...rpcClients.map((source, i) =>
      inbound(`rpc-${i}`, 200 + i, {
        protocol: "Tcp",
        // Load balancers keep the frontend's port and address (floating IP), and a pod is reached at its own.
        destinationPortRanges: [String(HTTPS_PORT), String(GATEWAY_PORT)],
        sourceAddressPrefix: source,
        destinationAddressPrefix: "*",
        description: "Callers of the RPC gateway.",
      }),
    ),
    ...operators.map((source, i) =>
      inbound(`operators-${i}`, 1000 + i, {
        protocol: "Tcp",
        destinationPortRanges: [String(RPC_PORT), String(METRICS_PORT)],
        sourceAddressPrefix: source,
        destinationAddressPrefix: virtualNetwork,
        description: "Whoever operates the network, to the validators' RPC and metrics.",
      }),
    ),
    inbound("nothing-else", 4000, { ...any, access: "Deny", ...everywhere }),
    outbound("members", 100, {
      ...peers,
      sourceAddressPrefixes: own,
      destinationAddressPrefix: supernet,
      description: "Validators of all regions.",
    }),
    outbound("cluster", 110, { ...any, sourceAddressPrefixes: own, destinationAddressPrefixes: own }),
    outbound("https", 120, {
      protocol: "Tcp",
      destinationPortRange: "443",
      sourceAddressPrefixes: own,
      destinationAddressPrefix: "Internet",
      description: "Azure's API and container registries, through the NAT gateway.",
    }),
    outbound("nothing-else", 4000, { ...any, access: "Deny", ...everywhere }),
  ];
}

const everywhere = { sourceAddressPrefix: "*", destinationAddressPrefix: "*" } as const;

type Directed = Omit<Rule, "name" | "priority" | "direction" | "access"> & { readonly access?: "Deny" };

const rule =
  (direction: "Inbound" | "Outbound") =>
  (name: string, priority: number, more: Directed): Rule => ({
    name: `${direction.toLowerCase()}-${name}`,
    priority,
    direction,
    access: "Allow",
    sourcePortRange: "*",
    ...more,
  });
const inbound = rule("Inbound");
const outbound = rule("Outbound");
