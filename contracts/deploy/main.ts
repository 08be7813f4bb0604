import { connect } from "../client";
import { parseContractOptions, rpcUrlOf } from "../options";
import { plannedContract } from "../planned";
import { journalFolder, progressFor, runProgram } from "../program";
import { chooseSigner } from "../signers/choose";
import type { Signer } from "../signers/signer";
import { adopt } from "./adopt";
import { deploy } from "./deploy";
import { requireImplementation } from "./implementation";
import { Journal } from "./journal";

runProgram(async () => {
  const options = parseContractOptions(process.argv.slice(2));
  const { planned, graph } = plannedContract(options);
  const client = connect(rpcUrlOf(options.chain));
  if (planned.adopt !== undefined) return { result: await adopt(client, planned, graph), ok: true };
  let signer: Promise<Signer> | undefined;
  const result = await deploy({
    client,
    planned,
    graph: graph.filter((each) => each.adopt === undefined),
    mode: options.mode,
    policy: options.policy,
    journal: new Journal(journalFolder(), options.chain),
    account: () => (signer ??= chooseSigner()),
    timeoutMs: options.timeoutMs,
    progress: progressFor(planned.name),
  });
  await requireImplementation(client, planned, graph);
  return { result, ok: true };
});
