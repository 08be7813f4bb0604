import { planCalls } from "../calls";
import { connect } from "../client";
import { compileContracts } from "../compile";
import { parseDeployOptions, rpcUrlOf, type ChainOptions, type ContractOptions } from "../options";
import { planChain } from "../plan";
import { plannedContract } from "../planned";
import { journalFolder, progressFor, runProgram } from "../program";
import { chooseSigner } from "../signers/choose";
import type { Signer } from "../signers/signer";
import { adopt } from "./adopt";
import { deploy, type DeployResult } from "./deploy";
import { deployChain, type ChainResult } from "./deploy-chain";
import { requireImplementation } from "./implementation";
import { Journal } from "./journal";

runProgram(async () => {
  const options = parseDeployOptions(process.argv.slice(2));
  return { result: await ("contract" in options ? one(options) : all(options)), ok: true };
});

/** What every deployment takes from its options. */
function common({ chain, mode, policy, timeoutMs }: ChainOptions) {
  let signer: Promise<Signer> | undefined;
  const account = (): Promise<Signer> => (signer ??= chooseSigner());
  const [client, journal] = [connect(rpcUrlOf(chain)), new Journal(journalFolder(), chain)];
  return { client, journal, account, mode, policy, timeoutMs };
}

async function one(options: ContractOptions): Promise<DeployResult> {
  const { planned, graph } = plannedContract(options);
  const shared = common(options);
  if (planned.adopt !== undefined) return adopt(shared.client, planned, graph);
  const own = graph.filter((each) => each.adopt === undefined);
  const result = await deploy({ ...shared, planned, graph: own, progress: progressFor(planned.name) });
  await requireImplementation(shared.client, planned, graph);
  return result;
}

async function all(options: ChainOptions): Promise<ChainResult> {
  const { suite, chain, salt, settings } = options;
  const contracts = planChain(chain, settings, salt, compileContracts(undefined, suite), suite);
  const calls = planCalls(chain, contracts, settings, suite);
  return deployChain({ ...common(options), chain, contracts, calls, progress: progressFor(chain) });
}
