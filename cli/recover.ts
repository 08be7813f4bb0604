import type { Command } from "commander";

import type { Diagnosis } from "../operations/regions/recover";
import {
  addOperateOptions,
  describeErrors,
  failuresOf,
  interruptible,
  type OperateOptions,
  openNetwork,
} from "./operate";
import { printJson } from "./output";
import { showRegions, silentProgress } from "./region-progress";
import { formatStatus } from "./status-text";

interface RecoverOptions extends OperateOptions {
  readonly dryRun?: boolean;
}

/** Declares `meridian recover`. */
export function addRecover(program: Command): void {
  addOperateOptions(
    program
      .command("recover")
      .description("Bring a halted chain back: restart all validators together when their rounds have climbed."),
    600,
  )
    .option("--dry-run", "say what it sees and what it would do")
    .addHelpText(
      "after",
      `
Shows the status first, and restarts nothing while blocks come or too few validators answer for a quorum.
Exit code 0: blocks come; 1: some regions could not be restarted; 2: the chain still stands, or bad input.

Example:
  npx meridian recover --stack fleet`,
    )
    .action(recover);
}

/** Seconds for each region to tell how it is. */
const LOOK_SECONDS = 30;

async function recover(options: RecoverOptions): Promise<void> {
  const { machinery, regions } = await openNetwork(options, []);
  const { fleetStatus } = await import("../operations/regions/status.js");
  const { diagnose, nextBlock, recoverChain } = await import("../operations/regions/recover.js");
  const { json = false, dryRun = false, timeout, concurrency } = options;
  await interruptible(async (signal) => {
    const looked = await fleetStatus(machinery, regions, { timeoutMs: Math.min(timeout, LOOK_SECONDS) * 1000, signal });
    const diagnosis = diagnose(looked.status, machinery.network);
    if (!json) process.stdout.write(`${formatStatus(options.stack, looked)}\n${describeDiagnosis(diagnosis)}\n`);
    const limits = { timeoutMs: timeout * 1000, signal, ...(concurrency !== undefined && { concurrency }) };
    const done = (block: number | null): void => {
      if (json) printJson({ schemaVersion: 1, diagnosis, block, regions: [] });
      else if (block !== null) process.stdout.write(`Block ${block} has come.\n`);
    };
    if (dryRun || diagnosis.kind === "running" || diagnosis.kind === "no quorum") {
      done(null);
      process.exitCode = diagnosis.kind === "running" ? 0 : 2;
      return;
    }
    if (diagnosis.kind === "wait") {
      const block = await nextBlock(machinery, { ...limits, timeoutMs: diagnosis.withinSeconds * 1000 });
      if (block !== null) {
        done(block);
        return;
      }
      if (signal.aborted) {
        process.exitCode = 130;
        return;
      }
    }
    const progress = json ? silentProgress : await showRegions(regions.map(({ name }) => name));
    const { onEvent } = progress;
    const { outcomes, block } = await recoverChain(machinery, { ...limits, onEvent });
    await progress.finish();
    const errors = failuresOf(outcomes);
    if (json) printJson({ schemaVersion: 1, diagnosis, block, regions: outcomes });
    else {
      const result = block === null ? "No block has come yet." : `Block ${block} has come.`;
      process.stdout.write(`${result}\n${describeErrors(errors)}`);
    }
    process.exitCode = signal.aborted ? 130 : block === null ? 2 : errors.length > 0 ? 1 : 0;
  });
}

/** What is seen, and what is done about it. */
export function describeDiagnosis(diagnosis: Diagnosis): string {
  switch (diagnosis.kind) {
    case "running":
      return "Blocks come: there is nothing to recover.";
    case "no quorum": {
      const { answering, needed, start } = diagnosis;
      return `Too few validators are ready, ${answering} of the ${needed} needed. Start more: npx meridian start ${start.join(" ")}`;
    }
    case "wait":
      return `A quorum answers, in round ${diagnosis.round}: the next block may come by itself. Otherwise all validators are restarted together, in ${diagnosis.withinSeconds} s.`;
    case "restart":
      return `A quorum answers, in round ${diagnosis.round}: alone it may take another ${diagnosis.withinSeconds} s. All validators are restarted together.`;
  }
}
