import type { Common } from "@ethereumjs/common";

import { BlockState } from "./block-state";
import { type BlockInput, InvalidBlockError, type TransactionOutcome } from "./block";
import type { ExecutedBlock, Executor, ExecutorOptions } from "./executor";
import { assemble, bloomOf } from "./receipts";
import type { FlatState } from "./state/flat-state";
import { commonOf } from "./transaction/chain-rules";
import { FlatEvm } from "./transaction/flat-evm";
import { decodeTransaction } from "./transaction/sender";
import { PlainView, type StateView, type TransactionWrites } from "./transaction/state-view";
import { blockOf, InvalidTransactionError, transact } from "./transaction/transact";
import { TransactionState } from "./transaction/transaction-state";

/** The reference: one transaction after the other, in the calling thread. */
export class SequentialExecutor implements Executor {
  readonly strategy = "sequential";
  private readonly common: Common;
  private readonly state: FlatState;
  private evm: FlatEvm | undefined;

  constructor(private readonly options: ExecutorOptions) {
    this.common = commonOf(options.rules);
    this.state = options.state;
  }

  /** @param watch sees each transaction: may put a view of its own between it and the state, and gets its writes */
  async execute(block: BlockInput, watch?: Watch): Promise<ExecutedBlock> {
    const evm = (this.evm ??= await this.createEvm());
    const during = new BlockState(this.state);
    const plain = new PlainView(during);
    const environment = blockOf(block.environment);
    const outcomes: TransactionOutcome[] = [];
    const gasLimits: bigint[] = [];
    for (const [index, bytes] of block.transactions.entries()) {
      try {
        const { tx, sender } = this.signed(bytes);
        evm.state.reset(watch?.view(index, plain) ?? plain);
        const executed = await transact(evm, tx, sender, environment);
        const writes = evm.state.writes();
        watch?.done(index, writes, executed.gasUsed, during);
        during.add(writes);
        outcomes.push({ ...executed, bloom: bloomOf(executed.logs) });
        gasLimits.push(tx.gasLimit);
      } catch (error) {
        if (!(error instanceof InvalidTransactionError)) throw error;
        assemble(outcomes, gasLimits, block.environment.gasLimit); // what is wrong before it counts first
        throw new InvalidBlockError(index, error.message);
      }
    }
    const result = assemble(outcomes, gasLimits, block.environment.gasLimit);
    const changes = during.changes();
    this.state.apply(changes);
    const counts = { threads: 1, executions: outcomes.length, aborts: 0, waits: 0 };
    return { ...result, changes, counts, warnings: [] };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** @throws {InvalidTransactionError} */
  private signed(bytes: Uint8Array) {
    try {
      const tx = decodeTransaction(bytes, this.common);
      return { tx, sender: tx.getSenderAddress() };
    } catch (error) {
      throw new InvalidTransactionError(error instanceof Error ? error.message : String(error));
    }
  }

  private createEvm(): Promise<FlatEvm> {
    const { blockHashes = {} } = this.options;
    const state = new TransactionState(new PlainView(this.state));
    return FlatEvm.create(this.common, state, (number) => blockHashes[number.toString()]);
  }
}

/** Sees what each transaction of a sequential execution does. */
export interface Watch {
  view(index: number, below: StateView): StateView;
  /** @param before the state before this transaction */
  done(index: number, writes: TransactionWrites, gasUsed: bigint, before: BlockState): void;
}
