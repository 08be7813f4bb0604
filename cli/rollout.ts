import { type Command, InvalidArgumentError, Option } from "commander";

import type { OnFailure } from "../operations/rollout/record";
import { projectRoot } from "../toolchain/paths";
import { duration } from "./duration";
import { collect, wholeNumber } from "./rehearsal-command";

/** Options of `meridian rollout` as commander gives them. */
export interface RolloutCliOptions {
  readonly stack: string;
  readonly dir: string;
  readonly waves?: readonly number[];
  readonly canary?: string;
  /** Milliseconds. */
  readonly soak: number;
  /** Milliseconds. */
  readonly timeout: number;
  readonly onFailure: OnFailure;
  readonly attempts: number;
  readonly parallel: number;
  readonly concurrency: number;
  readonly resume?: boolean;
  readonly anew?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly rehearse?: boolean;
  readonly folder?: string;
  readonly fresh?: boolean;
  readonly seed: number;
  readonly fault?: readonly string[];
  readonly trouble?: readonly string[];
}

/** `8,16`. @throws InvalidArgumentError */
const sizes = (text: string): number[] => {
  const found = text.split(",").map(Number);
  if (/^\d+(,\d+)*$/.test(text) && found.every((size) => size >= 1)) return found;
  throw new InvalidArgumentError("It must be numbers of regions of at least 1 with commas between them: 8,16.");
};

/** Declares `meridian rollout`. */
export function addRollout(program: Command): void {
  program
    .command("rollout")
    .description("Deploy or upgrade in waves of regions; the next begins only when the chain is healthy.")
    .option("--stack <name>", "stack to roll out (Pulumi.<name>.yaml)", "dev")
    .option("--dir <folder>", "folder of the Pulumi program", projectRoot)
    .option(
      "--waves <sizes>",
      "regions in each wave, e.g. 8,16; the last repeats (default: the largest safe ones)",
      sizes,
    )
    .option("--canary <region>", "region that goes first (default: one with the fewest validators)")
    .option("--soak <time>", "how long a wave is watched once it is healthy", duration, 300_000)
    .option("--timeout <time>", "how long a wave may take to become healthy", duration, 900_000)
    .addOption(
      new Option("--on-failure <what>", "what to do with a wave that has failed")
        .choices(["stop", "keep", "rollback"])
        .default("stop"),
    )
    .option("--attempts <n>", "attempts of each wave; only regions that failed are tried again", wholeNumber(1), 4)
    .option("--parallel <n>", "--parallel of the engine", wholeNumber(1), 2_147_483_647)
    .option("--concurrency <n>", "stacks side by side, for a network that is split (config split)", wholeNumber(1), 8)
    .option("--resume", "go on with the rollout that was begun")
    .option("--anew", "forget the rollout that was begun, and plan again by what is deployed")
    .option("--dry-run", "show the waves, and do nothing")
    .option("--yes", "ask nothing")
    .option("--json", "print the result as JSON")
    .option("--rehearse", "against the simulated Azure; nothing real is touched")
    .option("--folder <path>", "with --rehearse: where it keeps its state (default: .rehearsal in the checkout)")
    .option("--fresh", "with --rehearse: forget earlier rehearsals")
    .option("--seed <n>", "with --rehearse: seed of the modelled durations", wholeNumber(0), 1)
    .option("--fault <fault>", "with --rehearse: trouble that the engine meets; may be repeated", collect)
    .option(
      "--trouble <kind@region>",
      "with --rehearse: trouble after a deployment (meridian cloud); may be repeated",
      collect,
    )
    .addHelpText(
      "after",
      `
Each wave is one update with its regions as targets. Before it, enough validators must stay ready; after it, its validators
must be ready with all their peers and, once a quorum is deployed, blocks must come without a storm of rounds; for --soak
longer. A wave that failed is left (stop), left and passed by (keep), or put back (rollback). What was done is written
down, so that --resume goes on after a failure, Ctrl-C or a crash.
Exit code 0: all waves done; 1: a wave failed; 2: bad input or refused, and nothing was done; 130: interrupted.

Example:
  npx meridian rollout --stack fleet --rehearse --waves 8,16 --soak 5m
  npx meridian rollout --stack fleet --dry-run
  npx meridian rollout --stack fleet --resume --yes`,
    )
    .action(async (options: RolloutCliOptions) => {
      const { rollout } = await import("./rollout-run.js");
      await rollout(options);
    });
}
