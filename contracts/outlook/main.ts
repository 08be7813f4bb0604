import { readFileSync } from "node:fs";
import { planCalls } from "../calls";
import { connect } from "../client";
import { compileContracts } from "../compile";
import { planChain, type SuiteSettings } from "../plan";
import { journalFolder, runProgram } from "../program";
import { readJournal } from "../status/journal-file";
import { loadSuite } from "../suites/load";
import { outlookOf } from "./outlook";

/** What the program hands over on stdin: the chains to be asked, as JSON. */
export interface OutlookRequest {
  readonly suite?: string;
  readonly salt: string;
  readonly settings: SuiteSettings;
  readonly chains: readonly { readonly chain: string; readonly rpcUrl: string }[];
}

/** One request of a preview may take this long; it is not tried again. */
const REQUEST_TIMEOUT_MS = 3_000;

runProgram(async () => {
  const { suite: path, salt, settings, chains } = JSON.parse(readFileSync(0, "utf8")) as OutlookRequest;
  const suite = loadSuite(path);
  const build = compileContracts(undefined, suite);
  const result = await Promise.all(
    chains.map(({ chain, rpcUrl }) => {
      const plan = planChain(chain, settings, salt, build, suite);
      const client = connect(rpcUrl, 0, REQUEST_TIMEOUT_MS);
      const calls = planCalls(chain, plan, settings, suite);
      return outlookOf(client, chain, plan, calls, readJournal(journalFolder(), chain));
    }),
  );
  return { result, ok: true };
});
