import type { Command } from "commander";

import type { StatusResult } from "../operations/regions/status";
import { addOperateOptions, interruptible, type OperateOptions, openNetwork } from "./operate";
import { printJson } from "./output";
import { wholeNumber } from "./rehearsal-command";
import { formatStatus } from "./status-text";

interface StatusOptions extends OperateOptions {
  /** Seconds between two; true for the default. */
  readonly watch?: number | true;
}

/** Seconds between two statuses of `--watch`. */
const WATCH_SECONDS = 5;

/** Declares `meridian status`. */
export function addStatus(program: Command): void {
  addOperateOptions(
    program
      .command("status")
      .description("Show every region's cluster, node pools and validators, and whether the chain is healthy.")
      .argument("[regions...]", "regions of the stack, or all"),
    30,
  )
    .option("--watch [seconds]", `show it again and again, every ${WATCH_SECONDS} s by default`, wholeNumber(1))
    .addHelpText(
      "after",
      `
Reads only. Exit code 0: healthy; 1: degraded; 2: halted or unreachable, or bad input.
With --watch and --json: a document a line. Ctrl-C ends it with the last status' exit code.

Example:
  npx meridian status --stack fleet
  npx meridian status japaneast uksouth --json
  npx meridian status --watch 10`,
    )
    .action(showStatus);
}

async function showStatus(names: readonly string[], options: StatusOptions): Promise<void> {
  const { machinery, regions } = await openNetwork(options, names);
  const { fleetStatus } = await import("../operations/regions/status.js");
  const { exitCodeOf } = await import("../operations/regions/fleet-status.js");
  const { pause } = await import("../operations/regions/watch.js");
  const { watch, concurrency, timeout, json = false } = options;
  await interruptible(async (signal) => {
    const again = watch === undefined ? undefined : (watch === true ? WATCH_SECONDS : watch) * 1000;
    do {
      const limits = { timeoutMs: timeout * 1000, signal, ...(concurrency !== undefined && { concurrency }) };
      const result = await fleetStatus(machinery, regions, limits);
      if (signal.aborted && process.exitCode !== undefined) break; // half a status is none
      show(options.stack, result, { json, repeated: again !== undefined });
      process.exitCode = signal.aborted ? 130 : exitCodeOf(result.status);
      if (again !== undefined) await pause(again, signal);
    } while (again !== undefined && !signal.aborted);
  });
}

function show(stack: string, result: StatusResult, { json, repeated }: { json: boolean; repeated: boolean }): void {
  const document = { ...result.status, errors: result.errors };
  if (json && repeated) process.stdout.write(`${JSON.stringify(document)}\n`);
  else if (json) printJson(document);
  else {
    const clear = repeated && process.stdout.isTTY ? "\u001b[H\u001b[2J" : "";
    const when = repeated ? `${new Date().toISOString()}\n` : "";
    process.stdout.write(`${clear}${when}${formatStatus(stack, result)}`);
  }
}
