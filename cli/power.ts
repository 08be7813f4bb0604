import type { Command } from "commander";

import { MeridianError } from "../errors";
import type { RegionOutcome } from "../operations/regions/each-region";
import type { Started } from "../operations/regions/start";
import type { StopPlan } from "../regions/power";
import { formatSeconds } from "../toolchain/progress";
import {
  addOperateOptions,
  describeErrors,
  exitCodeOfOutcomes,
  failuresOf,
  interruptible,
  type OperateOptions,
  openNetwork,
} from "./operate";
import { printJson } from "./output";
import { formatTable } from "../table";
import { showRegions, silentProgress } from "./region-progress";

interface StopCliOptions extends OperateOptions {
  readonly halt?: boolean;
  readonly dryRun?: boolean;
}

/** Seconds that AKS may take to start or stop a cluster, and its validators to come up. */
const TIMEOUT_SECONDS = 1800;

const exitCodes = "Exit code 0: all done; 1: some regions failed; 2: none was done, or refused, or bad input.";

/** Declares `meridian start` and `meridian stop`. */
export function addPower(program: Command): void {
  addOperateOptions(
    program
      .command("start")
      .description("Start regions, all at once, until their validators are ready, in sync and seen by their peers.")
      .argument("<regions...>", "regions of the stack, or all"),
    TIMEOUT_SECONDS,
  )
    .addHelpText(
      "after",
      `
Starts the clusters and the node pools that are stopped, enough for a quorum first. After a halt of more than a few
rounds it restarts all validators together. (npm start is another thing: it rehearses a deployment.)
${exitCodes}

Example:
  npx meridian start japaneast
  npx meridian start all --stack fleet --concurrency 8`,
    )
    .action(start);
  addOperateOptions(
    program
      .command("stop")
      .description("Stop regions, all at once: their clusters with every node, so that only disks cost.")
      .argument("<regions...>", "regions of the stack, or all"),
    TIMEOUT_SECONDS,
  )
    .option("--halt", "also when fewer validators stay than the chain needs, ceil(2N/3)")
    .option("--dry-run", "say what would stay, and stop nothing")
    .addHelpText(
      "after",
      `
Refuses to halt the chain, and names the most regions that may stop together.
${exitCodes}

Example:
  npx meridian stop japaneast
  npx meridian stop all --halt`,
    )
    .action(stop);
}

const limitsOf = ({ timeout, concurrency }: OperateOptions) => ({
  timeoutMs: timeout * 1000,
  ...(concurrency !== undefined && { concurrency }),
});

async function start(names: readonly string[], options: OperateOptions): Promise<void> {
  const { machinery, regions } = await openNetwork(options, names);
  const { startRegions } = await import("../operations/regions/start.js");
  const { json = false } = options;
  const progress = json ? silentProgress : await showRegions(regions.map(({ name }) => name));
  await interruptible(async (signal) => {
    const { onEvent } = progress;
    const result = await startRegions(machinery, regions, { ...limitsOf(options), signal, onEvent });
    await progress.finish();
    const { outcomes, restarted } = result;
    if (json) printJson({ schemaVersion: 1, restarted, regions: outcomes });
    else {
      const waits = outcomes.some((outcome) => outcome.done && !outcome.value.blocks);
      const told = [
        ...(restarted ? ["All validators were restarted together, since their rounds had climbed."] : []),
        ...(waits ? ["Too few regions run for a quorum: the chain stands until more are started."] : []),
      ];
      process.stdout.write(`${[table(outcomes, describeStarted), ...told].join("\n")}\n`);
      process.stdout.write(describeErrors(failuresOf(outcomes)));
    }
    process.exitCode = exitCodeOfOutcomes(outcomes, signal.aborted);
  });
}

const describeStarted = ({ cluster, ready }: Started): string =>
  `${cluster}, ${ready} ${ready === 1 ? "validator" : "validators"} ready`;

async function stop(names: readonly string[], options: StopCliOptions): Promise<void> {
  const { machinery, regions } = await openNetwork(options, names);
  const { refuseHalt, stopPlan, stopRegions } = await import("../operations/regions/stop.js");
  const { json = false, halt = false, dryRun = false } = options;
  await interruptible(async (signal) => {
    const limits = { ...limitsOf(options), signal };
    const plan = await stopPlan(machinery, regions, limits);
    if (!json) process.stderr.write(`${describePlan(plan)}\n`);
    if (!halt) refuseHalt(plan);
    if (dryRun) {
      if (json) printJson({ schemaVersion: 1, plan });
      return;
    }
    const progress = json ? silentProgress : await showRegions(regions.map(({ name }) => name));
    const { onEvent } = progress;
    const result = await stopRegions(machinery, regions, { ...limits, halt, onEvent });
    await progress.finish();
    const { outcomes, lastBlock } = result;
    if (json) printJson({ schemaVersion: 1, plan, lastBlock, regions: outcomes });
    else {
      const last =
        lastBlock === null
          ? []
          : [`The chain stands. Its last block, ${lastBlock}, was known to all that stopped last.`];
      process.stdout.write(`${[table(outcomes, ({ cluster }) => cluster), ...last].join("\n")}\n`);
      process.stdout.write(describeErrors(failuresOf(outcomes)));
    }
    process.exitCode = exitCodeOfOutcomes(outcomes, signal.aborted);
  });
}

const describePlan = ({ up, staying, validators, needed, halts }: StopPlan): string =>
  `${up} of ${validators} validators answer, ${staying} stay; the chain needs ${needed} and ${halts ? "stops" : "goes on"}.`;

function table<T>(outcomes: readonly RegionOutcome<T>[], describe: (value: T) => string): string {
  if (outcomes.length === 0) throw new MeridianError("No region was chosen.");
  return formatTable([
    ["REGION", "RESULT", "TOOK"],
    ...outcomes.map((outcome) => {
      const result = outcome.done ? describe(outcome.value) : `failed: ${outcome.failure.code}`;
      return [outcome.region, result, formatSeconds(outcome.ms)];
    }),
  ]);
}
