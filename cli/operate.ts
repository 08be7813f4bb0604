import { type Command, InvalidArgumentError } from "commander";

import { MeridianError } from "../errors";
import { manyListeners } from "../operations/abort";
import type { AzureClusters } from "../operations/regions/azure-clusters";
import type { RegionOutcome } from "../operations/regions/each-region";
import type { RegionFailure } from "../operations/regions/failure";
import { chooseRegions, operatedNetwork, type OperatedRegion } from "../operations/regions/network";
import type { Machinery } from "../operations/regions/status";
import type { Fleet } from "../fleet";
import { projectRoot } from "../toolchain/paths";
import { onInterrupt } from "./interrupts";
import { formatTable } from "../table";
import { wholeNumber } from "./rehearsal-command";
import { readStackFile, type StackFile } from "./stack-file";

/** What the commands that operate a deployed network have in common. */
export interface OperateOptions {
  readonly stack: string;
  readonly dir: string;
  readonly concurrency?: number;
  /** Seconds. */
  readonly timeout: number;
  readonly json?: boolean;
}

/** Seconds, at most a day. @throws InvalidArgumentError */
const seconds = (text: string): number => {
  const value = wholeNumber(1)(text);
  if (value <= 86_400) return value;
  throw new InvalidArgumentError("It must be at most 86400 seconds, a day.");
};

/** Declares the options in common. @param timeout default of `--timeout`, in seconds */
export const addOperateOptions = (command: Command, timeout: number): Command =>
  command
    .option("--stack <name>", "stack that is operated (Pulumi.<name>.yaml)", "dev")
    .option("--dir <folder>", "folder of the Pulumi program", projectRoot)
    .option("--concurrency <n>", "regions at a time (default: all)", wholeNumber(1))
    .option("--timeout <seconds>", "for each region", seconds, timeout)
    .option("--json", "print the result as JSON");

/** What a command acts on. */
export interface Operated {
  readonly machinery: Machinery & { readonly clusters: AzureClusters };
  readonly regions: OperatedRegion[];
  readonly fleet: Fleet;
}

/**
 * Reads the stack, and makes the clients for the endpoint that it names.
 *
 * @throws MeridianError for a region or stack that there is not, or without a subscription
 */
export async function openNetwork({ stack, dir }: OperateOptions, names: readonly string[]): Promise<Operated> {
  const file = readStackFile(stack, dir);
  const network = operatedNetwork(file.fleet, stack);
  const regions = chooseRegions(network, names);
  const { endpoint } = file.fleet.operations;
  const rehearsed = endpoint.startsWith("http:");
  const subscriptionId = await subscriptionOf(file, rehearsed);
  const { azureClusters } = await import("../operations/regions/azure-clusters.js");
  const { rpcValidators } = await import("../operations/regions/validators.js");
  const entra = file.fleet.cluster.access === "entra";
  // A rehearsed Azure may run many times as fast.
  const clusters = await azureClusters({ endpoint, subscriptionId, entra, ...(rehearsed && { pollMs: 500 }) });
  return { machinery: { network, clusters, validators: rpcValidators }, regions, fleet: file.fleet };
}

/** The stack's own word, then Pulumi's provider's, then the environment's. */
async function subscriptionOf({ fleet, config }: StackFile, rehearsed: boolean): Promise<string> {
  const { AZURE_SUBSCRIPTION_ID, ARM_SUBSCRIPTION_ID } = process.env;
  const known = [fleet.operations.subscriptionId, config["azure-native:subscriptionId"]];
  if (rehearsed) return (await import("../rehearsal/azure/cloud.js")).subscriptionId;
  const found = [...known, AZURE_SUBSCRIPTION_ID, ARM_SUBSCRIPTION_ID].find(
    (id): id is string => typeof id === "string" && id !== "",
  );
  if (found !== undefined) return found;
  throw new MeridianError("No subscription is known.", {
    hint: "Give meridian:operations.subscriptionId, azure-native:subscriptionId, or AZURE_SUBSCRIPTION_ID.",
  });
}

/** Runs something that Ctrl-C ends: the first asks, the second does not. */
export async function interruptible<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = manyListeners();
  const interrupts = onInterrupt(() => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  });
  try {
    return await run(controller.signal);
  } finally {
    interrupts.dispose();
  }
}

/** 0 when every region was done, 1 when some were, 2 when none was; 130 after Ctrl-C. */
export function exitCodeOfOutcomes(outcomes: readonly RegionOutcome<unknown>[], interrupted: boolean): number {
  if (interrupted) return 130;
  const done = outcomes.filter((outcome) => outcome.done).length;
  if (done === outcomes.length) return 0;
  return done > 0 ? 1 : 2;
}

/** What went wrong and what to do, a line each, for the end of the output; empty without errors. */
export function describeErrors(errors: readonly ({ readonly region: string } & RegionFailure)[]): string {
  if (errors.length === 0) return "";
  const rows = errors.map(({ region, code, message, action }) => [region, code, message, action]);
  return `\nErrors\n${formatTable([["REGION", "CODE", "WHAT", "WHAT TO DO"], ...rows])}\n`;
}

/** The failures of outcomes, for {@link describeErrors}. */
export const failuresOf = (outcomes: readonly RegionOutcome<unknown>[]) =>
  outcomes.flatMap((outcome) => (outcome.done ? [] : [{ region: outcome.region, ...outcome.failure }]));
