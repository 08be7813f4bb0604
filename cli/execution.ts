import type { Command } from "commander";

import { addExecutionBench } from "./execution-bench";

/** Declares `meridian execution` and what is below it. */
export function addExecution(program: Command): void {
  const execution = program
    .command("execution")
    .description("Execute blocks' transactions in parallel, and measure what that gives.")
    .addHelpText(
      "after",
      "\nHow it works, and how to read the figures: docs/execution.md.\n\nExample:\n  npx meridian execution bench --quick",
    );
  addExecutionBench(execution);
}
