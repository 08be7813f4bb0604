import type { Command } from "commander";

import { MeridianError } from "../errors";
import type { MembershipSide, VoteResult } from "../operations/membership/change";
import type { Change, MembershipView, Vote } from "../operations/membership/plan";
import type { OperatedNetwork } from "../operations/regions/network";
import { formatTable } from "../table";
import { addOperateOptions, interruptible, type OperateOptions, openNetwork } from "./operate";
import { printJson } from "./output";

interface ChangeCliOptions extends OperateOptions {
  readonly dryRun?: boolean;
}

const TIMEOUT_SECONDS = 600;

const WHO = "REGION for all of its validators, REGION/ORDINAL for one";

/** Declares `meridian validators`, with `list`, `admit` and `dismiss`. */
export function addValidators(program: Command): void {
  const validators = program
    .command("validators")
    .description("Who makes the blocks: list, admit and dismiss validators of a living network, by vote.")
    .addHelpText("after", "\nExample:\n  npx meridian validators\n  npx meridian validators admit japaneast --dry-run");
  addOperateOptions(
    validators.command("list", { isDefault: true }).description("Show who is in the set, and the votes that stand."),
    60,
  )
    .addHelpText("after", "\nExit code 2 for bad input.\n\nExample:\n  npx meridian validators --stack fleet")
    .action(list);
  addChange(validators, "admit", "Vote validators in that are deployed and not in the set yet.", WHO);
  const addressed = `${WHO}, or the address of one that no longer answers`;
  addChange(validators, "dismiss", "Vote validators out, so that they may be removed.", addressed);
}

function addChange(parent: Command, change: Change, description: string, who: string): void {
  addOperateOptions(parent.command(change).description(description).argument("<validators...>", who), TIMEOUT_SECONDS)
    .option("--dry-run", "show the votes in their order, and cast none")
    .addHelpText(
      "after",
      `
One at a time, each by more than half of the validators, waited for, and taken back; then peers are told. --timeout is for
each. Refused when too few would be in sync for the quorum, or one region's failure would halt the chain.
Exit code 0: done; 1: a vote could not be cast or did not pass in time; 2: refused, or bad input.

Example:
  npx meridian validators ${change} japaneast/1 --dry-run
  npx meridian validators ${change} japaneast --stack fleet`,
    )
    .action((names: readonly string[], options: ChangeCliOptions) => run(change, names, options));
}

async function open(options: OperateOptions): Promise<{ side: MembershipSide; network: OperatedNetwork }> {
  const { machinery, fleet } = await openNetwork(options, []);
  const { podAdmin } = await import("../operations/membership/admin.js");
  const { network, clusters, validators } = machinery;
  const all = network.regions.flatMap((region) => region.validators);
  const { allowSingleRegionHalt } = fleet;
  return { network, side: { admin: podAdmin(clusters, network), validators, all, allowSingleRegionHalt } };
}

async function list(options: OperateOptions): Promise<void> {
  const { side } = await open(options);
  const { standingVotes, viewMembership } = await import("../operations/membership/change.js");
  const { limit } = await import("../operations/abort.js");
  await interruptible(async (outer) => {
    const { signal, dispose } = limit(options.timeout * 1000, outer);
    try {
      const [view, votes] = await Promise.all([viewMembership(side, signal), standingVotes(side, signal)]);
      if (options.json === true) printJson({ schemaVersion: 1, ...view, votes: Object.fromEntries(votes) });
      else process.stdout.write(`${describeView(view, votes)}\n`);
    } finally {
      dispose();
    }
  });
}

/** A row for each member, and one for each validator that nobody configured, or that does not answer. */
export function describeView(
  { set, members }: MembershipView,
  votes: ReadonlyMap<string, Readonly<Record<string, boolean>> | undefined>,
): string {
  const nameOfAddress = (address: string) =>
    members.find((member) => member.address === address.toLowerCase())?.name ?? address;
  const standing = (name: string): string => {
    const found = votes.get(name);
    if (found === undefined) return "unknown";
    const words = Object.entries(found).map(([who, add]) => `${add ? "admit" : "dismiss"} ${nameOfAddress(who)}`);
    return words.join(", ") || "none";
  };
  const rows = members.map(({ name, address, ready }) => [
    name,
    address ?? "unknown",
    address === undefined ? "unknown" : set.includes(address) ? "yes" : "no",
    address === undefined ? "does not answer" : ready ? "in sync" : "behind",
    standing(name),
  ]);
  const strangers = set.filter((address) => !members.some((member) => member.address === address));
  const others = strangers.map((address) => ["?", address, "yes", "not seen", "unknown"]);
  return formatTable([["VALIDATOR", "ADDRESS", "IN THE SET", "STATE", "ITS VOTES"], ...rows, ...others]);
}

/** Names of members, and addresses as they are. @throws MeridianError for what the stack does not have */
export function chooseValidators(
  { stack, regions }: OperatedNetwork,
  change: Change,
  names: readonly string[],
): string[] {
  const chosen = names.flatMap((name) => {
    if (change === "dismiss" && /^0x[0-9a-f]{40}$/i.test(name)) return [name.toLowerCase()];
    const [region = "", ordinal, ...rest] = name.split("/");
    const count = regions.find((one) => one.name === region)?.validators.length ?? 0;
    const all = Array.from({ length: count }, (_, i) => `${region}/${i}`);
    if (ordinal === undefined && count > 0) return all;
    if (rest.length === 0 && all.includes(name)) return [name];
    const known = regions.map((one) => `${one.name} (0 to ${one.validators.length - 1})`).join(", ");
    const address = change === "dismiss" ? ", or an address" : "";
    throw new MeridianError(`The stack ${stack} has no validator "${name}".`, {
      hint: `Allowed: REGION or REGION/ORDINAL${address}; regions: ${known}.`,
    });
  });
  return [...new Set(chosen)];
}

async function run(change: Change, names: readonly string[], options: ChangeCliOptions): Promise<void> {
  const { side, network } = await open(options);
  const wanted = chooseValidators(network, change, names);
  const { changeMembership, viewMembership } = await import("../operations/membership/change.js");
  const { planVotes, VoteRefusedError } = await import("../operations/membership/plan.js");
  const { json = false, dryRun = false, timeout } = options;
  await interruptible(async (signal) => {
    const plan = planVotes(await viewMembership(side, signal), change, wanted);
    if (!json) process.stdout.write(`${describeVotes(change, plan)}\n`);
    if (dryRun || plan.length === 0) {
      if (json) printJson({ schemaVersion: 1, plan, done: null });
      return;
    }
    const onStep = (name: string, text: string): void => {
      if (!json) process.stdout.write(`${name}: ${text}\n`);
    };
    try {
      const done = await changeMembership(side, change, wanted, { timeoutMs: timeout * 1000, signal, onStep });
      if (json) printJson({ schemaVersion: 1, plan, done });
      else process.stdout.write(`${describeDone(change, done)}\n`);
    } catch (error) {
      if (signal.aborted) process.exitCode = 130;
      else if (error instanceof VoteRefusedError) throw error;
      else
        throw new MeridianError(error instanceof Error ? error.message : String(error), { hint: AGAIN, exitCode: 1 });
    }
  });
}

const AGAIN = "The same command does what is left. npx meridian validators shows the set, and votes that stand.";

/** The plan: a row a vote, and who votes in each. */
export function describeVotes(change: Change, votes: readonly Vote[]): string {
  if (votes.length === 0) return `Nothing to ${change}: the set is as wanted.`;
  const rows = votes.map(({ name, address, before, after, voters }) => [
    ...[`${change} ${name}`, address, `${before} -> ${after}`, `${voters.length} of ${before}`],
  ]);
  const voting = votes.map(({ name, voters }) => `${name} by ${voters.join(", ")}`);
  return [formatTable([["VOTE", "ADDRESS", "VALIDATORS", "VOTES"], ...rows]), ...voting].join("\n");
}

/** What is left to do. */
function describeDone(change: Change, results: readonly VoteResult[]): string {
  const untold = results.flatMap((result) =>
    result.untold.map(
      (name) => `${name} could not be told of ${result.name}: it reads its list of peers at its next start.`,
    ),
  );
  const next =
    change === "admit"
      ? "An account that has no wei makes each transaction a conflict: send each newcomer 1 wei (docs/regions.md)."
      : "They may be removed now: lower meridian:regions[…].validators, which takes the highest numbers of a region, and deploy.";
  return [...untold, next].join("\n");
}
