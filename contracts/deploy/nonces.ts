import type { SignedLine } from "./journal-lines";

/** What the chain and the journal say about a sender's nonces. */
export interface NonceView {
  /** Transactions of the sender in blocks: the lowest nonce that is still free. */
  readonly mined: number;
  /** The first nonce that the node's pool does not have, counted without a break from `mined`. */
  readonly pooled: number;
  /** Our signed transactions that still stand, by rising nonce. */
  readonly standing: readonly SignedLine[];
}

/** What follows for the next transaction. */
export interface NonceDecision {
  /** Ours that the pool seems to lack: send these again first, in this order. */
  readonly resend: readonly SignedLine[];
  /** Nonces in the pool that are not ours: somebody else uses the key. */
  readonly foreign: readonly number[];
  /** Nonces below one of ours that nobody has used: the ones above would wait for ever. */
  readonly gaps: readonly number[];
  /** The nonce for the next transaction: the first gap, else the first free one. */
  readonly next: number;
  /** The lowest nonce above all that the pool or a standing transaction of ours has. */
  readonly above: number;
}

/**
 * Decides about nonces. Pure. No gap can stay: the next transaction takes the lowest nonce that neither the pool nor
 * a standing transaction of ours has.
 */
export function decideNonces({ mined, pooled, standing }: NonceView): NonceDecision {
  const ours = new Set(standing.map(({ nonce }) => nonce));
  const free = Math.max(mined, pooled);
  const highest = standing.at(-1)?.nonce ?? -1;

  const gaps: number[] = [];
  for (let nonce = free; nonce < highest; nonce++) if (!ours.has(nonce)) gaps.push(nonce);
  const foreign: number[] = [];
  for (let nonce = mined; nonce < pooled; nonce++) if (!ours.has(nonce)) foreign.push(nonce);

  const above = Math.max(free, highest + 1);
  return {
    resend: standing.filter(({ nonce }) => nonce >= free),
    foreign,
    gaps,
    next: gaps[0] ?? above,
    above,
  };
}

/** Nonces for so many transactions: the gaps first, then the free ones; by rising nonce. Pure. */
export const nextNonces = ({ gaps, above }: Pick<NonceDecision, "gaps" | "above">, count: number): number[] =>
  Array.from({ length: count }, (_, index) => gaps[index] ?? above + index - gaps.length);
