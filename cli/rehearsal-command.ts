import { join, resolve } from "node:path";

import { type Command, InvalidArgumentError, Option } from "commander";

import { type Progress, showProgress } from "../toolchain/progress";
import { ensurePulumi } from "../toolchain/pulumi";
import { readText } from "./files";
import { onInterrupt } from "./interrupts";
import { printJson } from "./output";
import { rehearsalProgress } from "./rehearsal-progress";
import { formatSummary } from "./summary-text";

/** Options of a rehearsal. */
export interface RehearsalCommandOptions {
  readonly stack: string;
  readonly parallel: number;
  readonly seed: number;
  readonly chain: "anvil" | "besu";
  readonly folder?: string;
  readonly profile?: string;
  readonly target?: readonly string[];
  readonly attempts: number;
  readonly continueOnError?: boolean;
  readonly fresh?: boolean;
  readonly json?: boolean;
  readonly fault?: readonly string[];
}

/** @throws InvalidArgumentError, which commander prints with the option's name and value */
export const wholeNumber =
  (minimum: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= minimum) return value;
    throw new InvalidArgumentError(`It must be a whole number of at least ${minimum}.`);
  };

/** Gathers an option that may be repeated. */
export const collect = (value: string, previous: readonly string[] = []): string[] => [...previous, value];

/** Declares the options of a rehearsal. */
export const addRehearsalOptions = (command: Command): Command =>
  command
    .option("--stack <name>", "stack whose configuration is rehearsed (Pulumi.<name>.yaml)", "dev")
    .option("--parallel <n>", "the --parallel to rehearse: how many resources at a time", wholeNumber(1), 64)
    .option("--seed <n>", "seed of the modelled durations", wholeNumber(0), 1)
    .option("--profile <file>", "latencies measured by meridian calibrate, in place of the modelled ones")
    .option("--target <urn>", "deploy only what matches, e.g. '**::japaneast-*'; may be repeated", collect)
    .option(
      "--attempts <n>",
      "attempts in all: what failed is tried again (implies --continue-on-error)",
      wholeNumber(1),
      1,
    )
    .option("--continue-on-error", "go on with what does not depend on a failure")
    .addOption(
      new Option("--chain <kind>", "what chain 138 runs on: besu is four real validators (docs/local-network.md)")
        .choices(["anvil", "besu"])
        .default("anvil"),
    )
    .option("--folder <path>", "where the rehearsal keeps its state (default: .rehearsal in the checkout)")
    .option("--fresh", "forget earlier rehearsals and begin anew")
    .option("--json", "print the summary as JSON");

/** Rehearses a deployment and prints its summary; sets the exit code. */
export async function runRehearsal({ json = false, ...options }: RehearsalCommandOptions): Promise<void> {
  const profile = options.profile === undefined ? undefined : await profileFrom(options.profile);
  const progress = showProgress();
  const { pulumi } = await ensurePulumi({ onProgress: progress });
  const { rehearse } = await import("../rehearsal/rehearse.js");
  const { show, clear } = rehearsalProgress();
  const interrupt = { engine: () => undefined as unknown };
  const signals = onInterrupt(() => interrupt.engine());
  try {
    const summary = await rehearse({
      stack: options.stack,
      parallel: options.parallel,
      seed: options.seed,
      ...(profile !== undefined && { profile }),
      targets: options.target ?? [],
      faults: options.fault ?? [],
      attempts: options.attempts,
      continueOnError: options.continueOnError ?? false,
      fresh: options.fresh ?? false,
      ...(options.folder !== undefined && { folder: resolve(options.folder) }),
      pulumi: pulumi.path,
      ...(options.chain === "besu" && { startChain138: await besuChain(options.folder, progress) }),
      onStep: (text) => progress({ kind: "note", text }),
      onProgress: show,
      onStarted: (stop) => (interrupt.engine = stop),
    });
    clear();
    if (json) printJson(summary);
    else process.stdout.write(formatSummary(summary));
    if (!summary.succeeded) process.exitCode = signals.received() ? 130 : 1;
  } finally {
    clear();
    signals.dispose();
  }
}

/** The latencies in a file of `meridian calibrate`. @throws MeridianError for a file that is none */
async function profileFrom(file: string) {
  const { readProfile } = await import("../rehearsal/forecast/profile.js");
  return readProfile(readText(file), file);
}

/** A network of real validators for chain 138. @throws ToolMissingError where there is neither Besu nor Docker */
async function besuChain(folder: string | undefined, progress: Progress) {
  const { findLocalBesu } = await import("../toolchain/local-besu.js");
  const { startBesuChain } = await import("../operations/local-chain.js");
  const { rehearsalFolder } = await import("../rehearsal/rehearse.js");
  const besu = await findLocalBesu(undefined, progress);
  const home = join(folder === undefined ? rehearsalFolder : resolve(folder), "besu");
  return () => startBesuChain({ folder: home, besu, onStep: (text) => progress({ kind: "note", text }) });
}
