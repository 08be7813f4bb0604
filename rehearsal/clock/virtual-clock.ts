import type { Quiescence } from "./quiescence";
import { type OperationKind, type Running, type SchedulerStart, SlotScheduler, type Waiting } from "./scheduler";

/** Something in the simulated world that an operation waits for while it holds its slot. */
export interface Wait {
  readonly ready: () => boolean;
  /** Virtual time after which the operation gives up, in milliseconds. */
  readonly timeoutMs: number;
  /** The failure of giving up. */
  readonly expired: () => Error;
}

/** A model with a time of its own, in which the ends of operations follow from each other. */
export interface OpenEnds {
  /** The earliest end up to `limitMs`; the same until that operation has been completed. */
  nextEnd(limitMs: number): { readonly id: number; readonly atMs: number } | undefined;
}

/** What is known of an operation besides its times, once it has ended. */
export interface Incidents {
  /** Intervals in which it waited because it was throttled, in milliseconds of virtual time. */
  readonly throttledMs?: readonly (readonly [number, number])[];
  readonly retries?: number;
  /** `--fault`s that it met. */
  readonly faults?: readonly string[];
  /** Azure's code of the failure, e.g. `SubscriptionRequestsThrottled`. */
  readonly errorCode?: string;
}

/** What a provider does in a slot: it begins when the slot is granted and finishes at the virtual end. */
export interface Work<T> {
  /** Virtual duration in whole milliseconds; with `wait`, what is still to do once that has happened. */
  readonly durationMs: number;
  readonly wait?: Wait;
  /** Begins it in the clock's model and gives its id there: the model tells the end, whatever `durationMs` says. */
  readonly open?: (nowMs: number) => number;
  /** Called once after `finish`. */
  readonly incidents?: () => Incidents;
  /** Called at the virtual end; may wait for something real (a command), which costs no virtual time. */
  finish(): T | Promise<T>;
  /** Seconds a real program ran, known once it has finished. */
  readonly realSeconds?: number;
}

/** One finished operation, as the report shows it. */
export interface TraceEntry extends Running, Incidents {
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

/** What a clock may be given besides slots and quiescence. */
export interface ClockOptions {
  /** Tells the ends of work that has `open`. */
  readonly model?: OpenEnds;
  /** Logical names of resources at whose virtual end the engine dies: what they did stays done, nobody is told. */
  readonly crashAt?: readonly string[];
  /** Where the attempt before this one had come to. @default the beginning */
  readonly start?: SchedulerStart;
  /** Kills the engine. */
  readonly onCrash?: (urn: string) => void;
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
  /** URN at whose end the engine was killed. */
  crashed: string | undefined;
  private readonly openIds = new Map<number, number>(); // the model's id -> the scheduler's
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
    private readonly options: ClockOptions = {},
  ) {
    this.scheduler = new SlotScheduler(slots, options.start);
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
    if (this.crashed !== undefined) return new Promise(() => undefined);
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
      while (this.scheduler.held > 0 && this.crashed === undefined) {
        if (!this.cancelled) {
          await this.quiescence.wait(
            () => ({ total: this.scheduler.held, deletions: this.scheduler.heldDeletions }),
            () => this.activity,
          );
        }
        this.scheduler.grant((waiting) => this.begin(waiting));
        this.onChange(this);
        this.closeOpenEnds();
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
    if (work.open !== undefined) {
      this.openIds.set(work.open(this.nowMs), waiting.id);
      return Infinity;
    }
    return blocked ? work.wait.timeoutMs : work.durationMs;
  }

  /** Asks the model for its next end, no further than to the earliest end that is known already. */
  private closeOpenEnds(): void {
    if (this.openIds.size === 0) return;
    const end = this.options.model?.nextEnd(this.scheduler.earliestEndMs);
    if (end !== undefined) this.scheduler.endAt(this.openIds.get(end.id) ?? -1, end.atMs);
    else if (this.scheduler.earliestEndMs === Infinity) throw new Error("operations run in the model, and none ends");
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
    for (const [open, id] of this.openIds) if (id === ended.id) this.openIds.delete(open);
    this.wakeWaiting();
    const { realSeconds, open, durationMs } = entry.work;
    const tookMs = ended.endMs - ended.startMs;
    const finished: TraceEntry = {
      ...ended,
      outcome,
      // What waits for Azure is its own work, throttled or not; what waits for another operation is not.
      workMs: open === undefined ? Math.min(durationMs, tookMs) : tookMs,
      ...entry.work.incidents?.(),
      ...(realSeconds !== undefined && { realSeconds }),
    };
    this.trace.push(finished);
    this.onChange(this, finished);
    if (this.options.crashAt?.includes(ended.urn.split("::").at(-1) ?? "") === true) {
      this.crash(ended.urn);
      return;
    }
    this.quiescence.released(outcome === "failed");
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

  /** The engine is gone: nothing is answered any more. */
  private crash(urn: string): void {
    this.crashed = urn;
    this.stopped = true;
    this.waiting.clear();
    this.works.clear();
    this.options.onCrash?.(urn);
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
