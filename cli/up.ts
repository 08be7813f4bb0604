import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Command } from "commander";

import { MeridianError } from "../errors";
import { modeArguments, type ModeName, modeNames, modes } from "../rehearsal/forecast/modes";
import { Stopwatch, type TimedEvent } from "../rehearsal/forecast/timings";
import { projectRoot } from "../toolchain/paths";
import { showProgress } from "../toolchain/progress";
import { ensurePulumi } from "../toolchain/pulumi";
import { modeName } from "./forecast";

interface UpOptions {
  readonly mode: ModeName;
  readonly stack?: string;
  readonly events?: string;
}

/** Options of `pulumi up` that the mode or the recording decides. */
const taken = ["--parallel", "-p", "--event-log"];

/** Declares `meridian up`. */
export function addUp(program: Command): void {
  program
    .command("up")
    .description("Run `pulumi up` in a mode of meridian forecast, and record how long each operation takes.")
    .argument("[args...]", "further arguments of pulumi up, such as --yes")
    .requiredOption("--mode <name>", `one of ${modeNames.join(", ")}`, modeName)
    .option("--stack <name>", "stack to deploy (default: the selected one)")
    .option("--events <file>", "where to record (default: .meridian/events/<time>.jsonl)")
    .allowUnknownOption()
    .addHelpText(
      "after",
      `
This deploys for real, to whatever the stack's configuration and your credentials lead to. It prints the line that it
runs. Pulumi keeps meridian:phases, which --config sets, in the stack's file. Recorded are type, URN, duration and
outcome of each operation and nothing else; meridian calibrate reads them.
Exit code: pulumi's own; 2: bad input, or a tool is missing.

Example:
  npx meridian up --mode maximum --stack fleet --yes`,
    )
    .action(up);
}

/**
 * The arguments of `pulumi` for a mode.
 * @throws MeridianError for an argument that contradicts the mode
 */
export function upArguments(mode: ModeName, stack: string | undefined, further: readonly string[]): string[] {
  const clash = further.find((arg) => taken.some((option) => arg === option || arg.startsWith(`${option}=`)));
  if (clash !== undefined) {
    throw new MeridianError(`${clash} is given, which meridian up --mode ${mode} sets itself.`, {
      hint: "Leave it out, or run pulumi up without a mode.",
    });
  }
  const target = further.find((arg) => /^(--target|-t|--target-dependents)(=|$)/.test(arg));
  if (target !== undefined && modes[mode].phases === "barrier") {
    throw new MeridianError(`${target} is given, and mode ${mode} puts barriers between the phases of all regions.`, {
      hint: "A barrier waits for every region: deploy a single one with --mode ultra, or plain pulumi up.",
    });
  }
  return ["up", ...(stack === undefined ? [] : ["--stack", stack]), ...modeArguments(mode), ...further];
}

async function up(further: readonly string[], { mode, stack, events }: UpOptions): Promise<void> {
  const args = upArguments(mode, stack, further);
  const { pulumi } = await ensurePulumi({ onProgress: showProgress() });
  const file =
    events ?? join(projectRoot, ".meridian", "events", `${new Date().toISOString().replaceAll(":", "-")}.jsonl`);
  const recorded = await runRecorded(pulumi.path, args, file);
  if (recorded.operations > 0) {
    process.stderr.write(`${recorded.operations} operations recorded in ${file}\n`);
  }
  process.exitCode = recorded.exitCode;
}

/**
 * Runs the engine in this terminal and records its operations, one line of JSON each.
 * @param file made when the first operation ends, readable by its owner alone
 */
export async function runRecorded(
  pulumi: string,
  args: readonly string[],
  file: string,
): Promise<{ readonly exitCode: number; readonly operations: number }> {
  const { serveEvents } = await import("../rehearsal/protocol/events.js");
  const watch = new Stopwatch();
  let operations = 0;
  const server = await serveEvents((event) => {
    const timing = watch.take(event as TimedEvent, performance.now());
    if (timing === undefined) return;
    if (operations++ === 0) mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    appendFileSync(file, `${JSON.stringify(timing)}\n`, { mode: 0o600 });
  });
  const all = [...args, "--event-log", server.address];
  process.stderr.write(`PULUMI_DEBUG_COMMANDS=true pulumi ${all.join(" ")}\n`);
  // Ctrl-C reaches the engine by itself, in the same terminal: it ends, and then so does this.
  const ignore = (): void => undefined;
  process.on("SIGINT", ignore);
  try {
    const child = spawn(pulumi, all, { stdio: "inherit", env: { ...process.env, PULUMI_DEBUG_COMMANDS: "true" } });
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve(code ?? 1));
    });
    return { exitCode, operations };
  } finally {
    process.off("SIGINT", ignore);
    server.close();
  }
}
