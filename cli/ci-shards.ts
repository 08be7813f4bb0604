import type { Command } from "commander";

import { MeridianError } from "../errors";
import { readReports } from "./ci-verify";
import { readText, writeText } from "./files";
import { printJson } from "./output";
import { formatTable } from "../table";
import { collect, wholeNumber } from "./rehearsal-command";

interface RebalanceOptions {
  readonly plan: string;
  readonly dead: number;
  readonly finished?: readonly string[];
  readonly root: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** @throws MeridianError for what is no plan */
async function readPlan(file: string) {
  const { parsePlan } = await import("../pipeline/plan-file.js");
  const { json } = await import("../pipeline/input.js");
  return parsePlan(json(readText(file), file), file);
}

/** Declares `meridian ci shard` and `meridian ci rebalance`, which read a plan. */
export function addShards(ci: Command): void {
  ci.command("shard")
    .description("Print the test files of one shard, one a line.")
    .requiredOption("--plan <file>", "plan that ci plan --out wrote")
    .requiredOption("--shard <n>", "number of the shard, from 1", wholeNumber(1))
    .addHelpText(
      "after",
      `
Exit code 0: printed; 2: no such shard.

Example:
  npx meridian ci shard --plan plan.json --shard 2 | xargs npx jest --runTestsByPath`,
    )
    .action(async ({ plan, shard }: { readonly plan: string; readonly shard: number }) => {
      const { shards } = await readPlan(plan);
      const found = shards.find((one) => one.shard === shard);
      if (found === undefined) {
        throw new MeridianError(`Shard ${shard} is not in ${plan}.`, {
          hint: `Allowed: ${shards.map((one) => one.shard).join(", ")}.`,
        });
      }
      process.stdout.write(found.tests.map((name) => `${name}\n`).join(""));
    });

  ci.command("rebalance")
    .description("Split what a dead shard has not finished over the others.")
    .requiredOption("--plan <file>", "plan that ci plan --out wrote")
    .requiredOption("--dead <n>", "number of the shard that died", wholeNumber(1))
    .option("--finished <shard=file>", "results that are there already; may be repeated", collect)
    .option("--root <folder>", "folder that the tests were run in", ".")
    .option("--out <file>", "write the new plan")
    .option("--json", "print it as JSON")
    .addHelpText(
      "after",
      `
Exit code 0: split; 2: bad input, or no other shard.

Example:
  npx meridian ci rebalance --plan plan.json --dead 2 --finished 1=jest-1.json --out rest.json`,
    )
    .action(async ({ plan: file, dead, finished = [], root, out, json = false }: RebalanceOptions) => {
      const { rebalance } = await import("../pipeline/rebalance.js");
      const plan = await readPlan(file);
      const done = (await readReports(finished, root)).flatMap(({ tests }) => tests.map(({ name }) => name));
      const shards = rebalance(plan.shards, dead, new Map(Object.entries(plan.tests)), new Set(done));
      const rest = { ...plan, shards: shards.map(({ shard, tests, seconds }) => ({ shard, tests, seconds })) };
      if (out !== undefined) writeText(out, `${JSON.stringify(rest, null, 2)}\n`);
      if (json) return void printJson({ schemaVersion: 1, dead, shards });
      const rows = shards.map(({ shard, tests, taken, seconds }) => [
        ...[shard, tests.length, taken.length].map(String),
        `${seconds.toFixed(1)} s`,
      ]);
      process.stdout.write(
        `${formatTable([["shard", "test files left", `of them from ${dead}`, "predicted"], ...rows])}\n`,
      );
    });
}
