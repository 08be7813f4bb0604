import type { Command } from "commander";

import type { Fleet } from "../fleet";
import { rpcOf } from "../fleet-rpc";
import { costOf, type PricedFleet, renderCost } from "../regions/cost";
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

/** As much of a configuration as its price depends on. */
export function pricedFleet(fleet: Fleet): PricedFleet {
  const regions = fleet.regions.map(({ name, validators }) => {
    const rpc = rpcOf(fleet, name);
    const { vmSize = "", diskGiB = 0, minReplicas: nodes = 0 } = rpc ?? {};
    return { name, validators, rpc: rpc && { nodes, vmSize, diskGiB } };
  });
  const publicRpc = fleet.rpc.exposure === "public";
  return {
    ...fleet.cluster,
    snapshots: fleet.snapshots,
    regions,
    publicRpc,
    frontDoor: fleet.rpc.entry === "frontDoor",
  };
}
