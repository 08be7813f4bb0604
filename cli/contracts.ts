import type { Command } from "commander";

import { formatTable } from "../table";
import { addContractsDeploy } from "./contracts-deploy";
import { addContractsPlan } from "./contracts-plan";
import { printJson } from "./output";

interface JournalOptions {
  readonly journal?: string;
  readonly chain?: string;
  readonly json?: boolean;
}

interface StatusOptions extends JournalOptions {
  readonly stack: string;
  readonly rpc?: string;
}

/** Declares `meridian contracts journal`, `status`, `plan` and `deploy`. */
export function addContracts(program: Command): void {
  const contracts = program
    .command("contracts")
    .description(
      "Show what was deployed and what will be (journal, its comparison with chain and configuration, plan), or deploy it.",
    )
    .addHelpText("after", "\nExample:\n  npx meridian contracts status --stack dev");
  contracts
    .command("journal")
    .description("Print the journal of the deployments: every transaction that was signed, and what became of it.")
    .option("--chain <name>", "this chain only")
    .option("--journal <folder>", "its folder; MERIDIAN_JOURNAL_DIR without it")
    .option("--json", "print the lines as JSON")
    .addHelpText("after", "\nExit code 2 when there is no journal.\n\nExample:\n  npx meridian contracts journal")
    .action(journal);
  contracts
    .command("status")
    .description("Compare journal, chain and configuration, contract by contract, and explain each difference.")
    .option("--stack <name>", "whose Pulumi.<name>.yaml is compared", "dev")
    .option("--chain <name>", "this chain only")
    .option(
      "--rpc <url>",
      "with --chain: HTTP address of a node; the configuration's, or the environment's, without it",
    )
    .option("--journal <folder>", "folder of the journal; MERIDIAN_JOURNAL_DIR without it")
    .option("--json", "print the list as JSON")
    .addHelpText(
      "after",
      `
Exit code 0: all is as configured; 1: something differs, or a node is of another chain; 2: bad configuration.

Example:
  npx meridian contracts status --stack dev --chain chain138`,
    )
    .action(status);
  addContractsPlan(contracts);
  addContractsDeploy(contracts);
}

async function journal({ chain, json, journal: folder }: JournalOptions): Promise<void> {
  const { journalChains, lineWords, readJournal } = await import("../contracts/status/journal-file.js");
  const { journalFolder } = await import("../contracts/program.js");
  const { MeridianError } = await import("../errors.js");
  const where = folder ?? journalFolder();
  const found = (chain === undefined ? journalChains(where) : [chain]).flatMap((name) => {
    const lines = readJournal(where, name);
    return lines === undefined ? [] : [{ chain: name, lines }];
  });
  if (found.length === 0) {
    throw new MeridianError(`There is no journal${chain === undefined ? "" : ` of ${chain}`} in ${where}.`, {
      hint: "Give --journal: a rehearsal keeps its own in .rehearsal/.",
    });
  }
  if (json === true) return void printJson(found);
  const rows = found.flatMap(({ chain: name, lines }) =>
    lines.map((line) => {
      const { subject, words } = lineWords(line);
      return [line.at, name, line.type, subject, words];
    }),
  );
  process.stdout.write(`${formatTable([["AT", "CHAIN", "EVENT", "NAME", ""], ...rows])}\n`);
}

async function status(options: StatusOptions): Promise<void> {
  const { stackContracts } = await import("../contracts/status/stack-settings.js");
  const { chainStatus } = await import("../contracts/status/status.js");
  const { isFine } = await import("../contracts/status/explain.js");
  const { journalPath, readJournal } = await import("../contracts/status/journal-file.js");
  const { journalFolder } = await import("../contracts/program.js");
  const { compileContracts } = await import("../contracts/compile.js");
  const { connect } = await import("../contracts/client.js");
  const { rpcUrlOf } = await import("../contracts/options.js");
  const { planChain } = await import("../contracts/plan.js");
  const { chainNamed } = await import("../contracts/suites/load.js");
  const { planCalls } = await import("../contracts/calls.js");

  const { suite, salt, settings, chains } = stackContracts(options.stack);
  if (options.chain !== undefined) chainNamed(options.chain, suite);
  const folder = options.journal ?? journalFolder();
  const wanted = chains.filter(({ chain }) => options.chain === undefined || chain === options.chain);
  const build = compileContracts(undefined, suite);
  const found = await Promise.all(
    wanted.map(async ({ chain, rpcUrl }) => {
      const given = options.chain === undefined ? undefined : options.rpc;
      const client = connect(given ?? rpcUrl ?? rpcUrlOf(chain));
      const plan = planChain(chain, settings, salt, build, suite);
      const calls = planCalls(chain, plan, settings, suite);
      return chainStatus(client, { plan, calls }, readJournal(folder, chain) ?? [], journalPath(folder, chain));
    }),
  );
  const all = found.flat();
  if (options.json === true) printJson(all);
  else {
    const rows = all.map(({ name, address, state, explanation }) => [name, address, state, explanation ?? ""]);
    process.stdout.write(`${formatTable([["CONTRACT", "ADDRESS", "STATE", ""], ...rows])}\n`);
  }
  if (!all.every(isFine)) process.exitCode = 1;
}
