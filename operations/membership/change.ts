import type { Address } from "viem";

import {
  type AdminCall,
  discardVote,
  forget,
  introduce,
  nodeInfo,
  pendingVotes,
  validatorSet,
  voteOn,
} from "../../besu/membership";
import { MeridianError } from "../../errors";
import { limit } from "../abort";
import type { OperatedValidator } from "../regions/network";
import type { Validators } from "../regions/validators";
import { pause } from "../regions/watch";
import type { AdminCalls } from "./admin";
import { type Change, type Member, type MembershipView, planVotes, type Vote } from "./plan";

/** What changes of the set act through. */
export interface MembershipSide {
  readonly admin: AdminCalls;
  readonly validators: Validators;
  /** Every configured validator. */
  readonly all: readonly OperatedValidator[];
  readonly allowSingleRegionHalt: boolean;
}

export interface ChangeOptions {
  /** For each change, in milliseconds: until a newcomer is in sync and the set has changed. */
  readonly timeoutMs: number;
  /** Between two looks, in milliseconds. @default 2,000 */
  readonly pollMs?: number;
  readonly signal?: AbortSignal;
  readonly onStep?: (name: string, text: string) => void;
}

/** A change that was voted on. */
export interface VoteResult extends Vote {
  /** From the first vote until the set had changed. */
  readonly seconds: number;
  /** Names of living validators that could not be told of the peer that came or went. */
  readonly untold: readonly string[];
}

/** Blocks that a validator in sync may be behind. */
const LAG_LIMIT = 2;

/** Between two looks, in milliseconds. */
const POLL_MS = 2_000;

/** For looking once, and for tidying up, in milliseconds. */
const SHORT_MS = 60_000;

export const nameOf = ({ region, ordinal }: OperatedValidator): string => `${region}/${ordinal}`;

/** Sees who is in the set, who answers and who is in sync. @throws MeridianError when nobody tells the set */
export async function viewMembership(side: MembershipSide, signal: AbortSignal): Promise<MembershipView> {
  const { validators, all, allowSingleRegionHalt } = side;
  const limited = limit(SHORT_MS, signal);
  try {
    const reports = await Promise.all(
      all.map((one) => validators.report(one, 1, limited.signal).catch(() => undefined)),
    );
    const head = Math.max(0, ...reports.map((report) => report?.head.number ?? 0));
    const members = all.map((one, i): Member => {
      const report = reports[i];
      const ready = report !== undefined && !report.syncing && head - report.head.number <= LAG_LIMIT;
      return { name: nameOf(one), region: one.region, ordinal: one.ordinal, address: report?.address, ready };
    });
    const answering = all.filter((_, i) => members[i]?.ready);
    return { set: await setOf(side, answering, limited.signal), members, allowSingleRegionHalt };
  } finally {
    limited.dispose();
  }
}

/** The set, by the first that tells it. */
async function setOf({ admin }: MembershipSide, among: readonly OperatedValidator[], signal: AbortSignal) {
  let problem: unknown = "no validator answers";
  for (const one of among) {
    signal.throwIfAborted();
    try {
      const [set] = await admin.call(one, [validatorSet], signal);
      return (set as readonly string[]).map((address) => address.toLowerCase() as Address);
    } catch (error) {
      problem = error;
    }
  }
  const why = problem instanceof Error ? problem.message : String(problem);
  throw new MeridianError(`No validator tells who is in the set: ${why}`, {
    hint: "npx meridian status shows how they are.",
    exitCode: 1,
  });
}

/** Votes that stand at each validator, by its name: true for adding. Undefined for one that does not tell. */
export async function standingVotes(
  { admin, all }: MembershipSide,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Readonly<Record<string, boolean>> | undefined>> {
  const ask = async (one: OperatedValidator) => {
    const [votes] = await admin.call(one, [pendingVotes], signal).catch(() => []);
    return [nameOf(one), votes as Record<string, boolean> | undefined] as const;
  };
  return new Map(await Promise.all(all.map(ask)));
}

/**
 * Changes the set, one validator at a time: each is judged by what is seen right before it, voted on, and waited for.
 * Votes are taken back in any case. Interrupted, it can be run again: what is done already is left alone.
 *
 * @throws {VoteRefusedError} for a change that may not be
 * @throws MeridianError when the set does not change in time
 */
export async function changeMembership(
  side: MembershipSide,
  change: Change,
  wanted: readonly string[],
  options: ChangeOptions,
): Promise<VoteResult[]> {
  const results: VoteResult[] = [];
  for (;;) {
    const view = await settledView(side, change, results, options);
    const left = wanted.filter((name) => !results.some((result) => result.name === name));
    const [vote] = planVotes(view, change, left);
    if (vote === undefined) return results;
    results.push(await new OneChange(side, view, vote, options).run());
  }
}

/** Who tells the set may be a block behind those who were waited for: by an older set, the next vote would lack one. */
async function settledView(
  side: MembershipSide,
  change: Change,
  done: readonly VoteResult[],
  { timeoutMs, pollMs = POLL_MS, signal: outer }: ChangeOptions,
): Promise<MembershipView> {
  const limited = limit(timeoutMs, outer);
  const { signal } = limited;
  try {
    for (;;) {
      const view = await viewMembership(side, signal);
      if (done.every(({ address }) => view.set.includes(address) === (change === "admit"))) return view;
      await pause(pollMs, signal);
      signal.throwIfAborted();
    }
  } finally {
    limited.dispose();
  }
}

class OneChange {
  private readonly living: readonly OperatedValidator[];
  private readonly subject: OperatedValidator | undefined;
  private readonly voters: readonly OperatedValidator[];

  constructor(
    private readonly side: MembershipSide,
    view: MembershipView,
    private readonly vote: Vote,
    private readonly options: ChangeOptions,
  ) {
    const { all } = side;
    const subject = view.members.findIndex(({ address }) => address === vote.address);
    this.subject = all[subject];
    this.living = all.filter((_, i) => i !== subject && view.members[i]?.ready === true);
    this.voters = all.filter((one) => vote.voters.includes(nameOf(one)));
  }

  async run(): Promise<VoteResult> {
    const { vote } = this;
    const limited = limit(this.options.timeoutMs, this.options.signal);
    const { signal } = limited;
    try {
      const enode = await this.enode(signal);
      const told = async (call: (enode: string) => AdminCall) =>
        enode === undefined ? [] : this.tell(call(enode), signal);
      if (vote.change === "dismiss") {
        const seconds = await this.cast(signal);
        return { ...vote, seconds, untold: await told(forget) };
      }
      this.step(`telling ${this.living.length} validators of it`);
      const untold = await told(introduce);
      await this.whenInSync(signal);
      return { ...vote, seconds: await this.cast(signal), untold };
    } catch (error) {
      if (this.options.signal?.aborted === true || !signal.aborted) throw error;
      throw new MeridianError(
        `${vote.name}: not done within ${this.options.timeoutMs / 1000} s. Its votes were taken back.`,
        { exitCode: 1 },
      );
    } finally {
      limited.dispose();
    }
  }

  private step(text: string): void {
    this.options.onStep?.(this.vote.name, text);
  }

  /** Undefined for a validator that is dismissed and does not tell. */
  private async enode(signal: AbortSignal): Promise<string | undefined> {
    const { subject, vote } = this;
    if (subject === undefined) return undefined;
    try {
      const [info] = await this.side.admin.call(subject, [nodeInfo], signal);
      const { enode } = (info ?? {}) as { readonly enode?: string };
      if (enode === undefined) throw new MeridianError(`${vote.name} does not tell its enode.`, { exitCode: 1 });
      return enode;
    } catch (error) {
      if (vote.change === "admit") throw error;
      return undefined;
    }
  }

  /** @returns names of those that could not be told */
  private async tell(call: AdminCall, signal: AbortSignal): Promise<string[]> {
    const told = await Promise.allSettled(this.living.map((one) => this.side.admin.call(one, [call], signal)));
    signal.throwIfAborted();
    return this.living.flatMap((one, i) => (told[i]?.status === "rejected" ? [nameOf(one)] : []));
  }

  private async whenInSync(signal: AbortSignal): Promise<void> {
    this.step("waiting until it is in sync");
    const { subject, side } = this;
    const look = (one: OperatedValidator) => side.validators.look(one, signal).catch(() => undefined);
    for (;;) {
      signal.throwIfAborted();
      const [own, ...others] = await Promise.all([...(subject ? [subject] : []), ...this.voters].map(look));
      const heads = others.flatMap((sight) => (sight === undefined ? [] : [sight.head.number]));
      const synced = own !== undefined && !own.syncing && own.peers > 0;
      if (synced && heads.length > 0 && Math.max(...heads) - own.head.number <= LAG_LIMIT) return;
      await pause(this.options.pollMs ?? POLL_MS, signal);
    }
  }

  /** @returns seconds until the set had changed */
  private async cast(signal: AbortSignal): Promise<number> {
    const { vote, side, voters } = this;
    const began = performance.now();
    try {
      this.step(`${voters.length} of ${vote.before} validators vote`);
      const call = voteOn(vote.address, vote.change === "admit" ? "add" : "remove");
      // All are waited for: one that still went out when votes are taken back would stand.
      const cast = await Promise.allSettled(voters.map((one) => side.admin.call(one, [call], signal)));
      const failed = cast.find((vote) => vote.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      for (;;) {
        const set = await setOf(side, voters, signal);
        if (set.includes(vote.address) === (vote.change === "admit")) break;
        await pause(this.options.pollMs ?? POLL_MS, signal);
        signal.throwIfAborted();
      }
      const seconds = (performance.now() - began) / 1000;
      const where = vote.change === "admit" ? "in" : "out of";
      this.step(`${where} the set after ${Math.round(seconds)} s; ${vote.after} validators`);
      return seconds;
    } finally {
      await this.discard();
    }
  }

  /** Also when interrupted: a vote that stands would undo a later change. */
  private async discard(): Promise<void> {
    const { vote, side, voters } = this;
    const limited = limit(SHORT_MS);
    const call = discardVote(vote.address);
    const done = await Promise.allSettled(voters.map((one) => side.admin.call(one, [call], limited.signal)));
    limited.dispose();
    const left = voters.filter((_, i) => done[i]?.status === "rejected").map(nameOf);
    if (left.length > 0) this.step(`these could not take their vote back, which stands: ${left.join(", ")}`);
  }
}
