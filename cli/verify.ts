import { InvalidArgumentError, Option, type Command } from "commander";

import type { ServiceName } from "../contracts/publish/service";
import { seconds } from "./batch-options";
import { formatTable } from "../table";
import { printJson } from "./output";
import { wholeNumber } from "./rehearsal-command";

/** Options as commander gives them. */
interface VerifyOptions {
  readonly stack: string;
  readonly chain?: string;
  readonly rpc?: string;
  readonly journal?: string;
  readonly offline?: boolean;
  readonly publish?: readonly ServiceName[];
  readonly sourcifyUrl?: string;
  readonly blockscoutUrl?: string;
  readonly etherscanUrl?: string;
  readonly concurrency: number;
  readonly timeout: number;
  readonly json?: boolean;
}

const services: readonly ServiceName[] = ["sourcify", "blockscout", "etherscan"];

function serviceList(text: string): ServiceName[] {
  const words = text.split(",").map((word) => word.trim());
  return words.map((word) => {
    const service = services.find((name) => name === word);
    if (service === undefined) {
      throw new InvalidArgumentError(`"${word}" is none of ${services.join(", ")}; separate them with commas.`);
    }
    return service;
  });
}

/** Declares `meridian verify`. */
export function addVerify(program: Command): void {
  program
    .command("verify")
    .description("Prove that the deployed contracts are those of the sources, and publish them to explorers.")
    .argument("[names...]", "WETH9, weth9, chain138-weth9; all contracts without one")
    .option("--stack <name>", "whose Pulumi.<name>.yaml says what is deployed where", "dev")
    .option("--chain <name>", "this chain only")
    .option(
      "--rpc <url>",
      "with --chain: HTTP address of a node; the configuration's, or the environment's, without it",
    )
    .option("--journal <folder>", "folder of the journal; MERIDIAN_JOURNAL_DIR without it")
    .addOption(new Option("--offline", "prove only; send nothing to any service").conflicts("publish"))
    .option("--publish <services>", "sourcify,blockscout,etherscan; the configuration's without it", serviceList)
    .option("--sourcify-url <url>", "a Sourcify server of your own")
    .option("--blockscout-url <url>", "a Blockscout of your own, without /api; with --chain")
    .option("--etherscan-url <url>", "another address that speaks Etherscan's API V2")
    .option("--concurrency <n>", "contracts at a time", wholeNumber(1), 8)
    .option("--timeout <seconds>", "for one contract at one service, pauses included", seconds, 300)
    .option("--json", "print the report as JSON")
    .addHelpText(
      "after",
      `
First every selected contract is compared with its source, offline. Only what is proved is published, and only to
services that --publish or meridian:contracts.publish names. API keys: MERIDIAN_ETHERSCAN_API_KEY_FILE (mode 600) or
MERIDIAN_ETHERSCAN_API_KEY, and the same for BLOCKSCOUT; never on the command line.

Exit code 0: all verified; 1: some are not; 2: bad input.

Example:
  npx meridian verify --offline
  npx meridian verify WETH9 --chain chain1 --publish sourcify,etherscan`,
    )
    .action(verify);
}

async function verify(names: string[], options: VerifyOptions): Promise<void> {
  const { runVerifyCommand } = await import("../contracts/publish/command.js");
  const { failuresOf, tableOf } = await import("../contracts/publish/report.js");
  const { stackContracts } = await import("../contracts/status/stack-settings.js");
  const { journalFolder } = await import("../contracts/program.js");
  const { chainNamed } = await import("../contracts/suites/load.js");
  const stack = stackContracts(options.stack);
  if (options.chain !== undefined) chainNamed(options.chain, stack.suite);
  const progress = liveCounts();
  try {
    const report = await runVerifyCommand({
      names,
      stack,
      chain: options.chain,
      rpc: options.rpc,
      journalFolder: options.journal ?? journalFolder(),
      offline: options.offline ?? false,
      flags: {
        services: options.publish,
        urls: { sourcify: options.sourcifyUrl, blockscout: options.blockscoutUrl, etherscan: options.etherscanUrl },
      },
      concurrency: options.concurrency,
      timeoutMs: options.timeout * 1000,
      progress: progress.line,
      onCount: progress.count,
    });
    progress.end();
    if (options.json === true) printJson(report);
    else {
      const { total, verified } = report.summary;
      const lines = [formatTable(tableOf(report)), ...failuresOf(report), `${verified} of ${total} verified`];
      process.stdout.write(`${lines.join("\n")}\n`);
    }
    if (report.summary.failed > 0) process.exitCode = 1;
  } finally {
    progress.end();
  }
}

/** How long it may be silent, in milliseconds. */
const SILENT_MS = 2_000;

/** Says on stderr how far it is, but only while it takes longer than somebody waits without wondering. */
function liveCounts() {
  let newest: string | undefined;
  const line = (text: string): void => void process.stderr.write(`verify: ${text}\n`);
  const timer = setInterval(() => {
    if (newest !== undefined) line(newest);
    newest = undefined;
  }, SILENT_MS);
  return {
    line,
    count: (what: string, done: number, of: number) => {
      newest = `${done} of ${of} ${what}`;
    },
    end: () => {
      clearInterval(timer);
    },
  };
}
