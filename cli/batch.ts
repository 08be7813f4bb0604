import type { Command } from "commander";

import { addBatchOptions } from "./batch-options";
import { call } from "./call";

/** Declares `meridian batch`, which is `meridian call` by the name of what it mostly does with a file. */
export function addBatch(program: Command): void {
  addBatchOptions(program.command("batch").description("The same as `call`: for every item of a batch file."))
    .addHelpText(
      "after",
      `
Exit code 0: all passed; 1: some did not; 2: bad input, or no connection.

Example:
  npx meridian batch --contract WETH9 --function 'balanceOf(address)(uint256)' --batch-args balances.json`,
    )
    .action(call);
}
