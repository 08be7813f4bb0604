import type { Address } from "viem";

import { votesNeeded } from "../../besu/membership";
import { MeridianError } from "../../errors";
import { MINIMUM_VALIDATORS, quorum, quorumBudget } from "../../regions/quorum";

export type Change = "admit" | "dismiss";

/** A validator of the configuration, as it was seen. */
export interface Member {
  /** `japaneast/0` */
  readonly name: string;
  readonly region: string;
  readonly ordinal: number;
  /** The account that it signs with; undefined when it does not answer. */
  readonly address: Address | undefined;
  /** Whether it answers and is in sync. */
  readonly ready: boolean;
}

/** What is known before a vote. */
export interface MembershipView {
  /** The validators of the newest block. */
  readonly set: readonly Address[];
  /** Every configured validator, in the set or not. */
  readonly members: readonly Member[];
  /** Whether the stack accepts that the failure of one region halts the chain. */
  readonly allowSingleRegionHalt: boolean;
}

/** One change of the set, as it is voted on. */
export interface Vote {
  readonly change: Change;
  /** Of the member, or its address where that is all that is known. */
  readonly name: string;
  readonly address: Address;
  /** Validators in the set before it, and after. */
  readonly before: number;
  readonly after: number;
  /** Names of those that vote: as many as are needed, more than half of `before`. */
  readonly voters: readonly string[];
}

/** A change that would cost the chain its quorum, or that nobody can vote for. */
export class VoteRefusedError extends MeridianError {
  override readonly name = "VoteRefusedError";
}

/**
 * The votes that change the set, one at a time, in an order in which none is refused. What is as wanted already needs
 * none.
 *
 * @param wanted names of members, or addresses of validators that no longer answer
 * @throws {VoteRefusedError} when there is no such order: the reason of the first that is left
 */
export function planVotes(view: MembershipView, change: Change, wanted: readonly string[]): Vote[] {
  const votes: Vote[] = [];
  let { set } = view;
  let left = wanted.map((name) => ({ name, address: addressOf(view, name) }));
  left = left.filter(({ address }) => set.includes(address) === (change === "dismiss"));
  while (left.length > 0) {
    const tried = left.map((target) => judge({ ...view, set }, change, target));
    const next = tried.find((result): result is Vote => typeof result !== "string");
    const [reason] = tried.filter((result) => typeof result === "string");
    if (next === undefined) throw new VoteRefusedError(reason ?? "", { hint: HINT[change] });
    votes.push(next);
    set = changed(set, change, next.address);
    left = left.filter(({ name }) => name !== next.name);
  }
  return votes;
}

const HINT = {
  admit: "npx meridian status shows who is missing; npx meridian start starts a region.",
  dismiss: "Admit others first, or bring back those that do not answer: npx meridian status shows them.",
};

function addressOf({ members }: MembershipView, wanted: string): Address {
  if (/^0x[0-9a-f]{40}$/i.test(wanted)) return wanted.toLowerCase() as Address;
  const member = members.find(({ name }) => name === wanted);
  if (member?.address !== undefined) return member.address;
  throw new VoteRefusedError(`${wanted} does not answer, so its account is not known.`, {
    hint: `To dismiss it, give its address instead: pulumi stack output validators has it.`,
  });
}

const changed = (set: readonly Address[], change: Change, address: Address): Address[] =>
  change === "admit" ? [...set, address] : set.filter((one) => one !== address);

/** The vote, or why it may not be. */
function judge(
  view: MembershipView,
  change: Change,
  { name, address }: { readonly name: string; readonly address: Address },
): Vote | string {
  const { set, members, allowSingleRegionHalt } = view;
  const after = changed(set, change, address);
  const what = `${change === "admit" ? "Admitting" : "Dismissing"} ${name}`;
  if (after.length < MINIMUM_VALIDATORS && change === "dismiss") {
    return `${what} would leave ${after.length} validators, fewer than the ${MINIMUM_VALIDATORS} that survive a fault.`;
  }
  const among = (addresses: readonly Address[]) =>
    members.filter((member) => member.address !== undefined && addresses.includes(member.address));
  // A newcomer is waited for before its vote.
  const working = among(after).filter((member) => member.ready || member.address === address).length;
  if (working < quorum(after.length)) {
    return `${what} would leave ${working} validators in sync of ${after.length}, fewer than the quorum of ${quorum(after.length)}.`;
  }
  const ready = among(set).filter((member) => member.ready);
  // Who is dismissed votes for it only where the others are too few.
  const candidates = [
    ...ready.filter((one) => one.address !== address),
    ...ready.filter((one) => one.address === address),
  ];
  const needed = votesNeeded(set.length);
  if (candidates.length < needed) {
    return `${what} takes the votes of ${needed} of ${set.length} validators, and ${candidates.length} are in sync.`;
  }
  if (!allowSingleRegionHalt) {
    const halts = (addresses: readonly Address[]) =>
      quorumBudget(sharesOf(among(addresses))).singleRegionHalt.map((halt) => halt.name);
    const now = halts(set);
    const fresh = halts(after).find((region) => !now.includes(region));
    if (fresh !== undefined) return `${what} would let the failure of ${fresh} alone halt the chain.`;
  }
  const voters = candidates.slice(0, needed).map((member) => member.name);
  return { change, name, address, before: set.length, after: after.length, voters };
}

const sharesOf = (members: readonly Member[]) => members.map(({ region }) => ({ name: region, validators: 1 }));
