import { availableParallelism } from "node:os";
import { setImmediate as nextTurn } from "node:timers/promises";

import type { Common } from "@ethereumjs/common";

import type { BlockInput, Field } from "../block";
import { ExecutionError } from "../errors";
import type { ExecutedBlock, Executor, ExecutorOptions, Strategy } from "../executor";
import { SequentialExecutor } from "../sequential";
import { commonOf } from "../transaction/chain-rules";
import { FlatEvm } from "../transaction/flat-evm";
import { PlainView } from "../transaction/state-view";
import { TransactionState } from "../transaction/transaction-state";
import { collectChanges, collectResult, UnusableError } from "./collect";
import { Hand } from "./hand";
import { waitForChange } from "./idle";
import type { ThreadFault } from "./messages";
import { GivenUpError } from "./mutex";
import { Pace } from "./pace";
import { Pool, ThreadFaultError } from "./pool";
import { type Habit, Scheduler } from "./scheduler";
import { putAccessList, putTransactions } from "./seed";
import { type Capacity, SharedBlock, StoreFullError, Word } from "./shared-block";

export interface ParallelOptions extends ExecutorOptions {
  readonly strategy: Exclude<Strategy, "sequential">;
  /** Threads that execute, the calling one included. @default as many as there are cores */
  readonly threads?: number | undefined;
  /** A thread that achieves nothing for so long is lost. @default 60,000 */
  readonly hangTimeoutMs?: number | undefined;
  /** The most memory of each worker thread, in MB. @default Node.js decides */
  readonly memoryMb?: number | undefined;
  /** For tests: how the worker threads fail, and which reads are forgotten. */
  readonly broken?: { readonly fault?: ThreadFault; readonly untracked?: readonly Field[] } | undefined;
}

/** Below this many transactions, waking the threads takes longer than they save. */
const FEWEST_TRANSACTIONS = 4;
/** Times that lost threads are replaced; then something is wrong that does not pass. */
const MOST_RESTARTS = 3;
const MOST_CAPACITY_BYTES = 2 ** 30;

/**
 * Executes the transactions of a block in several threads: this one and workers. Optimistic: each runs on what those
 * before it have left so far, its reads are checked, and it is repeated where they were too early. Scheduled: an access
 * list says beforehand what each leaves. Adaptive: the list if there is one; else optimistic, executing ahead only as
 * long as that is seldom in vain; and in order where that has been faster lately. When a thread is lost, the block is executed in order instead, with a warning.
 */
export class ParallelExecutor implements Executor {
  readonly strategy: Strategy;
  private readonly common: Common;
  private readonly inOrder: SequentialExecutor;
  private readonly threads: number;
  private readonly hangTimeoutMs: number;
  private pool: Pool | undefined;
  private restarts = 0;
  private habit: Habit | undefined;
  private readonly pace = new Pace();
  private block: SharedBlock | undefined;

  private constructor(
    private readonly options: ParallelOptions,
    private readonly evm: FlatEvm,
  ) {
    this.strategy = options.strategy;
    this.common = commonOf(options.rules);
    this.inOrder = new SequentialExecutor(options);
    this.threads = options.threads ?? availableParallelism();
    this.hangTimeoutMs = options.hangTimeoutMs ?? 60_000;
  }

  /** Starts the threads. @throws {ThreadFaultError} when they cannot be started */
  static async create(options: ParallelOptions): Promise<ParallelExecutor> {
    const { rules, state, blockHashes = {} } = options;
    const transactionState = new TransactionState(new PlainView(state));
    const evm = await FlatEvm.create(commonOf(rules), transactionState, (number) => blockHashes[`${number}`]);
    const executor = new ParallelExecutor(options, evm);
    executor.pool = await executor.startPool();
    return executor;
  }

  async execute(input: BlockInput): Promise<ExecutedBlock> {
    const { strategy } = this;
    if (strategy === "scheduled" && input.accessList === undefined)
      throw new ExecutionError("The strategy scheduled needs the block's access list, and it has none.", {
        hint: "Use adaptive, which takes a list where there is one.",
      });
    if (strategy === "adaptive" && input.transactions.length < FEWEST_TRANSACTIONS) return this.executeInOrder(input);
    const way = strategy === "adaptive" ? this.pace.choose() : "together";
    const began = performance.now();
    const executed = await (way === "in order" ? this.executeInOrder(input) : this.executeByAll(input));
    if (executed.warnings.length === 0) this.pace.note(way, performance.now() - began, Number(executed.gasUsed));
    return executed;
  }

  /** By all threads; in order, with a warning, when one is lost. */
  private async executeByAll(input: BlockInput): Promise<ExecutedBlock> {
    try {
      this.pool ??= await this.restartPool();
      return await this.executeTogether(input, this.pool);
    } catch (error) {
      if (!(error instanceof ThreadFaultError) && !(error instanceof UnusableError)) throw error;
      if (error instanceof ThreadFaultError) await this.dropPool();
      const executed = await this.executeInOrder(input);
      return { ...executed, warnings: [`The block was executed in order: ${error.message}.`] };
    }
  }

  async close(): Promise<void> {
    await this.dropPool();
  }

  private async executeTogether(input: BlockInput, pool: Pool): Promise<ExecutedBlock> {
    const { state } = this.options;
    const count = input.transactions.length;
    for (let factor = 1; ; factor *= 4) {
      const block = this.prepare(input, factor);
      if (block === undefined) throw new UnusableError("it needs too much shared memory");
      if (!(await this.work(block, input, pool))) continue;
      const result = collectResult(block, count, input.environment.gasLimit);
      const changes = collectChanges(block, count, state);
      state.apply(changes);
      pool.apply(changes);
      const counted = (word: number): number => Atomics.load(block.words, word);
      const counts = {
        threads: this.threads,
        executions: counted(Word.executions),
        aborts: counted(Word.aborts),
        waits: counted(Word.waits),
      };
      return { ...result, changes, counts, warnings: [] };
    }
  }

  /** @returns whether the block is done; not: its memory was too small */
  private async work(block: SharedBlock, input: BlockInput, pool: Pool): Promise<boolean> {
    const { environment, transactions } = input;
    const speculation = { adaptive: this.strategy === "adaptive" };
    const count = transactions.length;
    const scheduler = new Scheduler(block, count, speculation);
    scheduler.begin(this.habit);
    pool.enter({
      type: "block",
      ...{ buffer: block.buffer, capacity: block.capacity, count, environment, speculation },
    });
    const { evm, common } = this;
    const watch = new Watch(block, pool, this.hangTimeoutMs);
    const hand = new Hand({
      ...{ block, count, environment, common, evm, speculation, before: this.options.state },
      untracked: new Set(this.options.broken?.untracked),
      idle: (seen) => watch.idle(seen),
    });
    try {
      if (this.options.broken?.fault !== undefined) await watch.untilOthersWork();
      await hand.run();
    } catch (error) {
      block.stop();
      if (error instanceof ThreadFaultError) throw error;
      if (!(error instanceof GivenUpError) && !(error instanceof StoreFullError)) {
        await pool.left(this.hangTimeoutMs);
        throw error;
      }
    }
    await pool.left(this.hangTimeoutMs);
    if (Atomics.load(block.words, Word.full) !== 0) return false;
    if (block.stopped) throw new ThreadFaultError("a worker thread gave the block up");
    if (input.accessList === undefined) this.habit = scheduler.habit();
    return true;
  }

  /** Shared memory with the block in it; undefined where it would be too large. */
  private prepare(input: BlockInput, factor: number): SharedBlock | undefined {
    for (let times = factor; ; times *= 4) {
      const capacity = capacityFor(input, times);
      if (capacity.heapBytes > MOST_CAPACITY_BYTES) return undefined;
      if (this.block === undefined || !holds(this.block.capacity, capacity)) this.block = SharedBlock.create(capacity);
      const { block } = this;
      block.clear();
      try {
        putTransactions(block, input);
        if (input.accessList !== undefined && this.strategy !== "optimistic") {
          const known = (hash: bigint): boolean =>
            this.options.state.code(`0x${hash.toString(16).padStart(64, "0")}`) !== undefined;
          putAccessList(block, input.accessList, known);
        }
        return block;
      } catch (error) {
        if (!(error instanceof StoreFullError)) throw error;
      }
    }
  }

  private async executeInOrder(input: BlockInput): Promise<ExecutedBlock> {
    const executed = await this.inOrder.execute(input);
    this.pool?.apply(executed.changes);
    return executed;
  }

  private startPool(): Promise<Pool> {
    const { rules, blockHashes = {}, broken = {}, memoryMb, state } = this.options;
    const { fault, untracked = [] } = broken;
    const workers = this.threads - 1;
    return Pool.start({ workers, rules, blockHashes, untracked, fault, memoryMb }, state.snapshot());
  }

  private restartPool(): Promise<Pool> {
    if (this.restarts++ >= MOST_RESTARTS)
      throw new ThreadFaultError(`worker threads were lost ${MOST_RESTARTS} times and are not started again`);
    return this.startPool();
  }

  private async dropPool(): Promise<void> {
    const { pool } = this;
    this.pool = undefined;
    this.block = undefined; // a lost thread may still write to it
    await pool?.close();
  }
}

/** Sizes that do for most blocks; where not, they are multiplied. */
function capacityFor({ transactions, accessList }: BlockInput, factor: number): Capacity {
  const count = transactions.length;
  const bytes = transactions.reduce((sum, each) => sum + each.length + 8, 0);
  const listed = accessList?.reduce((sum, accesses) => sum + accesses.length, 0) ?? 0;
  const pieces = (count * 24 + listed + 1_024) * factor;
  return {
    transactions: count,
    locations: 2 ** Math.ceil(Math.log2(pieces)),
    versions: pieces * 2,
    heapBytes: bytes + (count * 8_192 + 65_536) * factor,
  };
}

const holds = (large: Capacity, small: Capacity): boolean =>
  large.transactions >= small.transactions &&
  large.locations >= small.locations &&
  large.versions >= small.versions &&
  large.heapBytes >= small.heapBytes;

/** What the calling thread does while it has no work: it notices what becomes of the others. */
class Watch {
  private lastChange = -1;
  private changedAt = 0;
  private naps = 0;

  constructor(
    private readonly block: SharedBlock,
    private readonly pool: Pool,
    private readonly hangTimeoutMs: number,
  ) {}

  /** @throws {ThreadFaultError} */
  async idle(seen: number): Promise<void> {
    const now = performance.now();
    if (seen !== this.lastChange) {
      this.lastChange = seen;
      this.changedAt = now;
    }
    waitForChange(this.block, seen);
    if (++this.naps % 8 === 0) await nextTurn(); // lets it be told that a thread has ended
    if (this.pool.fault !== undefined) this.fail(this.pool.fault);
    if (now - this.changedAt > this.hangTimeoutMs)
      this.fail(new ThreadFaultError("a worker thread does not come back"));
  }

  /** Resolves when another thread has begun an execution. */
  async untilOthersWork(): Promise<void> {
    while (Atomics.load(this.block.words, Word.executions) === 0 && this.pool.fault === undefined) await nextTurn();
  }

  private fail(error: ThreadFaultError): never {
    this.block.stop();
    throw error;
  }
}
