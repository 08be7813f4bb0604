import type { BlockEnvironment, Field } from "../block";
import type { StateChanges } from "../state/flat-state";
import type { ChainRules } from "../transaction/chain-rules";
import type { Speculation } from "./scheduler";
import type { Capacity } from "./shared-block";

/** A way in which a thread is lost, for tests. */
export const threadFaults = ["crash", "memory", "hang"] as const;
export type ThreadFault = (typeof threadFaults)[number];

/** What a worker thread is started with. */
export interface WorkerStart {
  readonly rules: ChainRules;
  readonly blockHashes: Readonly<Record<string, `0x${string}`>>;
  /** Reads that are forgotten, for tests. */
  readonly untracked: readonly Field[];
  /** What becomes of the thread when it begins its first execution, for tests. */
  readonly fault?: ThreadFault | undefined;
}

/** What a block changed, or the whole state at first. */
export interface StateMessage {
  readonly type: "state";
  readonly changes: StateChanges;
}

/** Work at a block, in shared memory. */
export interface BlockMessage {
  readonly type: "block";
  readonly buffer: SharedArrayBuffer;
  readonly capacity: Capacity;
  readonly count: number;
  readonly environment: BlockEnvironment;
  readonly speculation: Speculation;
}

export type ToWorker = StateMessage | BlockMessage;
/** `left`: the thread does not touch the block's memory any more. */
export type FromWorker = { readonly type: "ready" } | { readonly type: "left"; readonly problem?: string | undefined };
