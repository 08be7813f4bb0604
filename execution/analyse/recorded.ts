import type { Address, Hex } from "viem";

import type { BlockAccessList } from "./block-access-list";
import type { BalanceReads } from "./code-scan";
import type { ExecutedSlots } from "./instructions";

/** A transaction of `eth_getBlockByNumber` with its objects, as far as anybody here looks at it. */
export interface RecordedTransaction {
  readonly hash: Hex;
  readonly from: Address;
  readonly to?: Address | null;
  readonly input?: Hex;
  readonly value?: Hex;
  /** Its gas limit. */
  readonly gas?: Hex;
  readonly gasPrice?: Hex;
  readonly maxFeePerGas?: Hex;
  /** EIP-7702. */
  readonly authorizationList?: readonly unknown[];
}

export interface RecordedReceipt {
  readonly transactionHash: Hex;
  readonly gasUsed: Hex;
  readonly effectiveGasPrice?: Hex;
  readonly status?: Hex;
  /** Of what it created. */
  readonly contractAddress?: Address | null;
}

/** An account in an answer of prestateTracer; a node leaves out what is empty, or what did not change. */
export interface TracedAccount {
  readonly balance?: Hex;
  readonly nonce?: number | Hex;
  readonly code?: Hex;
  readonly storage?: Readonly<Record<string, string>>;
}

/** By address. */
export type TracedState = Readonly<Record<string, TracedAccount>>;

/** Of prestateTracer with `diffMode`: what changed, before and after; who is gone is in `pre` alone. */
export interface TracedDiff {
  readonly pre: TracedState;
  readonly post: TracedState;
}

/** What a node was asked about a block, as it answered: what `--save` writes and `--file` reads. */
export interface RecordedBlock {
  readonly block: {
    readonly number: Hex;
    readonly hash: Hex;
    readonly miner: Address;
    readonly baseFeePerGas?: Hex;
    readonly transactions: readonly RecordedTransaction[];
  };
  /** In the order of the transactions. */
  readonly receipts: readonly RecordedReceipt[];
  /** All that each transaction touched, before it. */
  readonly prestate?: readonly TracedState[];
  /** What each transaction changed. */
  readonly diff?: readonly TracedDiff[];
  /** Whose balances each transaction looked at, by the instructions that it executed; null where the node does not tell. */
  readonly balanceReads?: readonly (BalanceReads | null)[];
  /** By instructions, where the tracer told no storage though there is code that uses some; null where nothing tells. */
  readonly slots?: readonly (ExecutedSlots | null)[];
  /** EIP-7928, where nothing else was to be had. */
  readonly accessList?: BlockAccessList;
}

/** How access sets were got, in the order in which they are tried. */
export const METHODS = [
  "debug_traceBlockByNumber",
  "debug_traceBlockByHash",
  "debug_traceTransaction",
  "eth_getBlockAccessList",
] as const;
export type Method = (typeof METHODS)[number];

/** A recording: what `meridian execution analyse --save` writes. */
export interface Recording {
  readonly schemaVersion: 1;
  readonly chainId: number;
  readonly method: Method;
  readonly blocks: readonly RecordedBlock[];
}
