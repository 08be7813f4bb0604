// A process that deploys the whole suite of a chain at once: the kill tests end it in the middle.
// Environment: MERIDIAN_TEST_CHAIN (name), MERIDIAN_TEST_RPC_URL, MERIDIAN_JOURNAL_DIR, MERIDIAN_TEST_KILL_AT.
import { deployAllHere } from "./in-process";

const {
  MERIDIAN_TEST_CHAIN: name = "",
  MERIDIAN_TEST_RPC_URL: rpcUrl = "",
  MERIDIAN_JOURNAL_DIR: journal = "",
} = process.env;

deployAllHere({ chain: { name, rpcUrl }, journal, mode: "dataflow" }).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
