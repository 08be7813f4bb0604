import type { Command } from "commander";

import { addRehearsalOptions, runRehearsal } from "./rehearsal-command";

/** Declares `meridian start`, the main job behind `npm start`. */
export function addStart(program: Command): void {
  addRehearsalOptions(
    program
      .command("start")
      .description("Rehearse `pulumi up`: the real engine and program, real local chains, a simulated Azure."),
  )
    .addHelpText(
      "after",
      `
Everything it makes is in that folder; npm run destroy removes it.
Exit code 0: deployed; 1: the deployment failed; 2: bad configuration, or a tool is missing.

Example:
  npm start -- --parallel 8 --json`,
    )
    .action(runRehearsal);
}
