import type { ArmRefusal } from "../azure/arm";
import type { Graph, GraphWait } from "./graph";
import { NumberHeap } from "./heap";
import type { OperationWorld } from "./model";

/** A graph made ready for many simulations: everything that does not change from run to run. */
export interface Prepared {
  readonly graph: Graph;
  /** Position of each operation in the order of URNs, by which the scheduler breaks ties. */
  readonly rank: Int32Array;
  /** Operation of each rank. */
  readonly ofRank: Int32Array;
  readonly dependents: readonly (readonly number[])[];
  /** For each operation, the wait that it is, if it is one. */
  readonly waitOf: readonly (GraphWait | undefined)[];
  /** For each operation, the waits that its end counts for. */
  readonly countsFor: readonly (readonly GraphWait[])[];
}

/** One simulated run. Times are virtual milliseconds. */
export interface SimulatedRun {
  readonly totalMs: number;
  /** The first operation that failed or gave up waiting, and so ended the run; absent when all succeeded. */
  readonly failed: number | undefined;
  /** What Azure answered to it at last; absent when it gave up waiting. */
  readonly refusal: ArmRefusal | undefined;
  /** Operations in the order of their ends; shorter than the graph when one failed. */
  readonly order: readonly number[];
  /** By operation; -1 where it never began. */
  readonly startMs: Float64Array;
  readonly endMs: Float64Array;
  readonly arrivedMs: Float64Array;
  readonly completionsAtArrival: Int32Array;
  /** What each operation does by itself, without waiting for the network. */
  readonly workMs: Float64Array;
  readonly throttles: number;
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Turns a graph into integers. */
export const prepare = (graph: Graph): Prepared => {
  const { operations, waits } = graph;
  const sorted = operations
    .map(({ urn }, operation) => ({ urn, operation }))
    .sort((a, b) => compareText(a.urn, b.urn))
    .map(({ operation }) => operation);
  const rank = new Int32Array(operations.length);
  sorted.forEach((operation, position) => (rank[operation] = position));
  const dependents: number[][] = operations.map(() => []);
  operations.forEach(({ after }, operation) => after.forEach((other) => dependents[other]?.push(operation)));
  return {
    graph,
    rank,
    ofRank: Int32Array.from(sorted),
    dependents,
    waitOf: operations.map((_, operation) => waits.find((wait) => wait.operation === operation)),
    countsFor: operations.map((_, operation) => waits.filter((wait) => wait.for.includes(operation))),
  };
};

/**
 * Simulates one run of Pulumi's scheduler: what `SlotScheduler` does with arrivals of the real engine, done with the
 * arrivals that the graph gives. Ready operations get free slots in the order (completions at arrival, URN); exactly
 * one operation ends at a time, the earliest, of equals the one whose URN comes first. After a failure nothing begins.
 *
 * Both orders are kept as one number each, (completions or end) × operations + rank, which is exact below 2^53.
 *
 * @param slots the `--parallel`; at least 1, Infinity for no limit
 * @throws RangeError when slots is less than 1
 */
export const simulate = (prepared: Prepared, world: OperationWorld, slots: number): SimulatedRun => {
  if (!(slots >= 1)) throw new RangeError(`slots is ${slots}: it must be at least 1`);
  const run = new Simulation(prepared, world, slots);
  return run.toEnd();
};

class Simulation {
  private readonly size: number;
  private readonly waiting = new NumberHeap();
  private readonly running = new NumberHeap();
  private readonly missing: Int32Array;
  private readonly startMs: Float64Array;
  private readonly endMs: Float64Array;
  private readonly arrivedMs: Float64Array;
  private readonly workMs: Float64Array;
  private readonly arrivals: Int32Array;
  private readonly order: number[] = [];
  private readonly met = new Map<GraphWait, number>();
  private readonly blocked = new Set<number>();
  private nowMs = 0;
  private busy = 0;
  private failed: number | undefined;
  private refusal: ArmRefusal | undefined;

  constructor(
    private readonly prepared: Prepared,
    private readonly world: OperationWorld,
    private readonly slots: number,
  ) {
    const { operations } = prepared.graph;
    this.size = operations.length;
    this.missing = Int32Array.from(operations, ({ after }) => after.length);
    this.startMs = new Float64Array(this.size).fill(-1);
    this.endMs = new Float64Array(this.size).fill(-1);
    this.arrivedMs = new Float64Array(this.size).fill(-1);
    this.workMs = new Float64Array(this.size);
    this.arrivals = new Int32Array(this.size).fill(-1);
  }

  toEnd(): SimulatedRun {
    for (let operation = 0; operation < this.size; operation++) {
      if (this.missing[operation] === 0) this.arrive(operation);
    }
    do this.grant();
    while (this.complete());
    return {
      totalMs: this.nowMs,
      failed: this.failed,
      refusal: this.refusal,
      order: this.order,
      startMs: this.startMs,
      endMs: this.endMs,
      arrivedMs: this.arrivedMs,
      completionsAtArrival: this.arrivals,
      workMs: this.workMs,
      throttles: this.world.throttles,
    };
  }

  private rankOf(operation: number): number {
    return this.prepared.rank[operation] ?? 0;
  }

  private operationOf(key: number): number {
    return this.prepared.ofRank[key % this.size] ?? 0;
  }

  private arrive(operation: number): void {
    this.arrivedMs[operation] = this.nowMs;
    this.arrivals[operation] = this.order.length;
    this.waiting.push(this.order.length * this.size + this.rankOf(operation));
  }

  private grant(): void {
    if (this.failed !== undefined) return;
    while (this.busy < this.slots) {
      const key = this.waiting.pop();
      if (key === undefined) return;
      this.begin(this.operationOf(key));
    }
  }

  private begin(operation: number): void {
    this.busy += 1;
    this.startMs[operation] = this.nowMs;
    const workMs = this.world.begin(operation, this.nowMs);
    if (workMs === undefined) return;
    this.workMs[operation] = workMs;
    const wait = this.prepared.waitOf[operation];
    const waits = wait !== undefined && (this.met.get(wait) ?? 0) < wait.needed;
    if (waits) this.blocked.add(operation);
    this.endAt(operation, this.nowMs + (waits ? wait.timeoutMs : workMs));
  }

  private keyOf(operation: number, endMs: number): number {
    return endMs * this.size + this.rankOf(operation);
  }

  private endAt(operation: number, endMs: number): void {
    this.endMs[operation] = endMs;
    this.running.push(this.keyOf(operation, endMs));
  }

  /** The earliest end that is known; undefined when there is none. */
  private earliest(): number | undefined {
    for (;;) {
      const key = this.running.first;
      if (key === undefined) return undefined;
      const operation = this.operationOf(key);
      // An operation that was woken has left its later end in the heap.
      if (this.keyOf(operation, this.endMs[operation] ?? 0) === key) return key;
      this.running.pop();
    }
  }

  /** Ends the earliest; false when nothing runs. */
  private complete(): boolean {
    const known = this.earliest();
    const knownMs = known === undefined ? Infinity : Math.floor(known / this.size);
    const open = this.world.nextEnd?.(knownMs);
    if (open !== undefined && (known === undefined || this.keyOf(open.operation, open.endMs) < known)) {
      const { operation, endMs } = open;
      this.endMs[operation] = endMs;
      // What waits for Azure is its own work, throttled or not.
      this.workMs[operation] = endMs - (this.startMs[operation] ?? 0);
      this.end(operation);
      const refusal = this.world.complete?.(operation);
      if (refusal === undefined) this.succeed(operation);
      else if (this.failed === undefined) [this.failed, this.refusal] = [operation, refusal];
      return true;
    }
    if (known === undefined) return false;
    this.running.pop();
    const operation = this.operationOf(known);
    this.end(operation);
    if (this.blocked.has(operation)) this.failed ??= operation;
    else this.succeed(operation);
    return true;
  }

  private end(operation: number): void {
    this.nowMs = this.endMs[operation] ?? 0;
    this.busy -= 1;
    this.order.push(operation);
  }

  private succeed(operation: number): void {
    for (const wait of this.prepared.countsFor[operation] ?? []) {
      const met = (this.met.get(wait) ?? 0) + 1;
      this.met.set(wait, met);
      if (met >= wait.needed && this.blocked.delete(wait.operation)) this.wake(wait.operation);
    }
    for (const dependent of this.prepared.dependents[operation] ?? []) {
      const left = (this.missing[dependent] ?? 0) - 1;
      this.missing[dependent] = left;
      if (left === 0) this.arrive(dependent);
    }
  }

  /** What it waited for has happened: its own work is left, unless it gives up before that is done. */
  private wake(operation: number): void {
    const given = this.endMs[operation] ?? 0;
    const endMs = Math.min(given, this.nowMs + (this.workMs[operation] ?? 0));
    if (endMs < given) this.endAt(operation, endMs);
  }
}
