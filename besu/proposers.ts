import type { Address } from "viem";

/**
 * Whose turn it was in each round of a block: round robin by address, one further with each block and each round; after a
 * proposer that is no validator any more, the next address above it (Besu, BftProposerSelector).
 *
 * @param validators those of the block, ascending; at least one
 * @param previous proposer of the block before; the genesis block's is no validator
 * @param rounds how many rounds, from 0
 */
export function proposersInTurn(validators: readonly Address[], previous: Address, rounds: number): readonly Address[] {
  const at = validators.indexOf(previous);
  const above = validators.findIndex((address) => address > previous);
  const first = at >= 0 ? at + 1 : Math.max(0, above);
  return Array.from({ length: rounds }, (_, round) => validators[(first + round) % validators.length] ?? previous);
}

/**
 * The validators that had their turn for a block and did not make it, one entry a turn. The block's own proposer never
 * counts: a later round may agree on the block of an earlier one.
 *
 * @param round in which the block was agreed on
 */
export const missedProposers = (
  validators: readonly Address[],
  previous: Address,
  proposer: Address,
  round: number,
): readonly Address[] => proposersInTurn(validators, previous, round).filter((address) => address !== proposer);
