import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { P2P_PORT } from "../besu/enode";
import { METRICS_PORT } from "../besu/node-options";
import type { RpcSettings } from "../fleet-rpc";
import { GATEWAY_PORT, HTTPS_PORT } from "../gateway/nginx-config";
import { subnetNames } from "./network";
import { exporterPods } from "./exporter-labels";
import { collector, tcp, validatorPods } from "./network-policies";
import { rpcLabels } from "./rpc-labels";
import { type Transform, transformed } from "./transform";

/** Front Door's own addresses, by the name that Azure keeps for them (Azure docs, "Virtual network service tags"). */
export const FRONT_DOOR_TAG = "AzureFrontDoor.Backend";

const AZURE = "service.beta.kubernetes.io/azure";

export interface RpcServicesArgs {
  readonly settings: Pick<RpcSettings, "exposure" | "clients" | "entry">;
  readonly namespace: pulumi.Input<string>;
  /** Fixed address of the internal load balancer. */
  readonly address: string;
  /** Label of the public address in Azure's DNS. */
  readonly label: () => string;
  readonly transform?: Transform<kubernetes.core.v1.ServiceArgs> | undefined;
}

/** The gateway's load balancer, and the headless service that the pods' peer-to-peer port is known under. */
export function createRpcServices(name: string, args: RpcServicesArgs, opts: pulumi.CustomResourceOptions): void {
  const { namespace } = args;
  new kubernetes.core.v1.Service(
    `${name}-service`,
    transformed(args.transform, {
      metadata: { name: "gateway", namespace, labels: rpcLabels, annotations: exposure(args) },
      spec: {
        type: "LoadBalancer",
        selector: rpcLabels,
        // The client's address stays, for the limits per client; and its calls stay with one node, so that it reads what it wrote.
        externalTrafficPolicy: "Local",
        sessionAffinity: "ClientIP",
        loadBalancerSourceRanges: sourceRanges(args.settings),
        ports: [{ name: "https", port: HTTPS_PORT, targetPort: "gateway", protocol: "TCP" }],
      },
    }),
    opts,
  );
  new kubernetes.core.v1.Service(
    `${name}-peers`,
    {
      metadata: { name: "rpc", namespace, labels: rpcLabels },
      spec: {
        clusterIP: "None",
        selector: rpcLabels,
        publishNotReadyAddresses: true,
        ports: [{ name: "p2p", port: P2P_PORT, targetPort: "p2p", protocol: "TCP" }],
      },
    },
    opts,
  );
}

function exposure({ settings, address, label }: RpcServicesArgs): Record<string, string> {
  switch (settings.exposure) {
    case "internal":
      return {
        [`${AZURE}-load-balancer-internal`]: "true",
        [`${AZURE}-load-balancer-internal-subnet`]: subnetNames.loadBalancers,
        [`${AZURE}-load-balancer-ipv4`]: address,
      };
    case "public":
      return {
        [`${AZURE}-dns-label-name`]: label(),
        ...(settings.entry === "frontDoor" && { [`${AZURE}-allowed-service-tags`]: FRONT_DOOR_TAG }),
      };
  }
}

const sourceRanges = ({ exposure, clients }: RpcServicesArgs["settings"]): string[] | undefined =>
  exposure === "public" && clients.length > 0 ? [...clients] : undefined;

export interface RpcPolicyArgs {
  /** Whether the region's exporter may look at the gateway's certificate. */
  readonly exporter: boolean;
  readonly settings: Pick<RpcSettings, "exposure" | "clients" | "entry">;
  readonly namespace: pulumi.Input<string>;
  /** Addresses of all members, in CIDR notation. */
  readonly supernet: string;
  /** The region's own addresses, in CIDR notation. */
  readonly virtualNetwork: string;
}

/**
 * All that the pods of the namespace may do: be called at the gateway, dial validators, and have their metrics read.
 * Besu's own RPC ports are on the pod's loopback: no policy has to keep them shut.
 */
export function createRpcPolicy(name: string, args: RpcPolicyArgs, opts: pulumi.CustomResourceOptions): void {
  const { settings, namespace, supernet, virtualNetwork } = args;
  // Front Door's addresses are known to Azure alone: the security group judges them, and the gateway their id.
  const outside = settings.entry === "frontDoor" ? ["0.0.0.0/0"] : settings.clients;
  const clients = [virtualNetwork, ...outside].map((cidr) => ({ ipBlock: { cidr } }));
  new kubernetes.networking.v1.NetworkPolicy(
    name,
    {
      metadata: { name: "rpc", namespace },
      spec: {
        podSelector: {},
        policyTypes: ["Ingress", "Egress"],
        ingress: [
          { from: [...clients, ...(args.exporter ? [exporterPods] : [])], ports: tcp(GATEWAY_PORT) },
          { from: [collector], ports: tcp(METRICS_PORT) },
        ],
        egress: [{ to: [{ ipBlock: { cidr: supernet } }, validatorPods], ports: tcp(P2P_PORT) }],
      },
    },
    opts,
  );
}
