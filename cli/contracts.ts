import { Option, type Command } from "commander";

import type { ChainName } from "../contracts/suite";
import { formatTable, printJson } from "./output";

interface JournalOptions {
  readonly journal?: string;
  readonly chain?: ChainName;
  readonly json?: boolean;
}

interface StatusOptions extends JournalOptions {
  readonly stack: string;
  readonly rpc?: string;
}

const chainOption = (): Option =>
  new Option("--chain <name>", "this chain only").choices(["chain138", "chain1"] satisfies ChainName[]);

/** Declares `meridian contracts journal` and `meridian contracts status`. */
export function addContracts(program: Command): void {
  const contracts = program
    .command("contracts")
    .description("Show what was deployed: the journal, and how it compares with chain and configuration.")
    .addHelpText("after", "\nExample:\n  npx meridian contracts status --stack dev");
  contracts
    .command("journal")
    .description("Print the journal of the deployments: every transaction that was signed, and what became of it.")
    .addOption(chainOption())
    .option("--journal <folder>", "its folder; MERIDIAN_JOURNAL_DIR without it")
    .option("--json", "print the lines as JSON")
    .addHelpText("after", "\nExit code 2 when there is no journal.\n\nExample:\n  npx meridian contracts journal")
    .action(journal);
  contracts
    .command("status")
    .description("Compare journal, chain and configuration, contract by contract, and explain each difference.")
    .option("--stack <name>", "whose Pulumi.<name>.yaml is compared", "dev")
    .addOption(chainOption())
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
}

async function journal({ chain, json, journal: folder }: JournalOptions): Promise<void> {
  const { lineWords, readJournal } = await import("../contracts/status/journal-file.js");
  const { journalFolder } = await import("../contracts/program.js");
  const { MeridianError } = await import("../errors.js");
  const where = folder ?? journalFolder();
  const chains: readonly ChainName[] = chain === undefined ? ["chain138", "chain1"] : [chain];
  const found = chains.flatMap((name) => {
    const lines = readJournal(where, name);
    return lines === undefined ? [] : [{ chain: name, lines }];
  });
  if (found.length === 0) {
    throw new MeridianError(`There is no journal of ${chains.join(" or ")} in ${where}.`, {
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

  const { salt, settings, chains } = stackContracts(options.stack);
  const folder = options.journal ?? journalFolder();
  const wanted = chains.filter(({ chain }) => options.chain === undefined || chain === options.chain);
  const build = compileContracts();
  const found = await Promise.all(
    wanted.map(async ({ chain, rpcUrl }) => {
      const given = options.chain === undefined ? undefined : options.rpc;
      const client = connect(given ?? rpcUrl ?? rpcUrlOf(chain));
      const plan = planChain(chain, settings, salt, build);
      return chainStatus(client, plan, readJournal(folder, chain) ?? [], journalPath(folder, chain));
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
