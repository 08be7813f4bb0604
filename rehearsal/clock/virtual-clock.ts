import type { Quiescence } from "./quiescence";
import { type OperationKind, type Running, SlotScheduler, type Waiting } from "./scheduler";

/** Something in the simulated world that an operation waits for while it holds its slot. */
export interface Wait {
  readonly ready: () => boolean;
  /** Virtual time after which the operation gives up, in milliseconds. */
  readonly timeoutMs: number;
  /** The failure of giving up. */
  readonly expired: () => Error;
}

/** What a provider does in a slot: it begins when the slot is granted and finishes at the virtual end. */
export interface Work<T> {
  /** Virtual duration in whole milliseconds; with `wait`, what is still to do once that has happened. */
  readonly durationMs: number;
  readonly wait?: Wait;
  /** Called at the virtual end; may wait for something real (a command), which costs no virtual time. */
  finish(): T | Promise<T>;
  /** Seconds a real program ran, known once it has finished. */
  readonly realSeconds?: number;
}

/** One finished operation, as the report shows it. */
export interface TraceEntry extends Running {
  readonly outcome: "succeeded" | "failed";
  /** Virtual milliseconds of its own work: what is left of `endMs - startMs` without waiting for others. */
  readonly workMs: number;
  /** Seconds a real program ran in this operation; never part of virtual time. */
  readonly realSeconds?: number;
}

interface Held<T = unknown> {
  readonly waiting: Waiting;
  readonly begin: () => Work<T>;
  readonly settle: { resolve(value: T): void; reject(error: unknown): void };
}

/** The engine stopped before this operation had a slot: it would never have asked for it. */
export class WithdrawnError extends Error {
  /** By which the engine's echo of it is told from a real failure. */
  static readonly marker = "withdrawn before it began";
  constructor(urn: string) {
    super(`${WithdrawnError.marker}: ${urn}`);
    this.name = "WithdrawnError";
  }
}

/**
 * Owns the slots and the time of one engine run. The engine itself runs with more parallelism than there are resources,
 * so every operation that could begin arrives here, and only here it is decided which one does.
 */
export class VirtualClock {
  readonly trace: TraceEntry[] = [];
  /** When the engine made each provider: after how many completions. Providers hold no slot. */
  readonly providers: { readonly urn: string; readonly completionsAtArrival: number }[] = [];
  private readonly scheduler: SlotScheduler;
  private readonly waiting = new Map<Waiting, Held>();
  private readonly works = new Map<number, { held: Held; work: Work<unknown>; waitsFor?: Wait | undefined }>();
  private activity = 0;
  private driving = false;
  private cancelled = false;
  private stopped = false;
  /** Set when the clock itself failed (a stall): every later operation fails with it. */
  failure: Error | undefined;

  /**
   * @param slots the `--parallel` that is rehearsed
   * @param continueOnError as the engine's flag: without it nothing begins after the first failure
   */
  constructor(
    slots: number,
    private readonly quiescence: Quiescence,
    private readonly continueOnError: boolean,
    private readonly onChange: (clock: VirtualClock, entry?: TraceEntry) => void = () => undefined,
  ) {
    this.scheduler = new SlotScheduler(slots);
  }

  get nowMs(): number {
    return this.scheduler.nowMs;
  }

  /** URNs that hold a slot now. */
  get runningUrns(): string[] {
    return [...this.works.values()].map(({ held }) => held.waiting.urn);
  }

  /** To be called for every protocol call, so that quiescence is not taken for a moment between two of them. */
  touch(): void {
    this.activity += 1;
  }

  /** The engine makes a provider. */
  makeProvider(urn: string): void {
    this.providers.push({ urn, completionsAtArrival: this.scheduler.completions });
  }

  /** Queues an operation; resolves or rejects at its virtual end with what `finish` gives. */
  run<T>(urn: string, kind: OperationKind, begin: () => Work<T>): Promise<T> {
    this.touch();
    if (this.failure !== undefined) return Promise.reject(this.failure);
    if (this.stopped) return Promise.reject(new WithdrawnError(urn));
    return new Promise<T>((resolve, reject) => {
      const waiting = this.scheduler.arrive(urn, kind);
      this.waiting.set(waiting, { waiting, begin, settle: { resolve, reject } });
      void this.drive();
    });
  }

  /** Ctrl-C: what has no slot never begins; what runs ends at once, the cloud side of it goes on by itself. */
  cancel(): void {
    this.cancelled = true;
    this.stop();
  }

  private stop(): void {
    this.stopped = true;
    for (const [waiting, held] of this.waiting) {
      this.scheduler.withdraw(waiting);
      held.settle.reject(new WithdrawnError(waiting.urn));
    }
    this.waiting.clear();
  }

  private async drive(): Promise<void> {
    if (this.driving) return;
    this.driving = true;
    try {
      while (this.scheduler.held > 0) {
        if (!this.cancelled) {
          await this.quiescence.wait(
            () => ({ total: this.scheduler.held, deletions: this.scheduler.heldDeletions }),
            () => this.activity,
          );
        }
        this.scheduler.grant((waiting) => this.begin(waiting));
        this.onChange(this);
        const ended = this.scheduler.complete();
        if (ended !== undefined) await this.release(ended);
      }
    } catch (error) {
      this.fail(error);
    } finally {
      this.driving = false;
    }
  }

  private begin(waiting: Waiting): number {
    const held = this.waiting.get(waiting);
    if (held === undefined) return 0;
    this.waiting.delete(waiting);
    const work = held.begin();
    const blocked = work.wait !== undefined && !work.wait.ready();
    this.works.set(waiting.id, { held, work, waitsFor: blocked ? work.wait : undefined });
    return blocked ? work.wait.timeoutMs : work.durationMs;
  }

  private async release(ended: Running): Promise<void> {
    const entry = this.works.get(ended.id);
    if (entry === undefined) return;
    let settle: () => void;
    let outcome: TraceEntry["outcome"] = "succeeded";
    try {
      if (entry.waitsFor !== undefined) throw entry.waitsFor.expired();
      const value = await entry.work.finish();
      settle = () => entry.held.settle.resolve(value);
    } catch (error) {
      outcome = "failed";
      settle = () => entry.held.settle.reject(error);
    }
    this.works.delete(ended.id);
    this.wakeWaiting();
    const { realSeconds } = entry.work;
    const workMs = Math.min(entry.work.durationMs, ended.endMs - ended.startMs);
    const finished: TraceEntry = { ...ended, outcome, workMs, ...(realSeconds !== undefined && { realSeconds }) };
    this.trace.push(finished);
    this.onChange(this, finished);
    this.quiescence.released();
    this.touch();
    settle();
    // The engine picks up no further step after a failure; with this many slots of its own it has them all here.
    if (outcome === "failed" && !this.continueOnError) this.stop();
  }

  /** What has just happened may be what others wait for. */
  private wakeWaiting(): void {
    for (const [id, entry] of this.works) {
      if (entry.waitsFor?.ready() !== true) continue;
      entry.waitsFor = undefined;
      this.scheduler.endEarlier(id, this.nowMs + entry.work.durationMs);
    }
  }

  private fail(cause: unknown): void {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    this.failure = error;
    this.onChange(this);
    for (const { settle } of [...this.waiting.values(), ...[...this.works.values()].map((entry) => entry.held)]) {
      settle.reject(error);
    }
    this.waiting.clear();
    this.works.clear();
  }
}
