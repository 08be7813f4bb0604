import { dominantShare, kinds, oneSlot } from "./capacity";
import { ranksOf } from "./graph";
import { type Assignment, execute } from "./schedule";
import type { Work } from "./work";

export const strategyNames = ["round-robin", "least-loaded", "resource-aware", "adaptive", "predictive"] as const;
export type StrategyName = (typeof strategyNames)[number];

/** A way to give jobs to runners. It sees what is predicted, never what will have happened. */
export interface Strategy {
  readonly name: StrategyName;
  /**
   * `before`: every job has its runner before the run, as a CI matrix needs it. `during`: a job gets the next free runner,
   * which needs a queue that the runners ask while they work.
   */
  readonly binds: "before" | "during";
  /** One line for people. */
  readonly summary: string;
  assign(work: Work): Assignment;
}

/** Jobs so that none comes before one it waits for, else as `before` says (less than 0: the first one first). */
function ordered({ jobs, links }: Work, before: (a: number, b: number) => number): number[] {
  const indexes = jobs.map((_, index) => index);
  if (links.before.every(({ length }) => length === 0)) return indexes.sort(before);
  const place: number[] = [];
  links.order.forEach((index, at) => (place[index] = at));
  return indexes.sort((a, b) => before(a, b) || (place[a] ?? 0) - (place[b] ?? 0));
}

/** The longest first, counting what waits for a job: LPT (Graham, 1969), aware of dependencies. */
function longestFirst(work: Work): number[] {
  const ranks = ranksOf(work.links, (index) => work.jobs[index]?.seconds ?? 0);
  return ordered(work, (a, b) => (ranks[b] ?? 0) - (ranks[a] ?? 0));
}

/** The first of the runners that can hold a job for which a cost is least. */
function least(able: readonly number[], cost: (runner: number) => number): number {
  let [best, lowest] = [able[0] ?? 0, Infinity];
  for (const runner of able) {
    const value = cost(runner);
    if (value < lowest) [best, lowest] = [runner, value];
  }
  return best;
}

const asNamed = ({ links }: Work): readonly number[] => links.order;

const roundRobin: Strategy = {
  name: "round-robin",
  binds: "before",
  summary: "dealt out in turn, durations unknown",
  assign: (work) => {
    const order = asNamed(work);
    const dealt = new Map<readonly number[], number>();
    const runnerOf: number[] = [];
    for (const job of order) {
      const able = work.able[job] ?? [];
      const turn = dealt.get(able) ?? 0;
      dealt.set(able, turn + 1);
      runnerOf[job] = able[turn % able.length] ?? 0;
    }
    return { order, runnerOf };
  },
};

const leastLoaded: Strategy = {
  name: "least-loaded",
  binds: "before",
  summary: "in the given order, each to the runner with the least predicted work",
  assign: (work) => {
    const order = asNamed(work);
    const loads = work.runners.map(() => 0);
    const runnerOf: number[] = [];
    for (const job of order) {
      const runner = least(work.able[job] ?? [], (each) => loads[each] ?? 0);
      loads[runner] = (loads[runner] ?? 0) + (work.jobs[job]?.seconds ?? 0);
      runnerOf[job] = runner;
    }
    return { order, runnerOf };
  },
};

const resourceAware: Strategy = {
  name: "resource-aware",
  binds: "before",
  summary: "the most work first, each where the scarcest of cores, memory and io stays freest",
  assign: (work) => {
    const { jobs, runners } = work;
    const [some] = runners;
    const volume = jobs.map(({ seconds, needs }, job) => {
      const first = runners[work.able[job]?.[0] ?? 0] ?? some;
      return first === undefined ? 0 : seconds * dominantShare(needs, first.capacity);
    });
    const order = ordered(work, (a, b) => (volume[b] ?? 0) - (volume[a] ?? 0));
    // Capacity-seconds booked of each kind, by runner; a kind that is not counted is never scarce.
    const booked = runners.map(() => ({ slots: 0, cpu: 0, memoryGiB: 0, io: 0 }));
    const runnerOf: number[] = [];
    for (const job of order) {
      const { needs = oneSlot, seconds = 0 } = jobs[job] ?? {};
      const needed = kinds.filter((kind) => needs[kind] > 0);
      const runner = least(work.able[job] ?? [], (each) => {
        const [own, capacity] = [booked[each], runners[each]?.capacity];
        let most = 0;
        if (own === undefined || capacity === undefined) return most;
        for (const kind of needed) most = Math.max(most, (own[kind] + seconds * needs[kind]) / capacity[kind]);
        return most;
      });
      const own = booked[runner];
      if (own !== undefined) for (const kind of needed) own[kind] += seconds * needs[kind];
      runnerOf[job] = runner;
    }
    return { order, runnerOf };
  },
};

const adaptive: Strategy = {
  name: "adaptive",
  binds: "during",
  summary: "a queue, longest predicted first: the next job to whoever is free",
  assign: (work) => ({ order: longestFirst(work) }),
};

const predictive: Strategy = {
  name: "predictive",
  binds: "before",
  summary: "that queue simulated on predicted durations, and every job kept where it ran",
  assign: (work) => {
    const order = longestFirst(work);
    const { slots } = execute(work, { order });
    return { order, runnerOf: slots.map(({ runner }) => runner) };
  },
};

/** Every strategy by name. */
export const strategies: Readonly<Record<StrategyName, Strategy>> = {
  "round-robin": roundRobin,
  "least-loaded": leastLoaded,
  "resource-aware": resourceAware,
  adaptive,
  predictive,
};
