import type { Address, Hex } from "viem";
import type { Intent } from "./intent";
import type { Mined, Receipt } from "./receipt";

/** A contract or a call to be got into a block, and how to tell that it is done. */
export interface Parcel {
  readonly intent: Intent;
  /** Gas of its transaction, where it was simulated together with what it needs. @default the node's estimate */
  readonly gas?: bigint | undefined;
  /** Whether it is done, seen from a block. May throw what makes going on wrong. */
  readonly isDone: (block: Hex | "latest") => Promise<boolean>;
  /** Tries it before it is signed, by the account that will; throws what it would fail with. */
  readonly attempt?: (from: Address) => Promise<void>;
  /**
   * Asked when its transaction is in a block and it is not done: what to do again, or why the transaction is void.
   * Throws when going on is wrong.
   */
  readonly withoutEffect: (receipt: Receipt) => Promise<Again>;
}

/** It is to be looked at again; `void` says why the transaction that was mined counts no more. */
export interface Again {
  readonly why: string;
  readonly void?: string;
}

/** What became of a parcel's transaction; undefined when it was done without one. */
export type Delivered = Receipt | undefined;

/** Whether a transaction is in a block. */
export const isReceipt = (mined: Mined): mined is Receipt => mined.kind !== "replaced";
