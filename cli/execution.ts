import type { Command } from "commander";

import { addExecutionAnalyse } from "./execution-analyse";

/** Declares `meridian execution` with its sub-commands. */
export function addExecution(program: Command): void {
  const execution = program
    .command("execution")
    .description("Executing a block's transactions in parallel: how much it can give.")
    .addHelpText("after", "\nExample:\n  npx meridian execution analyse --rpc http://127.0.0.1:8545 --blocks latest");
  addExecutionAnalyse(execution);
}
