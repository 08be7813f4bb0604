import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { validatorLabels } from "./validator-labels";

/**
 * Lets Kubernetes move one validator of a region at a time, and none while another of them is not ready: when the chain
 * has halted none is, so that no node is drained before somebody has looked.
 */
export const createDisruptionBudget = (
  name: string,
  namespace: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): kubernetes.policy.v1.PodDisruptionBudget =>
  new kubernetes.policy.v1.PodDisruptionBudget(
    name,
    {
      metadata: { name: "validators", namespace },
      spec: {
        maxUnavailable: 1,
        selector: { matchLabels: validatorLabels },
        unhealthyPodEvictionPolicy: "IfHealthyBudget",
      },
    },
    opts,
  );
