import type { Command } from "commander";

import { MeridianError } from "../errors";
import { addBatchOptions, type BatchCliOptions } from "./batch-options";

/** Declares `meridian call`: one call, or many with --batch-args. */
export function addCall(program: Command): void {
  addBatchOptions(
    program
      .command("call")
      .description("Call a contract's function without a transaction: once, or for every item of a batch file."),
  )
    .addHelpText(
      "after",
      `
Exit code 0: all passed; 1: some did not; 2: bad input, or no connection.

Example:
  npx meridian call --contract WETH9 --function 'balanceOf(address)(uint256)' --args '["0x…"]'`,
    )
    .action(call);
}

/** The one item of a single call; undefined when none of its options is given. */
function singleOf({ args, expected, from, value, block }: BatchCliOptions): Record<string, unknown> | undefined {
  const fields = Object.entries({ args, expected, from, value, block }).filter(([, field]) => field !== undefined);
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

/** Runs `meridian call` and `meridian batch`. */
export async function call(options: BatchCliOptions): Promise<void> {
  const single = singleOf(options);
  if (single !== undefined && options.batchArgs !== undefined) {
    const flag = `--${Object.keys(single)[0] ?? "args"}`;
    throw new MeridianError(`${flag} and --batch-args are both given.`, { hint: "Give one or the other." });
  }
  if (single?.args === undefined && options.batchArgs === undefined) {
    throw new MeridianError("Neither --args nor --batch-args is given.", {
      hint: "Give --args '[]' for no arguments.",
    });
  }
  const { runBatchCommand } = await import("../contracts/batch/command.js");
  const { journalFolder } = await import("../contracts/program.js");
  const { chainNamed, loadSuite } = await import("../contracts/suites/load.js");
  const suite = loadSuite(options.suite);
  process.exitCode = await runBatchCommand(
    {
      ...options,
      suite,
      chain: chainNamed(options.chain, suite),
      single,
      journalFolder: options.journal ?? journalFolder(),
      timeoutMs: options.timeout * 1000,
      failedOnly: options.failedOnly ?? false,
      failFast: options.failFast ?? false,
    },
    await sinksFor(options),
  );
}

/** What makes the outputs: stdout, the files asked for, GitHub's step summary, and a line on a terminal. */
async function sinksFor({ format, report = [] }: BatchCliOptions) {
  const { reportFileSink, sinkOf, stepSummaryFileSink } = await import("../contracts/batch/sinks/file.js");
  const { progressSink } = await import("../contracts/batch/sinks/progress.js");
  return () => {
    const live = process.stderr.isTTY ? progressSink((text) => void process.stderr.write(text)) : undefined;
    const toStdout = sinkOf(format, (text) => {
      live?.clear();
      process.stdout.write(text);
    });
    const stepSummary = process.env.GITHUB_STEP_SUMMARY;
    return [
      toStdout,
      ...report.map(reportFileSink),
      ...(stepSummary === undefined || stepSummary === "" ? [] : [stepSummaryFileSink(stepSummary)]),
      ...(live === undefined ? [] : [live]),
    ];
  };
}
