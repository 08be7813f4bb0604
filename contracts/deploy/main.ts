import { connect } from "../client";
import { parseContractOptions, rpcUrlOf } from "../options";
import { plannedContract } from "../planned";
import { journalFolder, progressFor, runProgram } from "../program";
import { deploy } from "./deploy";
import { Journal } from "./journal";
import { deployerAccount } from "./key";

runProgram(async () => {
  const options = parseContractOptions(process.argv.slice(2));
  const { planned, graph } = plannedContract(options);
  const result = await deploy({
    client: connect(rpcUrlOf(options.chain)),
    planned,
    graph,
    mode: options.mode,
    journal: new Journal(journalFolder(), options.chain),
    account: deployerAccount,
    timeoutMs: options.timeoutMs,
    progress: progressFor(planned.name),
  });
  return { result, ok: true };
});
