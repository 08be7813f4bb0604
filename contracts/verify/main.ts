import { connect } from "../client";
import { Journal } from "../deploy/journal";
import { parseContractOptions, rpcUrlOf } from "../options";
import { plannedContract } from "../planned";
import { journalFolder, progressFor, runProgram } from "../program";
import { verifyContract } from "./verify";

runProgram(async () => {
  const options = parseContractOptions(process.argv.slice(2));
  const { planned } = plannedContract(options);
  const progress = progressFor(`${planned.name}-verify`);
  const client = connect(rpcUrlOf(options.chain));
  const result = await verifyContract({
    client,
    planned,
    journal: new Journal(journalFolder(), options.chain),
    progress,
  });
  if (result.reason !== null) progress(`${result.verdict}: ${result.reason}`);
  return { result, ok: result.verdict === "perfect" };
});
