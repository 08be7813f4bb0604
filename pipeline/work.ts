import { type Capacity, dominantShare, fits, kinds, oneJob, oneSlot } from "./capacity";
import type { Timed } from "./durations";
import { link, type Links, type Node, ranksOf } from "./graph";
import { groupBy } from "./group";
import { PipelineInputError } from "./input";

/** A job to be given to a runner. */
export interface Job extends Node, Timed {
  readonly needs: Capacity;
  /** Pool that its runner must be of; any that has its platform when undefined. */
  readonly pool?: string | undefined;
  readonly platform?: string | undefined;
}

/** A machine that runs jobs, as many at a time as its capacity holds. */
export interface Runner {
  readonly name: string;
  readonly pool: string;
  readonly platform?: string | undefined;
  readonly capacity: Capacity;
}

/** Jobs and runners, checked and ready to be planned and simulated. */
export interface Work {
  readonly jobs: readonly Job[];
  readonly runners: readonly Runner[];
  readonly links: Links;
  /** Runners by index that can hold a job, by the job's index. Jobs alike share one array. */
  readonly able: readonly (readonly number[])[];
  /** Jobs of one shape need the same and fit the same runners: shape by the job's index. */
  readonly shapes: readonly number[];
}

const shapeOf = ({ needs, pool, platform }: Job): string =>
  `${pool ?? ""}\n${platform ?? ""}\n${kinds.map((kind) => needs[kind]).join(" ")}`;

/**
 * Checks that every job can run at all.
 *
 * @param where the file, for messages
 * @throws PipelineInputError for a circle, a negative duration, or a job that fits no runner
 */
export function prepare(jobs: readonly Job[], runners: readonly Runner[], where = "the plan"): Work {
  const links = link(jobs, where);
  if (runners.length === 0) throw new PipelineInputError(where, "has no runners", "at least one");
  for (const { name, seconds } of jobs) {
    if (!Number.isFinite(seconds) || seconds < 0) {
      throw new PipelineInputError(`${where}, jobs.${name}.seconds`, `is ${seconds}`, "a number of at least 0");
    }
  }
  const numbers = new Map<string, number>();
  const ableOf: (readonly number[])[] = [];
  const shapes = jobs.map((job) => {
    const key = shapeOf(job);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const able = runners.flatMap((runner, index) => (canHold(runner, job) ? [index] : []));
    if (able.length === 0) refuseUnplaceable(job, runners, where);
    numbers.set(key, ableOf.length);
    ableOf.push(able);
    return ableOf.length - 1;
  });
  return { jobs, runners, links, shapes, able: shapes.map((shape) => ableOf[shape] ?? []) };
}

const isOf = ({ pool, platform }: Runner, job: Job): boolean =>
  (job.pool === undefined || job.pool === pool) && (job.platform === undefined || job.platform === platform);

const canHold = (runner: Runner, job: Job): boolean => isOf(runner, job) && fits(job.needs, runner.capacity);

function refuseUnplaceable(job: Job, runners: readonly Runner[], where: string): never {
  const place = `${where}, jobs.${job.name}`;
  const suitable = runners.filter((runner) => isOf(runner, job));
  if (suitable.length === 0) {
    const known = [...new Set(runners.map(({ pool, platform }) => `${pool} (${platform ?? "any platform"})`))];
    const asked = [job.pool && `pool ${job.pool}`, job.platform && `platform ${job.platform}`].filter(Boolean);
    throw new PipelineInputError(place, `wants ${asked.join(", ")}, which no runner is of`, known.join(", "));
  }
  const best = [...suitable].sort(
    (a, b) => dominantShare(job.needs, a.capacity) - dominantShare(job.needs, b.capacity),
  )[0];
  const over = kinds.filter((kind) => job.needs[kind] > (best?.capacity[kind] ?? 0));
  const wants = over.map((kind) => `${kind} ${job.needs[kind]}`).join(", ");
  const has = over.map((kind) => `${kind} ${best?.capacity[kind] ?? 0}`).join(", ");
  throw new PipelineInputError(`${place}.needs`, `are ${wants}`, `what one runner has: ${has}`);
}

/** Test files as jobs that wait for nothing, and equal runners with one job at a time: what shards are made of. */
export function independent(files: readonly Timed[], runners: number, where = "the test files"): Work {
  if (!Number.isSafeInteger(runners) || runners < 1) {
    throw new PipelineInputError(where, `are for ${runners} shards`, "a whole number of at least 1");
  }
  return prepare(
    files.map(({ name, seconds }) => ({ name, seconds, after: [], needs: oneSlot })),
    Array.from({ length: runners }, (_, index) => ({ name: `${index + 1}`, pool: "shards", capacity: oneJob })),
    where,
  );
}

/** A time that no schedule undercuts, and what sets it. */
export interface LowerBound {
  readonly seconds: number;
  readonly because: string;
}

/**
 * The longest of: the longest job or chain of jobs, and for each set of runners the work that only they can do over their
 * capacity, of each kind (Graham, 1969; Garey and Graham, 1975, for several kinds).
 *
 * @param seconds by the job's index; what is planned when not given
 */
export function lowerBound(
  { jobs, runners, links, able }: Work,
  seconds: (index: number) => number = (index) => jobs[index]?.seconds ?? 0,
): LowerBound {
  const ranks = ranksOf(links, seconds);
  const first = ranks.reduce((best, rank, index) => (rank > (ranks[best] ?? 0) ? index : best), 0);
  const alone = links.after[first]?.length === 0;
  const chain = {
    seconds: ranks[first] ?? 0,
    because: `${jobs[first]?.name ?? "nothing"}${alone ? "" : " and what waits for it"}`,
  };
  const indexes = jobs.map((_, index) => index);
  const sets = groupBy(indexes, (index) => able[index] ?? []);
  // What only a part of the runners can do, and all of it: each is a bound.
  const every = runners.map((_, index) => index);
  const candidates = [...sets.keys(), every];
  return candidates.reduce<LowerBound>((bound, some) => {
    const inside = new Set(some);
    const work = indexes.filter((index) => (able[index] ?? []).every((runner) => inside.has(runner)));
    return kinds.reduce((best, kind) => {
      const room = some.reduce((total, runner) => total + (runners[runner]?.capacity[kind] ?? 0), 0);
      const needed = work.reduce((total, index) => total + seconds(index) * (jobs[index]?.needs[kind] ?? 0), 0);
      const pools = [...new Set(some.map((runner) => runners[runner]?.pool ?? ""))].join(", ");
      const time = room > 0 ? needed / room : 0;
      return time > best.seconds ? { seconds: time, because: `${kind} of ${pools}, all in use` } : best;
    }, bound);
  }, chain);
}
