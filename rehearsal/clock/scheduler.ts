/** What the engine asks a provider to do with a resource; each takes one slot of `--parallel`. */
export type OperationKind = "create" | "update" | "delete" | "read";

/** An operation waiting for a slot. */
export interface Waiting {
  /** Tells apart two operations on one URN (an old copy waiting for deletion); never an order. */
  readonly id: number;
  readonly urn: string;
  readonly kind: OperationKind;
  /** How many operations had completed when this one arrived: the first key of the grant order. */
  readonly completionsAtArrival: number;
  /** Virtual time of arrival, in milliseconds. */
  readonly arrivedMs: number;
}

/** An operation that holds a slot until `endMs`. */
export interface Running extends Waiting {
  readonly startMs: number;
  readonly endMs: number;
}

/** Locale-free string order, so that a run is the same everywhere. */
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const grantOrder = (a: Waiting, b: Waiting): number =>
  a.completionsAtArrival - b.completionsAtArrival || compareText(a.urn, b.urn) || compareText(a.kind, b.kind);

const completionOrder = (a: Running, b: Running): number =>
  a.endMs - b.endMs || compareText(a.urn, b.urn) || compareText(a.kind, b.kind);

/** Where a schedule begins: later than at 0 when it goes on after another one. */
export interface SchedulerStart {
  /** Virtual time, in milliseconds. */
  readonly nowMs: number;
  /** Operations that had completed. */
  readonly completions: number;
}

/**
 * Slots and virtual time of one engine run, without clocks, processes or promises.
 *
 * The caller alternates: when nothing in the engine can move any more, `grant` the free slots, then `complete` exactly
 * one operation, the earliest. Between two completions any number of operations may arrive. The order in which they
 * arrive inside that window is the engine's accident and is not used: slots go by (completions at arrival, URN).
 */
export class SlotScheduler {
  nowMs: number;
  completions: number;
  private arrivals = 0;
  private waiting: Waiting[] = [];
  private running: Running[] = [];

  /**
   * @param slots the `--parallel` that is rehearsed; at least 1
   * @param start where the run before this one had come to
   */
  constructor(
    readonly slots: number,
    start: SchedulerStart = { nowMs: 0, completions: 0 },
  ) {
    if (!(slots >= 1)) throw new RangeError(`slots is ${slots}: it must be at least 1`);
    this.nowMs = start.nowMs;
    this.completions = start.completions;
  }

  /** Operations that wait or run. */
  get held(): number {
    return this.waiting.length + this.running.length;
  }

  /** Deletions among them. */
  get heldDeletions(): number {
    return [...this.waiting, ...this.running].filter(({ kind }) => kind === "delete").length;
  }

  arrive(urn: string, kind: OperationKind): Waiting {
    const operation = { id: this.arrivals++, urn, kind, completionsAtArrival: this.completions, arrivedMs: this.nowMs };
    this.waiting.push(operation);
    return operation;
  }

  /**
   * Gives the free slots to waiting operations.
   * @param durationMs called once for each that begins; whole milliseconds, not negative; Infinity while the end is open
   */
  grant(durationMs: (operation: Waiting) => number): Running[] {
    this.waiting.sort(grantOrder);
    const begun = this.waiting.splice(0, Math.max(0, this.slots - this.running.length)).map((operation) => {
      const endMs = this.nowMs + durationMs(operation);
      return { ...operation, startMs: this.nowMs, endMs };
    });
    this.running.push(...begun);
    return begun;
  }

  /** The earliest known end of what runs, in milliseconds; Infinity when there is none. */
  get earliestEndMs(): number {
    return this.running.reduce((earliest, { endMs }) => Math.min(earliest, endMs), Infinity);
  }

  /** Says when an operation ends whose end was open. */
  endAt(id: number, endMs: number): void {
    this.running = this.running.map((running) => (running.id === id ? { ...running, endMs } : running));
  }

  /** Moves the clock to the earliest end and frees its slot; undefined when nothing runs. */
  complete(): Running | undefined {
    this.running.sort(completionOrder);
    const earliest = this.running.shift();
    if (earliest === undefined) return undefined;
    this.nowMs = earliest.endMs;
    this.completions += 1;
    return earliest;
  }

  /** Moves the end of a running operation forward, e.g. when what it waits for has happened. */
  endEarlier(id: number, endMs: number): void {
    this.running = this.running.map((running) =>
      running.id === id ? { ...running, endMs: Math.min(running.endMs, Math.max(endMs, this.nowMs)) } : running,
    );
  }

  /** Forgets an operation that will never run (the engine gave up waiting). */
  withdraw(operation: Waiting): void {
    this.waiting = this.waiting.filter((candidate) => candidate !== operation);
  }
}
