// A process that deploys the whole suite of a chain at once: the kill tests end it in the middle.
// Environment: MERIDIAN_TEST_CHAIN (name), MERIDIAN_TEST_RPC_URL, MERIDIAN_TEST_HOW (apart, or as one),
// MERIDIAN_JOURNAL_DIR, MERIDIAN_TEST_KILL_AT.
import { deployAllHere, deployChainHere } from "./in-process";

const {
  MERIDIAN_TEST_CHAIN: name = "",
  MERIDIAN_TEST_RPC_URL: rpcUrl = "",
  MERIDIAN_JOURNAL_DIR: journal = "",
  MERIDIAN_TEST_HOW: how = "",
} = process.env;

const given = { chain: { name, rpcUrl }, journal, mode: "dataflow" } as const;
const deployed: Promise<unknown> = how === "as one" ? deployChainHere(given) : deployAllHere(given);
deployed.catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
