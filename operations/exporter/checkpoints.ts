/** How often a checkpoint is passed, in seconds. */
const CHECKPOINT_SECONDS = 300;

/** Blocks by which a checkpoint must be behind a validator's head: it then has it on any view of the chain. */
const SETTLED = 2;

/** Checkpoints that are told of: regions that are a few blocks apart have one in common. */
const KEPT = 2;

/** Blocks between two checkpoints, the same for everybody who watches the chain. @param blockPeriodSeconds above 0 */
export const checkpointBlocks = (blockPeriodSeconds: number): number =>
  Math.max(1, Math.ceil(CHECKPOINT_SECONDS / blockPeriodSeconds));

/** Numbers of the newest checkpoints that a validator with this head has, newest first; without the genesis block's. */
export function checkpointsAt(head: number, every: number): readonly number[] {
  const newest = Math.floor((head - SETTLED) / every) * every;
  return Array.from({ length: KEPT }, (_, i) => newest - i * every).filter((number) => number > 0);
}

/** A block that a validator has at a checkpoint. */
export interface Checkpoint {
  readonly number: number;
  readonly hash: string;
}

/** Numbers at which not all have one block, lowest first. */
export function forkedAt(checkpoints: readonly Checkpoint[]): readonly number[] {
  const hashes = new Map<number, Set<string>>();
  for (const { number, hash } of checkpoints) hashes.set(number, (hashes.get(number) ?? new Set()).add(hash));
  return [...hashes].flatMap(([number, different]) => (different.size > 1 ? [number] : [])).sort((a, b) => a - b);
}
