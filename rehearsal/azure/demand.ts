import { type Properties, textOf } from "../protocol/values";
import { shortType } from "./arm";
import { type Demand, demandOf, type PoolDemand } from "./quotas";

const poolOf = (inputs: Properties): PoolDemand => {
  const vmSize = textOf(inputs, "vmSize");
  const { count } = inputs;
  return { ...(vmSize !== undefined && { vmSize }), ...(typeof count === "number" && { count }) };
};

/** What a cluster or a node pool takes of its region's quotas; undefined for everything else. */
export const demandOfResource = (type: string, inputs: Properties): Demand | undefined => {
  switch (shortType(type)) {
    case "ManagedCluster": {
      const pools = inputs.agentPoolProfiles;
      return demandOf(Array.isArray(pools) ? (pools as readonly Properties[]).map(poolOf) : [], 1);
    }
    case "AgentPool":
      return demandOf([poolOf(inputs)], 0);
    default:
      return undefined;
  }
};
