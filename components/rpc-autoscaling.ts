import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import type { RpcSettings } from "../fleet-rpc";
import { rpcLabels } from "./rpc-labels";
import { type Transform, transformed } from "./transform";

/** Part of Besu's requested cores, in per cent, above which another node is made. */
const CPU_TARGET_PERCENT = 60;

/** A new node has to synchronise before it helps: one more is not judged useless for an hour, the longest there is. */
const SCALE_DOWN_AFTER_SECONDS = 3600;

export interface RpcAutoscalingArgs {
  readonly settings: Pick<RpcSettings, "minReplicas" | "maxReplicas">;
  readonly namespace: pulumi.Input<string>;
  readonly transform?: Transform<kubernetes.autoscaling.v2.HorizontalPodAutoscalerArgs> | undefined;
}

/** As many RPC nodes as their load asks for, and never more than one of them away at a time. */
export function createRpcAutoscaling(name: string, args: RpcAutoscalingArgs, opts: pulumi.CustomResourceOptions): void {
  const metadata = { name: "rpc", namespace: args.namespace };
  const { minReplicas, maxReplicas } = args.settings;
  new kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
    `${name}-autoscaler`,
    transformed(args.transform, {
      metadata,
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "StatefulSet", name: "rpc" },
        minReplicas,
        maxReplicas,
        // Besu's alone: the gateway's idle share would hide it.
        metrics: [
          {
            type: "ContainerResource",
            containerResource: {
              name: "cpu",
              container: "besu",
              target: { type: "Utilization", averageUtilization: CPU_TARGET_PERCENT },
            },
          },
        ],
        behavior: {
          // A node that synchronises is busy too: wait for it before the next.
          scaleUp: { stabilizationWindowSeconds: 120, policies: [{ type: "Pods", value: 1, periodSeconds: 300 }] },
          scaleDown: {
            stabilizationWindowSeconds: SCALE_DOWN_AFTER_SECONDS,
            policies: [{ type: "Pods", value: 1, periodSeconds: 600 }],
          },
        },
      },
    }),
    opts,
  );
  new kubernetes.policy.v1.PodDisruptionBudget(
    `${name}-disruptions`,
    {
      metadata,
      // A node that is not ready serves nobody: it may go.
      spec: { maxUnavailable: 1, selector: { matchLabels: rpcLabels }, unhealthyPodEvictionPolicy: "AlwaysAllow" },
    },
    opts,
  );
}
