import type { Hex } from "viem";
import type { TimelessOutcome } from "../json-rpc";

/** A call as it goes to a worker. */
export interface CallMessage {
  readonly type: "run";
  readonly id: number;
  readonly to: Hex;
  readonly data: Hex;
  readonly from: Hex;
  /** In wei. */
  readonly value: bigint;
  /** Number as a quantity, hash, or tag. */
  readonly block: string;
}

/** What a worker wants to know of the chain. */
export interface AskMessage {
  readonly type: "ask";
  readonly key: string;
  /** A request, or several whose results come as a list. */
  readonly requests: readonly { readonly method: string; readonly params: readonly unknown[] }[];
}

/** The answer to an {@link AskMessage}: results in order of the requests, or why there are none. */
export interface StateMessage {
  readonly type: "state";
  readonly key: string;
  readonly results?: readonly unknown[];
  readonly problem?: string;
}

/** What became of a call; the time is the worker's own, without what it waited for the node. */
export interface OutcomeMessage {
  readonly type: "outcome";
  readonly id: number;
  readonly outcome: TimelessOutcome;
  readonly durationMs: number;
}

/** The worker has been loaded: from here on, what it takes is the calls' own. */
export interface ReadyMessage {
  readonly type: "ready";
}

export type ToWorker = CallMessage | StateMessage;
export type FromWorker = ReadyMessage | AskMessage | OutcomeMessage;
