import { join } from "node:path";
import { Worker } from "node:worker_threads";

import { projectRoot } from "../../toolchain/paths";
import type { StateChanges } from "../state/flat-state";
import type { BlockMessage, FromWorker, ToWorker, WorkerStart } from "./messages";

/** A thread is lost, or does not come back. */
export class ThreadFaultError extends Error {
  override readonly name = "ThreadFaultError";
}

export interface PoolOptions extends WorkerStart {
  readonly workers: number;
  /** The most memory of each thread, in MB. @default Node.js decides */
  readonly memoryMb?: number | undefined;
}

/** Worker threads, each with a copy of the state, that work at one block after the other. */
export class Pool {
  private readonly workers: Worker[] = [];
  private inside = 0;
  private waiting: { resolve: () => void; reject: (error: Error) => void } | undefined;
  private lost: ThreadFaultError | undefined;

  private constructor(private readonly options: PoolOptions) {}

  /** Starts the threads on a state; they are ready when it resolves. @throws {ThreadFaultError} */
  static async start(options: PoolOptions, state: StateChanges): Promise<Pool> {
    const pool = new Pool(options);
    try {
      await Promise.all(Array.from({ length: options.workers }, () => pool.hire()));
      pool.apply(state);
      return pool;
    } catch (error) {
      await pool.close();
      throw error;
    }
  }

  /** What became of a thread that is lost. */
  get fault(): ThreadFaultError | undefined {
    return this.lost;
  }

  /** Hands on what a block has changed. */
  apply(changes: StateChanges): void {
    this.tell({ type: "state", changes });
  }

  enter(message: BlockMessage): void {
    this.inside = this.workers.length;
    this.tell(message);
  }

  /** Resolves when no thread touches the block's memory any more. @throws {ThreadFaultError} */
  async left(timeoutMs: number): Promise<void> {
    if (this.lost !== undefined) throw this.lost;
    if (this.inside === 0) return;
    const timer = setTimeout(() => this.lose("did not come back from a block"), timeoutMs);
    try {
      await new Promise<void>((resolve, reject) => (this.waiting = { resolve, reject }));
    } finally {
      clearTimeout(timer);
      this.waiting = undefined;
    }
  }

  async close(): Promise<void> {
    for (const worker of this.workers) worker.removeAllListeners().on("error", () => undefined);
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  private hire(): Promise<void> {
    const { memoryMb, rules, blockHashes, untracked, fault } = this.options;
    const worker = new Worker(join(projectRoot, "execution", "parallel", "start.mjs"), {
      workerData: { rules, blockHashes, untracked, fault } satisfies WorkerStart,
      ...(memoryMb !== undefined && { resourceLimits: { maxOldGenerationSizeMb: memoryMb } }),
    });
    this.workers.push(worker);
    return new Promise((resolve, reject) => {
      const lose = (how: string): void => {
        this.lose(how);
        reject(this.lost ?? new ThreadFaultError(how));
      };
      worker.on("error", (error) => lose(`failed: ${error.message}`));
      worker.on("exit", (code) => lose(`ended with code ${code}`));
      worker.on("message", (message: FromWorker) => {
        if (message.type === "ready") resolve();
        else this.leave(message.problem);
      });
    });
  }

  private leave(problem: string | undefined): void {
    if (problem !== undefined) this.lose(`failed: ${problem}`);
    else if (--this.inside === 0) this.waiting?.resolve();
  }

  private lose(how: string): void {
    this.lost ??= new ThreadFaultError(`a worker thread ${how}`);
    this.waiting?.reject(this.lost);
  }

  private tell(message: ToWorker): void {
    for (const worker of this.workers) worker.postMessage(message);
  }
}
