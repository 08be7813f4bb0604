import type { Command } from "commander";

import { formatTable } from "../table";
import { printJson } from "./output";

interface PlanOptions {
  readonly stack: string;
  readonly chain?: string;
  readonly rpc?: string;
  readonly mode?: string;
  readonly json?: boolean;
}

/** Declares `meridian contracts plan`. */
export function addContractsPlan(contracts: Command): void {
  contracts
    .command("plan")
    .description("Show what a deployment would do: order, predicted addresses, blocks, gas and cost by now.")
    .option("--stack <name>", "whose Pulumi.<name>.yaml says what is deployed where", "dev")
    .option("--chain <name>", "this chain only")
    .option(
      "--rpc <url>",
      "with --chain: HTTP address of a node; the configuration's, or the environment's, without it",
    )
    .option("--json", "print the plan as JSON")
    .addHelpText(
      "after",
      `
Sends nothing. A chain that cannot be asked is no error: what is there, gas and cost are unknown.

Exit code 0: it can be deployed as far as can be told; 1: something will be refused; 2: bad configuration.

Example:
  npx meridian contracts plan --stack dev --chain chain138`,
    )
    .action(plan);
}

async function plan(options: PlanOptions): Promise<void> {
  const { stackContracts } = await import("../contracts/status/stack-settings.js");
  const { compileContracts } = await import("../contracts/compile.js");
  const { connect } = await import("../contracts/client.js");
  const { rpcUrlVariable } = await import("../contracts/options.js");
  const { planChain } = await import("../contracts/plan.js");
  const { planCalls } = await import("../contracts/calls.js");
  const { outlookOf } = await import("../contracts/outlook/outlook.js");
  const { planRows, viewOf } = await import("../contracts/outlook/describe.js");
  const { readJournal } = await import("../contracts/status/journal-file.js");
  const { journalFolder } = await import("../contracts/program.js");
  const { chainNamed } = await import("../contracts/suites/load.js");

  const { suite, salt, settings, mode, chains } = stackContracts(options.stack);
  if (options.chain !== undefined) chainNamed(options.chain, suite);
  const build = compileContracts(undefined, suite);
  const wanted = chains.filter(({ chain }) => options.chain === undefined || chain === options.chain);
  const views = await Promise.all(
    wanted.map(async ({ chain, rpcUrl }) => {
      const contracts = planChain(chain, settings, salt, build, suite);
      const calls = planCalls(chain, contracts, settings, suite);
      const given = options.chain === undefined ? undefined : options.rpc;
      const url = given ?? rpcUrl ?? process.env[rpcUrlVariable(chain)];
      const outlook =
        url === undefined || url === ""
          ? undefined
          : await outlookOf(connect(url, 1), chain, contracts, calls, readJournal(journalFolder(), chain));
      return viewOf(chain, contracts, calls, mode, outlook);
    }),
  );
  if (options.json === true) printJson(views);
  else {
    const parts = views.map(({ summary, lines }) => `${summary}\n${formatTable(planRows(lines))}\n`);
    process.stdout.write(parts.join("\n"));
    for (const warning of views.flatMap(({ warnings }) => warnings)) process.stderr.write(`warning: ${warning}\n`);
  }
  if (views.some(({ warnings }) => warnings.length > 0)) process.exitCode = 1;
}
