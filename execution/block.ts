import type { Hex } from "./state/hex";

/** What the transactions of a block see of it. */
export interface BlockEnvironment {
  readonly number: bigint;
  /** Seconds since 1970. */
  readonly timestamp: bigint;
  /** Gets the fees; 20 bytes. */
  readonly coinbase: Hex;
  readonly gasLimit: bigint;
  /** In wei; zero on a chain without fees. */
  readonly baseFeePerGas: bigint;
  /** 32 bytes; with proof of authority the chain says zeros. */
  readonly prevRandao: Hex;
}

/** A block to execute: what its proposer signed, as far as execution needs it. */
export interface BlockInput {
  readonly environment: BlockEnvironment;
  /** Signed transactions as EIP-2718 serializes them, in the order of the block. */
  readonly transactions: readonly Uint8Array[];
  /** What each transaction writes, if the proposer says it (EIP-7928). Wrong entries cost time, never the result. */
  readonly accessList?: BlockAccessList | undefined;
}

/** One thing of the state: an account's balance, nonce or code, or one slot of its storage. */
export type Field = "balance" | "nonce" | "code" | "storage";

/** What one transaction did to one thing of the state. */
export interface AccessedValue {
  readonly address: Hex;
  readonly field: Field;
  /** 32 bytes; of storage only. */
  readonly slot?: Hex;
  /** Value after the transaction; undefined where it only read. Of code: its hash. */
  readonly value?: bigint;
}

/** By transaction: what it wrote, with the value after it (EIP-7928 calls this the block access list). */
export type BlockAccessList = readonly (readonly AccessedValue[])[];

/** An event of a contract. */
export interface Log {
  readonly address: Uint8Array;
  readonly topics: readonly Uint8Array[];
  readonly data: Uint8Array;
}

/** What became of one transaction. */
export interface TransactionOutcome {
  readonly type: number;
  readonly succeeded: boolean;
  readonly gasUsed: bigint;
  /** 256 bytes. */
  readonly bloom: Uint8Array;
  readonly logs: readonly Log[];
}

/** What a run counted; says nothing of the result. */
export interface ExecutionCounts {
  /** Threads that executed, the calling one included. */
  readonly threads: number;
  /** Transactions begun, repetitions included. */
  readonly executions: number;
  /** Executions whose reads turned out to be out of date. */
  readonly aborts: number;
  /** Executions that stopped at a value that an earlier transaction was about to write. */
  readonly waits: number;
}

/** The block as executed. Equal, bit by bit, for every strategy. */
export interface BlockResult {
  readonly outcomes: readonly TransactionOutcome[];
  readonly gasUsed: bigint;
}

/** A block that no honest proposer makes: one of its transactions cannot be part of it. The state stays as it was. */
export class InvalidBlockError extends Error {
  override readonly name = "InvalidBlockError";
  constructor(
    /** The first such transaction, counted from 0. */
    readonly index: number,
    readonly reason: string,
  ) {
    super(`transaction ${index} cannot be executed: ${reason}`);
  }
}
