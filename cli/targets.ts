import type { Command } from "commander";

import { renderTargets, targetsFor } from "../regions/targets";
import { printJson } from "./output";

/** Declares `meridian targets`. */
export function addTargets(program: Command): void {
  program
    .command("targets")
    .description("Print the --target options that deploy only these regions, and what all regions share.")
    .argument("<regions...>", "Azure regions, such as japaneast")
    .option("--json", "print the list of targets as JSON")
    .addHelpText(
      "after",
      '\nExit code 2 for a name that is no Azure region.\n\nExample:\n  eval "pulumi up $(npx meridian targets japaneast uksouth)"',
    )
    .action((regions: readonly string[], { json = false }: { readonly json?: boolean }) => {
      const targets = targetsFor(regions);
      if (json) printJson(targets);
      else process.stdout.write(`${renderTargets(targets)}\n`);
    });
}
