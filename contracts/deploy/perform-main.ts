import { planCalls } from "../calls";
import { connect } from "../client";
import { compileContracts } from "../compile";
import { ContractsError } from "../errors";
import { parseCallOptions, rpcUrlOf } from "../options";
import { planChain } from "../plan";
import { journalFolder, progressFor, runProgram } from "../program";
import { chooseSigner } from "../signers/choose";
import { Journal } from "./journal";
import { perform } from "./perform";

runProgram(async () => {
  const { suite, chain, call, salt, settings, policy, timeoutMs } = parseCallOptions(process.argv.slice(2));
  const plan = planChain(chain, settings, salt, compileContracts(undefined, suite), suite);
  const planned = planCalls(chain, plan, settings, suite).find((each) => each.call === call);
  if (planned === undefined) throw new ContractsError(`${chain} has no call ${call}.`, "See the suite.");
  const result = await perform({
    client: connect(rpcUrlOf(chain)),
    planned,
    journal: new Journal(journalFolder(), chain),
    account: chooseSigner,
    policy,
    timeoutMs,
    progress: progressFor(planned.name),
  });
  return { result, ok: true };
});
