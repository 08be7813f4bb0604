import type { Command } from "commander";

import { addExecutionAnalyse } from "./execution-analyse";
import { addExecutionBench } from "./execution-bench";

/** Declares `meridian execution` and what is below it. */
export function addExecution(program: Command): void {
  const execution = program
    .command("execution")
    .description("Execute blocks' transactions in parallel: how much that can give, and how much it gives.")
    .addHelpText(
      "after",
      `
How it works, and how to read the figures: docs/execution.md, docs/execution-analysis.md.

Example:
  npx meridian execution analyse --rpc http://127.0.0.1:8545 --blocks latest
  npx meridian execution bench --quick`,
    );
  addExecutionAnalyse(execution);
  addExecutionBench(execution);
}
