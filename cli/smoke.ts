import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { isDeepStrictEqual } from "node:util";

import type { Command } from "commander";
import { parse, stringify } from "yaml";

import { pricedFleet } from "../fleet-cost";
import { MeridianError } from "../errors";
import { parseFleet, readSettings } from "../fleet";
import { smokeSettings } from "../operations/smoke";
import { lookupRegion } from "../regions/catalogue";
import { costOf, HOURS_A_MONTH, renderCost } from "../regions/cost";
import { projectRoot } from "../toolchain/paths";
import { writeText } from "./files";

interface SmokeOptions {
  readonly region: string;
  readonly stack: string;
  readonly run?: boolean;
  readonly yes?: boolean;
  readonly keep?: boolean;
}

/** Declares `meridian smoke`. */
export function addSmoke(program: Command): void {
  program
    .command("smoke")
    .description("Describe, or with --run make, a cheap one-region deployment on a real subscription.")
    .option("--region <name>", "Azure region", "northeurope")
    .option("--stack <name>", "stack that is made for it", "smoke")
    .option("--run", "deploy for real, record how long each operation takes, and destroy it again")
    .option("--yes", "with --run: ask nothing")
    .option("--keep", "with --run: do not destroy it afterwards; it costs until you do")
    .addHelpText(
      "after",
      `
Without --run nothing is made: it prints the configuration, what it costs at list prices, and the lines that would run.
Never run against real Azure by its authors. Exit code 0: described, or deployed and destroyed; 1: not; 2: bad input.

Example:
  npx meridian smoke --region swedencentral --run`,
    )
    .action(smoke);
}

/**
 * The stack file of a smoke deployment, as the program itself would accept it.
 * @throws MeridianError for a region or a stack's name that cannot be
 */
export function smokeFile({ region, stack }: Pick<SmokeOptions, "region" | "stack">) {
  if (!/^[\w.-]+$/.test(stack)) {
    throw new MeridianError(`"${stack}" is no stack's name. Use letters, digits, dot, dash and underscore.`);
  }
  const settings = smokeSettings(lookupRegion(region).name);
  const fleet = parseFleet(readSettings(settings));
  return { text: stringify({ config: settings }), cost: costOf(pricedFleet(fleet)), settings };
}

async function smoke({ run = false, yes = false, keep = false, ...given }: SmokeOptions): Promise<void> {
  if (!run && (yes || keep)) {
    throw new MeridianError(`${yes ? "--yes" : "--keep"} is given without --run, which makes nothing.`, {
      hint: "Give --run as well, or leave it out.",
    });
  }
  const { text, cost, settings } = smokeFile(given);
  const { stack } = given;
  const hourly = (cost.usdAMonth / HOURS_A_MONTH).toFixed(2);
  process.stdout.write(
    [
      `One region, four validators, the smallest nodes: Pulumi.${stack}.yaml`,
      "",
      text,
      renderCost(cost),
      "",
      `About ${hourly} USD an hour at list prices, and what is not in that sum; it takes well under an hour.`,
      "",
      ...(run ? [] : ["Nothing was made. With --run:", ...steps(stack, keep).map((line) => `  ${line}`), ""]),
    ].join("\n"),
  );
  if (!run) return;
  requireOwnFile(stack, settings);
  if (!yes) await confirm(`Deploy this to the subscription that your credentials lead to? Type yes: `);
  await deploySmoke(stack, text, keep);
}

const steps = (stack: string, keep: boolean): string[] => [
  `pulumi stack init ${stack} --no-select`,
  `pulumi up --stack ${stack} --parallel 2147483647 --yes, tried again where waiting helps, recorded`,
  ...(keep ? [] : [`pulumi destroy --stack ${stack} --yes`, `pulumi stack rm ${stack} --yes`]),
  "npx meridian calibrate .meridian/events/*.jsonl",
];

/** @throws MeridianError when the stack's file is somebody else's */
function requireOwnFile(stack: string, settings: object): void {
  const file = join(projectRoot, `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) return;
  const { config } = (parse(readFileSync(file, "utf8")) ?? {}) as { readonly config?: unknown };
  if (isDeepStrictEqual(config, settings)) return;
  throw new MeridianError(`Pulumi.${stack}.yaml exists and is not the configuration of a smoke run.`, {
    hint: "Name another stack with --stack.",
  });
}

/** @throws MeridianError for any other answer, and where nobody can be asked */
async function confirm(question: string): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new MeridianError("This deploys for real, and there is no terminal to ask in.", { hint: "Give --yes." });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(question);
  terminal.close();
  if (answer.trim() !== "yes") throw new MeridianError("Nothing was made: the answer was not yes.");
}

async function deploySmoke(stack: string, text: string, keep: boolean): Promise<void> {
  const { showProgress } = await import("../toolchain/progress.js");
  const { ensurePulumi } = await import("../toolchain/pulumi.js");
  const { pulumi } = await ensurePulumi({ onProgress: showProgress() });
  const { runSmoke } = await import("../operations/smoke.js");
  const { openOwnStack } = await import("./up.js");
  const file = join(projectRoot, `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) writeText(file, text);
  const {
    stack: own,
    options,
    dispose,
  } = openOwnStack({ pulumi: pulumi.path, mode: "ultra", stack, further: ["--yes"] });
  try {
    await own.create();
    const result = await runSmoke(own, { ...options, keep });
    if (own.operations > 0) options.onStep(`${own.operations} operations recorded in ${own.events}`);
    if (result.succeeded && !keep) await own.remove();
    if (!result.succeeded) process.exitCode = 1;
  } finally {
    dispose();
  }
}
