import { oneWayMs, unknownRoundTrips } from "./latency";
import { quorum, quorumBudget, type RegionShare } from "./quorum";

/** The expected commit time of the blocks that one region's validators propose. */
export interface ProposerTime {
  readonly region: string;
  /** From the proposal until a quorum has committed; network only, in milliseconds. */
  readonly commitMs: number;
}

/** Commit times of a placement, or the pairs of regions whose round trip is not published. */
export type CommitTimes =
  | {
      readonly known: true;
      /** One entry a region, in the order of the placement. */
      readonly byProposer: readonly ProposerTime[];
      readonly best: ProposerTime;
      readonly worst: ProposerTime;
    }
  | { readonly known: false; readonly unknownPairs: readonly (readonly [string, string])[] };

/**
 * How long QBFT takes to commit a block, by proposer; network only, without execution or disks.
 *
 * With d(i,j) half the P95 round trip, Q the {@link quorum}, and k-th(…) counting every validator of a region:
 *
 *     proposal   received by j at  d(p,j)
 *     prepare    of i sent then;   j is prepared at  P(j) = max(d(p,j), Q-th smallest over i of d(p,i) + d(i,j))
 *     commit     of i sent then;   j commits at      C(j) = max(P(j), Q-th smallest over i of P(i) + d(i,j))
 *     the block stands when Q validators have committed: Q-th smallest over j of C(j)
 *
 * The proposer sends a prepare and a commit like all others (QBFT, Besu `RoundState`). Published P95 values are added
 * as if they came together, which is on the safe side.
 *
 * @throws {InvalidPlacementError} {UnknownRegionError} as {@link quorumBudget} does.
 */
export function commitTimes(placement: readonly RegionShare[]): CommitTimes {
  const { regions, validators } = quorumBudget(placement);
  const unknownPairs = unknownRoundTrips(regions.map(({ name }) => name));
  if (unknownPairs.length > 0) return { known: false, unknownPairs };

  const distance = regions.map(({ name: a }) => regions.map(({ name: b }) => oneWayMs(a, b) ?? Infinity));
  const needed = quorum(validators);
  /** When the quorum has arrived, of messages that each region's validators send at `times`. */
  const whenQuorum = (times: readonly number[], to: number) =>
    kthSmallest(
      times.map((time, from) => ({ time: time + (distance[from]?.[to] ?? Infinity), weight: weightOf(regions, from) })),
      needed,
    );
  const byProposer = regions.map(({ name }, proposer): ProposerTime => {
    const proposal = distance[proposer] ?? [];
    const prepared = proposal.map((received, j) => Math.max(received, whenQuorum(proposal, j)));
    const committed = prepared.map((ready, j) => Math.max(ready, whenQuorum(prepared, j)));
    const votes = committed.map((time, j) => ({ time, weight: weightOf(regions, j) }));
    return { region: name, commitMs: kthSmallest(votes, needed) };
  });
  const sorted = [...byProposer].sort((a, b) => a.commitMs - b.commitMs);
  const [best = unreachable(), worst = unreachable()] = [sorted.at(0), sorted.at(-1)];
  return { known: true, byProposer, best, worst };
}

const weightOf = (regions: readonly RegionShare[], i: number): number => regions[i]?.validators ?? 0;

/** The time at which `k` votes are there, of groups of `weight` votes that come together. */
function kthSmallest(groups: readonly { readonly time: number; readonly weight: number }[], k: number): number {
  let votes = 0;
  const last = [...groups].sort((a, b) => a.time - b.time).find(({ weight }) => (votes += weight) >= k);
  return last?.time ?? Infinity;
}

const unreachable = (): never => {
  throw new Error("A placement without regions has passed quorumBudget().");
};

/** When the chain tries again. */
export interface BlockTiming {
  readonly blockPeriodSeconds: number;
  readonly requestTimeoutSeconds: number;
}

/**
 * The longest time between two blocks, in seconds, when the next `deadInARow` proposers are down.
 *
 * Each costs a round, and a round's timeout is twice that of the round before, without a cap: period + timeout ×
 * (2^dead - 1). Measured with one of four down: 6 s at a period of 2 and a timeout of 4 (Besu 26.8.0).
 */
export const blockGapSeconds = (timing: BlockTiming, deadInARow: number): number =>
  timing.blockPeriodSeconds + timing.requestTimeoutSeconds * (2 ** deadInARow - 1);

/** Part of the block period that the network may take before {@link timingWarnings} says so; the rest is execution's. */
const NETWORK_SHARE = 0.5;

/**
 * What does not fit between a chain's timing and its network; empty when all is well.
 *
 * @returns sentences; also one naming the pairs that are unknown
 */
export function timingWarnings(
  times: CommitTimes,
  { blockPeriodSeconds, requestTimeoutSeconds }: BlockTiming,
): string[] {
  if (!times.known) {
    const [first, ...others] = times.unknownPairs.map((pair) => pair.join(" and "));
    const more = others.length === 0 ? "" : ` and ${others.length} more pairs`;
    return [`No round trip is published between ${first ?? ""}${more}: the block period cannot be checked.`];
  }
  const { region, commitMs } = times.worst;
  const warnings: string[] = [];
  const blocksOf = `a block that ${region} proposes takes ${commitMs} ms on the network alone`;
  if (commitMs > blockPeriodSeconds * 1000) {
    warnings.push(`blockPeriodSeconds is ${blockPeriodSeconds} and ${blocksOf}: the period cannot be kept.`);
  } else if (commitMs > blockPeriodSeconds * 1000 * NETWORK_SHARE) {
    const why = "little is left for executing it";
    warnings.push(`blockPeriodSeconds is ${blockPeriodSeconds} and ${blocksOf}: ${why}.`);
  }
  if (requestTimeoutSeconds <= blockPeriodSeconds) {
    const why = "a healthy chain would change rounds";
    warnings.push(
      `requestTimeoutSeconds is ${requestTimeoutSeconds}, within the period of ${blockPeriodSeconds} s: ${why}.`,
    );
  }
  if (commitMs > requestTimeoutSeconds * 1000 * NETWORK_SHARE) {
    const why = "a slow block would change rounds";
    warnings.push(`requestTimeoutSeconds is ${requestTimeoutSeconds} and ${blocksOf}: ${why}.`);
  }
  return warnings;
}

/** The commit times in plain sentences, one a line, for the preview. */
export function describeCommitTimes(times: CommitTimes): string[] {
  if (!times.known) return [`Commit time: unknown, ${times.unknownPairs.length} round trips are not published.`];
  const { best, worst } = times;
  return [
    `Commit time (network only, P95): ${best.commitMs} ms when ${best.region} proposes, ${worst.commitMs} ms when ${worst.region} does.`,
  ];
}
