import type { Address, Hex } from "viem";
import type { Transport } from "./isolation";

/** A call as the node takes it; the same for every executor. */
export interface PreparedCall {
  readonly to: Address;
  readonly data: Hex;
  readonly from?: Address;
  readonly value?: bigint;
  /** Number as a quantity, hash, or tag. */
  readonly block: string;
}

/** What became of a call. `failed` says nothing of the contract: timeout, transport, a node that refuses. */
export type Outcome = { readonly durationMs: number } & (
  | { readonly kind: "returned"; readonly data: Hex }
  | { readonly kind: "reverted"; readonly data: Hex; readonly message: string }
  | { readonly kind: "failed"; readonly reason: string }
);

/** Runs calls by one transport. */
export interface Executor {
  readonly transport: Transport;
  /**
   * Runs the calls and gives an outcome for each, in their order; it takes from `calls` no more than it has under way.
   * Never throws for what a node does. Ending the iteration early ends what is under way.
   */
  execute(calls: Iterable<PreparedCall>): AsyncIterable<Outcome>;
}
