import type { Common } from "@ethereumjs/common";

import type { BlockEnvironment } from "../block";
import { bloomOf } from "../receipts";
import type { StateReader } from "../state/flat-state";
import type { FlatEvm } from "../transaction/flat-evm";
import type { TransactionWrites } from "../transaction/state-view";
import { blockOf, type EvmBlock, InvalidTransactionError, transact } from "../transaction/transact";
import { GivenUpError } from "./mutex";
import { type Attempt, writeAttempt } from "./outcome";
import { Scheduler, type Speculation, type Task } from "./scheduler";
import { Senders } from "./senders";
import { type SharedBlock, StoreFullError, Word } from "./shared-block";
import { BlockedError, isValid, type Untracked, VersionedView } from "./versioned-view";
import { VersionState, Versions } from "./versions";

export interface HandOptions {
  readonly block: SharedBlock;
  /** Transactions of the block. */
  readonly count: number;
  readonly environment: BlockEnvironment;
  readonly common: Common;
  readonly evm: FlatEvm;
  /** The state before the block. */
  readonly before: StateReader;
  readonly speculation: Speculation;
  readonly untracked?: Untracked | undefined;
  /** Called when there is nothing to do at the moment; `seen` is the count of changes before that was found. */
  readonly idle: (seen: number) => Promise<void> | void;
  /** Called before each execution; where a test breaks a thread. */
  readonly onExecute?: ((tx: number) => void) | undefined;
}

/**
 * One of the threads that execute a block together. It takes tasks until none is left: execute a transaction, check
 * what one has read, recover a sender. Who does what depends on chance, the result does not.
 */
export class Hand {
  private readonly versions: Versions;
  private readonly view: VersionedView;
  private readonly scheduler: Scheduler;
  private readonly senders: Senders;
  private readonly environment: EvmBlock;

  constructor(private readonly options: HandOptions) {
    const { block, common, before, untracked = new Set(), count, speculation } = options;
    this.versions = new Versions(block);
    this.view = new VersionedView(block, this.versions, before, untracked);
    this.scheduler = new Scheduler(block, count, speculation);
    this.senders = new Senders(block, this.versions, common);
    this.environment = blockOf(options.environment);
  }

  /**
   * Works until the block is done.
   * @throws {GivenUpError} when it is given up; {StoreFullError}
   */
  async run(): Promise<void> {
    const { block, idle } = this.options;
    let task = this.scheduler.next();
    for (;;) {
      block.throwIfStopped();
      switch (task.kind) {
        case "done":
          return;
        case "none": {
          const seen = Atomics.load(block.words, Word.changes);
          task = this.scheduler.next();
          if (task.kind !== "none") break;
          await idle(seen);
          task = this.scheduler.next();
          break;
        }
        case "recover":
          this.senders.recover(task.tx);
          task = this.scheduler.next();
          break;
        case "validate":
          task = this.validate(task.tx, task.incarnation);
          break;
        case "execute":
          task = await this.execute(task.tx, task.incarnation);
          break;
      }
    }
  }

  private validate(tx: number, incarnation: number): Task {
    const { block } = this.options;
    const aborted = !isValid(block, this.versions, tx) && this.scheduler.claimAbort(tx, incarnation);
    if (aborted)
      for (const location of this.versions.written(tx)) this.versions.mark(location, tx, VersionState.estimate);
    return this.scheduler.validated(tx, aborted);
  }

  private async execute(tx: number, incarnation: number): Promise<Task> {
    for (;;) {
      this.options.onExecute?.(tx);
      this.view.begin(tx);
      try {
        const { attempt, writes } = await this.attempt(tx);
        this.view.publishReads();
        const changed = this.view.publishWrites(writes);
        writeAttempt(this.options.block, tx, attempt);
        return this.scheduler.executed(tx, incarnation, changed);
      } catch (error) {
        if (!(error instanceof BlockedError)) throw error;
        const task = this.scheduler.wait(tx, error.by);
        if (task !== undefined) return task;
      }
    }
  }

  private async attempt(tx: number): Promise<{ attempt: Attempt; writes: TransactionWrites }> {
    const { evm } = this.options;
    evm.state.reset(this.view);
    try {
      const { transaction, sender } = this.sender(tx);
      const executed = await transact(evm, transaction, sender, this.environment);
      const outcome = { ...executed, bloom: bloomOf(executed.logs) };
      return { attempt: { kind: "executed", gasLimit: transaction.gasLimit, outcome }, writes: evm.state.writes() };
    } catch (error) {
      if (error instanceof BlockedError || error instanceof GivenUpError || error instanceof StoreFullError)
        throw error;
      // Something read in the middle of a change may make nonsense: it is judged by its reads, like any result.
      const kind = error instanceof InvalidTransactionError ? "invalid" : "failed";
      const reason = error instanceof Error ? error.message : String(error);
      return { attempt: { kind, reason }, writes: nothing };
    }
  }

  /** @throws {InvalidTransactionError} */
  private sender(tx: number): ReturnType<Senders["of"]> {
    try {
      return this.senders.of(tx);
    } catch (error) {
      if (error instanceof GivenUpError || error instanceof StoreFullError) throw error;
      throw new InvalidTransactionError(error instanceof Error ? error.message : String(error));
    }
  }
}

const nothing: TransactionWrites = { accounts: new Map(), storage: new Map(), codes: new Map() };
