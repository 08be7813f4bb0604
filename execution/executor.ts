import type { BlockInput, BlockResult, ExecutionCounts } from "./block";
import type { FlatState, StateChanges } from "./state/flat-state";
import type { ChainRules } from "./transaction/chain-rules";

/** How a block's transactions are distributed. The result is the same for all. */
export const strategies = ["sequential", "optimistic", "scheduled", "adaptive"] as const;
export type Strategy = (typeof strategies)[number];

export interface ExecutedBlock extends BlockResult {
  /** What the block changed; already in the executor's state. */
  readonly changes: StateChanges;
  readonly counts: ExecutionCounts;
  /** What went wrong without harm, one sentence each: a lost thread, for example. */
  readonly warnings: readonly string[];
}

/** Executes blocks one after the other on one state. */
export interface Executor {
  readonly strategy: Strategy;
  /**
   * Executes a block and applies it to the state.
   * @throws {InvalidBlockError} the state is as before
   */
  execute(block: BlockInput): Promise<ExecutedBlock>;
  /** Ends its threads, if it has any. */
  close(): Promise<void>;
}

export interface ExecutorOptions {
  readonly rules: ChainRules;
  /** The state before the first block; the executor changes it, nobody else may. */
  readonly state: FlatState;
  readonly blockHashes?: Readonly<Record<string, `0x${string}`>> | undefined;
}
