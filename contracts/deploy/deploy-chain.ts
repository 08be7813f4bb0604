import { batchesOf } from "../graph";
import type { PlannedCall } from "../calls";
import type { PlannedContract } from "../plan";
import { adopt } from "./adopt";
import { deployAll, type DeployOptions, type DeployResult } from "./deploy";
import { requireImplementation } from "./implementation";
import { perform, type PerformResult } from "./perform";

/** A chain's contracts and calls. */
export interface DeployChainRequest extends Omit<DeployOptions, "graph"> {
  readonly chain: string;
  readonly contracts: readonly PlannedContract[];
  readonly calls: readonly PlannedCall[];
}

/** What the deployment of a whole chain says. */
export interface ChainResult {
  readonly chain: string;
  /** In the order of the suite. */
  readonly contracts: readonly DeployResult[];
  /** In an order in which they can be made. */
  readonly calls: readonly PerformResult[];
}

/**
 * Deploys all contracts of a chain in one process, and makes its calls: what the Commands of the stack do one by one,
 * on the same journal and under the same lock.
 *
 * @throws as {@link deployAll}, {@link adopt} and {@link perform}
 */
export async function deployChain(request: DeployChainRequest): Promise<ChainResult> {
  const { chain, client, contracts: plan } = request;
  const adopted = await Promise.all(
    plan.filter((each) => each.adopt !== undefined).map((each) => adopt(client, each, plan)),
  );
  const own = plan.filter((each) => each.adopt === undefined);
  const deployed = await deployAll({ ...request, contracts: own, graph: own });
  await Promise.all(own.map((each) => requireImplementation(client, each, plan)));
  const byName = new Map([...adopted, ...deployed].map((result) => [result.name, result]));
  const contracts = plan.flatMap(({ name }) => byName.get(name) ?? []);
  return { chain, contracts, calls: await makeCalls(request) };
}

/** Makes the calls, those at once that do not need each other. */
async function makeCalls(request: DeployChainRequest): Promise<PerformResult[]> {
  const byName = new Map(request.calls.map((call) => [call.name, call]));
  const nodes = request.calls.map(({ name, needs }) => ({ name, needs: needs.filter((need) => byName.has(need)) }));
  const results: PerformResult[] = [];
  for (const names of batchesOf(nodes)) {
    const calls = names.flatMap((name) => byName.get(name) ?? []);
    const progress = (name: string) => (line: string) => request.progress(line, name);
    const made = calls.map((planned) => perform({ ...request, planned, progress: progress(planned.name) }));
    results.push(...(await Promise.all(made)));
  }
  return results;
}
