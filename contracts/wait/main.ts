import { connect } from "../client";
import { chainOption, positiveOption, readFlags, rpcUrlOf } from "../options";
import { progressFor, runProgram } from "../program";
import { loadSuite } from "../suites/load";
import { waitUntilReady } from "./wait";

/** A network takes as long as its slowest clusters to reach a quorum, and AKS creation has a tail of over an hour. */
const DEFAULT_TIMEOUT_SECONDS = "7200";

runProgram(async () => {
  const values = readFlags(process.argv.slice(2), ["suite", "chain", "timeout-seconds"]);
  const suite = loadSuite(values.suite);
  const chain = chainOption(values.chain, suite);
  const chainId = suite.chains[chain]?.chainId ?? 0;
  const seconds = positiveOption(values["timeout-seconds"] ?? DEFAULT_TIMEOUT_SECONDS, "timeout-seconds");
  const client = connect(rpcUrlOf(chain), 0);
  const progress = progressFor(`${chain}-ready`);
  return { result: await waitUntilReady(client, chain, chainId, seconds * 1000, progress), ok: true };
});
