import { connect } from "../client";
import { parseContractOptions, rpcUrlOf } from "../options";
import { plannedContract } from "../planned";
import { journalFolder, progressFor, runProgram } from "../program";
import { chooseSigner } from "../signers/choose";
import type { Signer } from "../signers/signer";
import { deploy } from "./deploy";
import { Journal } from "./journal";

runProgram(async () => {
  const options = parseContractOptions(process.argv.slice(2));
  const { planned, graph } = plannedContract(options);
  let signer: Promise<Signer> | undefined;
  const result = await deploy({
    client: connect(rpcUrlOf(options.chain)),
    planned,
    graph,
    mode: options.mode,
    policy: options.policy,
    journal: new Journal(journalFolder(), options.chain),
    account: () => (signer ??= chooseSigner()),
    timeoutMs: options.timeoutMs,
    progress: progressFor(planned.name),
  });
  return { result, ok: true };
});
