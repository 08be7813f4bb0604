import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Command } from "commander";
import { parse } from "yaml";

import { MeridianError } from "../errors";
import type { DeployOptions } from "../operations/deploy/deploy";
import { retryDefaults } from "../operations/retry/attempts";
import type { AttemptStep } from "../operations/retry/loop";
import { outcomeRows } from "../operations/retry/table";
import { modeArguments, type ModeName, modeNames, modes, modeSettingArguments } from "../rehearsal/forecast/modes";
import { projectRoot } from "../toolchain/paths";
import { showProgress } from "../toolchain/progress";
import { ensurePulumi } from "../toolchain/pulumi";
import { modeName } from "./forecast";
import { PulumiStack } from "./pulumi-stack";
import { wholeNumber } from "./rehearsal-command";
import { table } from "./summary-text";

interface UpOptions {
  readonly mode: ModeName;
  readonly stack?: string;
  readonly events?: string;
  readonly attempts: number;
  readonly importExisting?: boolean;
}

/** Options of `pulumi up` that the mode or the recording decides. */
const taken = ["--parallel", "-p", "--event-log"];

/** Declares `meridian up`. */
export function addUp(program: Command): void {
  program
    .command("up")
    .description("Run `pulumi up` in a mode of meridian forecast; try again what waiting may cure; record durations.")
    .argument("[args...]", "further arguments of pulumi up, such as --yes")
    .requiredOption("--mode <name>", `one of ${modeNames.join(", ")}`, modeName)
    .option("--stack <name>", "stack to deploy (default: the selected one)")
    .option("--attempts <n>", "attempts in all; 1 tries nothing again", wholeNumber(1), retryDefaults.attempts)
    .option("--import-existing", "take into the stack what exists in Azure although this stack has not begun it")
    .option("--events <file>", "where to record (default: .meridian/events/<time>.jsonl)")
    .allowUnknownOption()
    .addHelpText(
      "after",
      `
This deploys for real, to whatever the stack's configuration and your credentials lead to. It prints each line that it
runs. meridian:phases and meridian:contracts.mode, which are part of the mode, stay in the stack's file. Recorded are type, URN, duration and
outcome of each operation and nothing else; meridian calibrate reads them. What an interrupted run has left is found,
explained and taken into the stack; nothing is deleted for that. Ctrl-C stops once, and kills when pressed again.
Exit code: 0 deployed, also when a later attempt cured a failure; else pulumi's own; 130: interrupted; 2: bad input, a
stack that another run holds, or a tool that is missing.

Example:
  npx meridian up --mode maximum --stack fleet --yes`,
    )
    .action(up);
}

/**
 * The arguments of `pulumi` for an attempt in a mode. Later ones ask nothing: what they deploy was agreed to.
 * @throws MeridianError for an argument that contradicts the mode
 */
export function upArguments(
  mode: ModeName,
  stack: string | undefined,
  further: readonly string[],
  { attempts = 1, step }: { readonly attempts?: number; readonly step?: AttemptStep } = {},
): string[] {
  const clash = further.find((arg) => taken.some((option) => arg === option || arg.startsWith(`${option}=`)));
  if (clash !== undefined) {
    throw new MeridianError(`${clash} is given, which meridian up --mode ${mode} sets itself.`, {
      hint: "Leave it out, or run pulumi up without a mode.",
    });
  }
  const target = further.find((arg) => /^(--target|-t|--target-dependents)(=|$)/.test(arg));
  const barrier = modes[mode].phases === "barrier";
  if (target !== undefined && barrier) {
    throw new MeridianError(`${target} is given, and mode ${mode} puts barriers between the phases of all regions.`, {
      hint: "A barrier waits for every region: deploy a single one with --mode ultra, or plain pulumi up.",
    });
  }
  const again = step !== undefined && step.number > 1;
  // A barrier joins the regions, and what the user has named is not widened: then everything is tried again.
  const targets = again && !barrier && target === undefined ? step.targets : [];
  return [
    "up",
    ...(stack === undefined ? [] : ["--stack", stack]),
    ...modeArguments(mode, again ? step.parallel : undefined),
    ...(attempts > 1 ? ["--continue-on-error"] : []),
    ...further,
    ...(again ? ["--yes", "--skip-preview"] : []),
    ...targets.flatMap((one) => ["--target", one]),
  ];
}

/** Contracts wait for validators, so they are tried again with any region. */
const contractTargets = ["**::chain138-*", "**::chain1-*"];

interface OwnStackOptions extends Pick<UpOptions, "mode" | "stack" | "events"> {
  /** Absolute path of the pulumi binary. */
  readonly pulumi: string;
  /** Further arguments of `pulumi up`. */
  readonly further: readonly string[];
  /** @default as `meridian up` has it */
  readonly attempts?: number;
  readonly importExisting?: boolean;
}

/** A stack of the user's, with what deploying it takes; signals are passed on until `dispose`. */
export function openOwnStack({ mode, further, importExisting = false, ...given }: OwnStackOptions) {
  const { pulumi, stack, attempts = retryDefaults.attempts } = given;
  const time = new Date().toISOString().replaceAll(":", "-");
  const events = given.events ?? join(projectRoot, ".meridian", "events", `${time}.jsonl`);
  const { name } = parse(readFileSync(join(projectRoot, "Pulumi.yaml"), "utf8")) as { readonly name: string };
  const onStep = (text: string): void => void process.stderr.write(`  ${text}\n`);
  const own = new PulumiStack({
    ...{ pulumi, project: name, events, onStep, ...(stack !== undefined && { stack }) },
    upArguments: (step) => upArguments(mode, stack, further, { attempts, step }),
  });
  const options: DeployOptions = {
    ...{ attempts, importExisting, onStep, parallel: modes[mode].parallel, contracts: contractTargets },
    random: Math.random,
    isInterrupted: () => own.interrupted,
  };
  return { stack: own, options, dispose: passSignals((fromTerminal) => own.interrupt(fromTerminal)) };
}

async function up(further: readonly string[], { mode, stack, attempts, ...rest }: UpOptions): Promise<void> {
  upArguments(mode, stack, further); // a contradiction is told before tools are looked for
  const { pulumi } = await ensurePulumi({ onProgress: showProgress() });
  const { deploy } = await import("../operations/deploy/deploy.js");
  const given = { ...rest, mode, attempts, further, pulumi: pulumi.path };
  const { stack: own, options, dispose } = openOwnStack({ ...given, ...(stack !== undefined && { stack }) });
  try {
    await own.configure(modeSettingArguments(mode));
    const { runs, outcomes, cured } = await deploy(own, options);
    if (own.operations > 0) options.onStep(`${own.operations} operations recorded in ${own.events}`);
    if (outcomes.length > 0) {
      process.stdout.write(`What failed in ${runs.length} attempts\n${table(outcomeRows(outcomes)).join("\n")}\n`);
    }
    const { exitCode = 1 } = runs.at(-1) ?? {};
    process.exitCode = own.interrupted ? 130 : cured ? 0 : outcomes.length > 0 ? exitCode || 1 : exitCode;
  } finally {
    dispose();
  }
}

/** In a terminal the engine gets Ctrl-C by itself; a signal that is sent to this process alone is passed on. */
export function passSignals(interrupt: (fromTerminal: boolean) => void): () => void {
  const onSigint = (): void => interrupt(process.stdin.isTTY);
  const onOther = (): void => interrupt(false);
  process.on("SIGINT", onSigint);
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, onOther);
  return () => {
    process.off("SIGINT", onSigint);
    for (const signal of ["SIGTERM", "SIGHUP"] as const) process.off(signal, onOther);
  };
}
