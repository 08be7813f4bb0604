import { connect } from "../client";
import { chainOption, positiveOption, readFlags, rpcUrlOf } from "../options";
import { progressFor, runProgram } from "../program";
import { chainIds } from "../suite";
import { waitUntilReady } from "./wait";

/** A network takes as long as its slowest clusters to reach a quorum, and AKS creation has a tail of over an hour. */
const DEFAULT_TIMEOUT_SECONDS = "7200";

runProgram(async () => {
  const values = readFlags(process.argv.slice(2), ["chain", "timeout-seconds"]);
  const chain = chainOption(values.chain);
  const seconds = positiveOption(values["timeout-seconds"] ?? DEFAULT_TIMEOUT_SECONDS, "timeout-seconds");
  const client = connect(rpcUrlOf(chain), 0);
  const progress = progressFor(`${chain}-ready`);
  return { result: await waitUntilReady(client, chain, chainIds[chain], seconds * 1000, progress), ok: true };
});
