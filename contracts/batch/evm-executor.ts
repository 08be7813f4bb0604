import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { zeroAddress } from "viem";
import { projectRoot } from "../../toolchain/paths";
import type { Executor, Outcome, PreparedCall } from "./executor";
import type { FromWorker, ToWorker } from "./evm/messages";
import { StateServer } from "./evm/state-server";

export interface EvmExecutorOptions {
  readonly url: string;
  readonly chainId: number;
  /** Worker threads. @default threadsFor(Infinity) */
  readonly threads: number;
  /** For one item, in milliseconds, state that it waits for included. */
  readonly timeoutMs: number;
}

/** Calls that a worker has at a time, so that it never waits for the next one. */
const CALLS_PER_WORKER = 4;

/** As many threads as there are cores, and no more than items may be under way. */
export const threadsFor = (concurrency: number): number => Math.max(1, Math.min(availableParallelism(), concurrency));

interface Job {
  readonly call: PreparedCall;
  readonly resolve: (outcome: Outcome) => void;
}

/** A worker thread and the calls that it has, the one under way first. */
interface Hand {
  readonly worker: Worker;
  /** It has been loaded, which is no call's time. */
  ready: boolean;
  readonly jobs: Map<number, Job>;
  timer?: NodeJS.Timeout | undefined;
}

/**
 * Independent calls in EVM worker threads, on the chain's state at their block: the node gives state, each account and
 * slot once, and computes nothing. A call that takes too long costs its thread, which is replaced.
 */
export class EvmExecutor implements Executor {
  readonly transport = "evm";
  private readonly stop = new AbortController();
  private readonly state: StateServer;
  private hands: Hand[] = [];
  private waiting: Job[] = [];
  private lastId = 0;

  constructor(private readonly options: EvmExecutorOptions) {
    this.state = new StateServer(options.url, options.timeoutMs, this.stop.signal);
  }

  async *execute(calls: Iterable<PreparedCall>): AsyncGenerator<Outcome> {
    const source = calls[Symbol.iterator]();
    const underWay: Promise<Outcome>[] = [];
    const startNext = (): void => {
      const next = source.next();
      if (next.done === true) return;
      underWay.push(new Promise((resolve) => this.give({ call: next.value, resolve })));
    };
    try {
      for (let started = 0; started < this.options.threads * CALLS_PER_WORKER * 2; started++) startNext();
      for (let first = underWay.shift(); first !== undefined; first = underWay.shift()) {
        const outcome = await first;
        startNext();
        yield outcome;
      }
    } finally {
      this.stop.abort();
      await Promise.all(this.hands.map((hand) => this.dismiss(hand)));
    }
  }

  private give(job: Job): void {
    this.waiting.push(job);
    this.handOut();
  }

  private handOut(): void {
    while (this.waiting.length > 0) {
      const free = this.hands.filter(({ jobs }) => jobs.size < CALLS_PER_WORKER);
      const idle = free.find(({ jobs }) => jobs.size === 0);
      const hand =
        idle ??
        (this.hands.length < this.options.threads ? this.hire() : free.sort((a, b) => a.jobs.size - b.jobs.size)[0]);
      const job = hand === undefined ? undefined : this.waiting.shift();
      if (hand === undefined || job === undefined) return;
      const id = ++this.lastId;
      hand.jobs.set(id, job);
      const { to, data, from = zeroAddress, value = 0n, block } = job.call;
      hand.worker.postMessage({ type: "run", id, to, data, from, value, block } satisfies ToWorker);
      if (hand.jobs.size === 1) this.watch(hand);
    }
  }

  private hire(): Hand {
    const { chainId } = this.options;
    const worker = new Worker(join(projectRoot, "contracts", "batch", "evm", "start.mjs"), { workerData: { chainId } });
    const hand: Hand = { worker, ready: false, jobs: new Map() };
    worker.on("message", (message: FromWorker) => {
      if (message.type === "ask") {
        void this.state.answer(message).then((answer) => worker.postMessage(answer));
        return;
      }
      if (message.type === "ready") {
        hand.ready = true;
        this.watch(hand);
        return;
      }
      const { id, outcome, durationMs } = message;
      const job = hand.jobs.get(id);
      hand.jobs.delete(id);
      this.watch(hand);
      job?.resolve({ ...outcome, durationMs });
      this.handOut();
    });
    worker.on("error", (error) => this.lose(hand, `the EVM worker failed: ${error.message}`, 0));
    this.hands.push(hand);
    return hand;
  }

  /** Gives the call under way its time; the ones behind it get theirs when they begin. */
  private watch(hand: Hand): void {
    clearTimeout(hand.timer);
    hand.timer = undefined;
    const { timeoutMs } = this.options;
    if (hand.ready && hand.jobs.size > 0)
      hand.timer = setTimeout(() => this.lose(hand, "timeout", timeoutMs), timeoutMs);
  }

  /** Ends a worker: its call under way has failed, the others go to somebody else. */
  private lose(hand: Hand, reason: string, durationMs: number): void {
    const [underWay, ...behind] = hand.jobs.values();
    hand.jobs.clear();
    this.hands = this.hands.filter((each) => each !== hand);
    void this.dismiss(hand);
    underWay?.resolve({ kind: "failed", reason, durationMs });
    this.waiting.unshift(...behind);
    this.handOut();
  }

  private async dismiss(hand: Hand): Promise<void> {
    clearTimeout(hand.timer);
    hand.worker.removeAllListeners("error").on("error", () => undefined);
    await hand.worker.terminate();
  }
}
