import type { Clusters, ClusterState } from "./clusters";
import type { OperatedRegion } from "./network";
import { pause } from "./watch";

/** What ARM calls a resource on which nothing is being done. */
const SETTLED = ["Succeeded", "Failed", "Canceled"];

/**
 * A cluster on which Azure does nothing any more: what an earlier command has begun is waited for, since AKS refuses a
 * second operation meanwhile (409 OperationNotAllowed).
 */
export async function settledCluster(
  clusters: Pick<Clusters, "get">,
  region: OperatedRegion,
  {
    signal,
    step,
    pollMs,
  }: { readonly signal: AbortSignal; readonly step: (text: string) => void; readonly pollMs: number },
): Promise<ClusterState> {
  let told = false;
  for (;;) {
    const state = await clusters.get(region, signal);
    if (SETTLED.includes(state.provisioning)) return state;
    if (!told) step(`waiting: the cluster is ${state.provisioning}`);
    told = true;
    await pause(pollMs, signal);
    signal.throwIfAborted();
  }
}
