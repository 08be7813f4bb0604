import type { Command } from "commander";

import { pricedFleet } from "../fleet-cost";
import { costOf, renderCost } from "../regions/cost";
import { printJson } from "./output";
import { readStackFile } from "./stack-file";

interface CostOptions {
  readonly stack: string;
  readonly dir: string;
  readonly json?: boolean;
}

/** Declares `meridian cost`. */
export function addCost(program: Command): void {
  program
    .command("cost")
    .description("Print what a stack costs a month at list prices, and what is not in that sum.")
    .option("--stack <name>", "stack whose Pulumi.<name>.yaml is read", "fleet")
    .option("--dir <folder>", "folder of the Pulumi program", ".")
    .option("--json", "print lines, sum and what is unknown as JSON")
    .addHelpText(
      "after",
      "\nPrices, their sources and dates: regions/data/prices.json. Exit code 2 for a configuration that cannot be deployed.\n\nExample:\n  npx meridian cost --stack fleet",
    )
    .action(({ stack, dir, json = false }: CostOptions) => {
      const cost = costOf(pricedFleet(readStackFile(stack, dir).fleet));
      if (json) printJson(cost);
      else process.stdout.write(`${renderCost(cost)}\n`);
    });
}
