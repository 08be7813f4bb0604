import { type Capacity, fits, less, oneSlot } from "./capacity";
import { sum } from "./statistics";
import type { Work } from "./work";

/** What a strategy decides. */
export interface Assignment {
  /** Indexes of the jobs: who comes first asks first. */
  readonly order: readonly number[];
  /** Runner's index by the job's; undefined when each job goes to whichever runner is free at its turn. */
  readonly runnerOf?: readonly number[] | undefined;
}

/** One job on one runner, in seconds since the beginning. */
export interface Slot {
  readonly job: number;
  readonly runner: number;
  readonly beginSeconds: number;
  readonly endSeconds: number;
}

/** When and where each job runs. */
export interface Schedule {
  /** By the job's index. */
  readonly slots: readonly Slot[];
  /** End of the last job. */
  readonly makespanSeconds: number;
}

/** Where a value belongs in values that fall, after its equals. */
function placeIn<Value>(values: readonly Value[], keyOf: (value: Value) => number, key: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = values[middle];
    if (at !== undefined && keyOf(at) >= key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Jobs alike that wait for one of some runners. */
class Queue {
  /** Places in the order; the first one last, so that taking it is cheap. */
  private readonly ranks: number[] = [];

  constructor(readonly runners: readonly number[]) {}

  add(rank: number): void {
    this.ranks.splice(
      placeIn(this.ranks, (each) => each, rank),
      0,
      rank,
    );
  }

  get first(): number {
    return this.ranks.at(-1) ?? Infinity;
  }

  take(): void {
    this.ranks.pop();
  }
}

/**
 * Lets jobs run: whenever a job becomes ready or a runner gets room, jobs start in their order, each when its runner (or,
 * without one, the fullest runner that can still hold it) has room. A job that does not fit yet holds up none behind it
 * that needs something else.
 *
 * @param seconds by the job's index: what it takes, which need not be what was planned
 */
export function execute(
  { jobs, runners, links, able, shapes }: Work,
  { order, runnerOf }: Assignment,
  seconds: (index: number) => number = (index) => jobs[index]?.seconds ?? 0,
): Schedule {
  const rankOf: number[] = [];
  order.forEach((job, rank) => (rankOf[job] = rank));
  const missing = links.before.map(({ length }) => length);
  const rooms: Capacity[] = runners.map(({ capacity }) => capacity);
  /** Queues by shape: of each runner when every job has its runner, else one set of queues for all (at 0). */
  const queues: Map<number, Queue>[] = (runnerOf === undefined ? [0] : runners).map(() => new Map<number, Queue>());
  /** Sets of queues in which something may start now. */
  const touched = new Set<number>();
  /** Jobs under way, the soonest to end last. */
  const running: Slot[] = [];
  const slots: Slot[] = [];
  let now = 0;

  const makeReady = (job: number): void => {
    const runner = runnerOf?.[job];
    const own = queues[runner ?? 0];
    const shape = shapes[job] ?? 0;
    const queue = own?.get(shape) ?? new Queue(runner === undefined ? (able[job] ?? []) : [runner]);
    own?.set(shape, queue);
    queue.add(rankOf[job] ?? 0);
    touched.add(runner ?? 0);
  };

  const roomFor = (needs: Capacity, among: readonly number[]): number | undefined => {
    let best: number | undefined;
    for (const runner of among) {
      const room = rooms[runner];
      if (room === undefined || !fits(needs, room)) continue;
      if (best === undefined || room.slots < (rooms[best]?.slots ?? 0)) best = runner;
    }
    return best;
  };

  /** Starts what can start, in order; a queue whose first job finds no room is left alone. */
  const startAll = (some: Iterable<Queue>): void => {
    const open = new Set(some);
    while (open.size > 0) {
      let next: Queue | undefined;
      for (const queue of open) if (queue.first < (next?.first ?? Infinity)) next = queue;
      if (next === undefined) return;
      const job = order[next.first] ?? 0;
      const needs = jobs[job]?.needs ?? oneSlot;
      const runner = roomFor(needs, next.runners);
      if (runner === undefined) {
        open.delete(next);
        continue;
      }
      next.take();
      rooms[runner] = less(rooms[runner] ?? needs, needs);
      const slot = { job, runner, beginSeconds: now, endSeconds: now + seconds(job) };
      running.splice(
        placeIn(running, ({ endSeconds }) => endSeconds, slot.endSeconds),
        0,
        slot,
      );
      slots[job] = slot;
    }
  };

  missing.forEach((count, job) => count === 0 && makeReady(job));
  for (;;) {
    for (const at of touched) startAll(queues[at]?.values() ?? []);
    touched.clear();
    const soonest = running.at(-1);
    if (soonest === undefined) break;
    now = soonest.endSeconds;
    for (let ended = running.at(-1); ended !== undefined && ended.endSeconds <= now; ended = running.at(-1)) {
      running.pop();
      const { job, runner } = ended;
      const needs = jobs[job]?.needs ?? oneSlot;
      rooms[runner] = less(rooms[runner] ?? needs, needs, -1);
      touched.add(runnerOf === undefined ? 0 : runner);
      for (const follower of links.after[job] ?? []) {
        const count = (missing[follower] ?? 0) - 1;
        missing[follower] = count;
        if (count === 0) makeReady(follower);
      }
    }
  }
  return { slots, makespanSeconds: slots.reduce((last, { endSeconds }) => Math.max(last, endSeconds), 0) };
}

/** Seconds that each runner is at work, by its index. */
export const workOf = ({ runners }: Work, { slots }: Schedule): number[] =>
  runners.map((_, index) =>
    sum(
      slots.filter(({ runner }) => runner === index).map(({ beginSeconds, endSeconds }) => endSeconds - beginSeconds),
    ),
  );

/**
 * What is wrong with a schedule; the checker knows nothing of how it was made.
 *
 * @returns one sentence a fault: a job that is missing, runs where it must not, begins too early, or overfills a runner
 */
export function faultsOf({ jobs, runners, links, able }: Work, { slots, makespanSeconds }: Schedule): string[] {
  const faults: string[] = [];
  const close = 1e-6;
  jobs.forEach(({ name }, index) => {
    const slot = slots[index];
    if (slot?.job !== index) return void faults.push(`${name} does not run`);
    if (!(able[index] ?? []).includes(slot.runner)) faults.push(`${name} runs on a runner that cannot hold it`);
    if (slot.endSeconds > makespanSeconds + close) faults.push(`${name} ends after the end`);
    for (const other of links.before[index] ?? []) {
      const before = slots[other];
      if (before !== undefined && before.endSeconds > slot.beginSeconds + close) {
        faults.push(`${name} begins before ${jobs[other]?.name ?? ""} has ended`);
      }
    }
  });
  runners.forEach(({ name, capacity }, runner) => {
    const here = slots.filter((slot) => slot.runner === runner);
    for (const { beginSeconds: moment } of here) {
      const together = here.filter((slot) => slot.beginSeconds <= moment && slot.endSeconds > moment);
      const taken = together.reduce<Capacity>((room, { job }) => less(room, jobs[job]?.needs ?? room), capacity);
      if (Object.values(taken).some((room) => room < -close)) {
        faults.push(`runner ${name} is overfull at ${moment} s`);
        break;
      }
    }
  });
  return faults;
}
