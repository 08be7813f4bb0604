import { type Command, InvalidArgumentError } from "commander";

import { MeridianError } from "../errors";
import type { RestoreResult } from "../operations/backups/restore";
import type { RestorePlan } from "../operations/backups/restore-plan";
import { addOperateOptions, interruptible, type OperateOptions, openNetwork } from "./operate";
import { printJson } from "./output";
import { wholeNumber } from "./rehearsal-command";

interface RestoreDrillOptions extends OperateOptions {
  readonly snapshot?: string;
  readonly dryRun?: boolean;
}

/** Until it is known how the network is. */
const LOOK_SECONDS = 30;

const ordinalOf = (text: string): number => {
  const value = wholeNumber(0)(text);
  if (value < 100) return value;
  throw new InvalidArgumentError("It must be a validator's number within its region, 0 to 99.");
};

/** Declares `meridian drill restore`. */
export function addDrill(program: Command): void {
  const drill = program
    .command("drill")
    .description("Practise what one hopes never to need.")
    .addHelpText("after", "\nExample:\n  npx meridian drill restore japaneast --dry-run");
  addOperateOptions(
    drill
      .command("restore")
      .description("Restore a validator's disk from a snapshot, and see it come back with its key from the vault.")
      .argument("<region>", "region of the stack")
      .argument("[ordinal]", "number of the validator within its region", ordinalOf, 0),
    1_800,
  )
    .option("--snapshot <name>", "which (default: the newest that is ready)")
    .option("--dry-run", "show the plan")
    .addHelpText(
      "after",
      `
Shows the plan, then does it: the validator stops, gets a new disk made of the snapshot, and starts. Its old disk is kept.
Refused when the others are no quorum. Interrupted, the same command goes on.
Exit code 0: it is in sync under the same account; 1: a step failed; 2: refused, or bad input.

Example:
  npx meridian drill restore japaneast --dry-run
  npx meridian drill restore japaneast 1 --stack fleet`,
    )
    .action(restore);
}

async function restore(name: string, ordinal: number, options: RestoreDrillOptions): Promise<void> {
  const { machinery, regions } = await openNetwork(options, [name]);
  const validator = regions[0]?.validators[ordinal];
  if (regions.length !== 1 || validator === undefined) {
    const count = regions[0]?.validators.length ?? 0;
    throw new MeridianError(`${name} has no validator ${ordinal}.`, {
      hint: `Allowed: one region, 0 to ${count - 1}.`,
    });
  }
  const { azureRestore } = await import("../operations/backups/azure-restore.js");
  const { lookBeforeRestore, restoreValidator } = await import("../operations/backups/restore.js");
  const { network, validators } = machinery;
  const all = network.regions.flatMap((region) => region.validators);
  const { json = false, dryRun = false, timeout, snapshot } = options;
  await interruptible(async (signal) => {
    const side = azureRestore(machinery.clusters, network);
    const looking = { validators, all, signal, timeoutMs: Math.min(timeout, LOOK_SECONDS) * 1000 };
    const { plan, account } = await lookBeforeRestore(side, validator, looking, snapshot);
    if (!json) process.stdout.write(`${describeRestore(plan)}\n`);
    if (dryRun) {
      if (json) printJson({ schemaVersion: 1, plan, result: null });
      return;
    }
    const onStep = (text: string): void => {
      if (!json) process.stdout.write(`${name} ${ordinal}: ${text}\n`);
    };
    try {
      const result = await restoreValidator(side, plan, validator, account, {
        ...{ validators, all, signal, onStep, timeoutMs: timeout * 1000 },
      });
      if (json) printJson({ schemaVersion: 1, plan, result });
      else process.stdout.write(`${describeResult(result)}\n`);
    } catch (error) {
      if (signal.aborted) process.exitCode = 130;
      else
        throw new MeridianError(error instanceof Error ? error.message : String(error), { hint: AGAIN, exitCode: 1 });
    }
  });
}

const AGAIN = "The same command goes on where it was; docs/operations.md says how to go back to the old disk.";

/** The plan, a line a step. */
export function describeRestore({ region, ordinal, snapshot, ageSeconds, steps }: RestorePlan): string {
  const hours = (ageSeconds / 3600).toFixed(1);
  const head = `Restore of validator ${ordinal} in ${region} from ${snapshot.name}, ${hours} hours old:`;
  return [head, ...steps.map((step, i) => `  ${i + 1}. ${step}`)].join("\n");
}

function describeResult({ cameBackAt, inSyncAt, oldDisk, seconds }: RestoreResult): string {
  return `In sync at block ${inSyncAt} after ${Math.round(seconds)} s; it came back at block ${cameBackAt}. Its old disk is ${oldDisk}: delete it when it is not missed.`;
}
