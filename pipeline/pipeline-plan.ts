import type { Timed } from "./durations";
import { criticalPath, link, type Path, stagesOf } from "./graph";
import { PipelineInputError } from "./input";
import type { Pipeline, PipelineJob } from "./pipeline-file";
import { runnersOf } from "./pipeline-file";
import { matches } from "./glob";
import { billedMinutes } from "./prices";
import { execute } from "./schedule";
import { split } from "./split";
import { type StrategyName, strategies } from "./strategies";
import { type Job, type LowerBound, lowerBound, prepare } from "./work";

/** A job of a planned pipeline. */
export interface PlannedJob extends Job {
  readonly group: string | undefined;
  /** 0 for a job that waits for nothing. */
  readonly stage: number;
  readonly runner: string;
  readonly runsOn: string | undefined;
  readonly beginSeconds: number;
  readonly endSeconds: number;
  /** Test files, of a shard. */
  readonly tests: readonly string[] | undefined;
  /** USD, minutes rounded up; undefined without a price. */
  readonly usd: number | undefined;
}

/** A pipeline with a place and a time for every job. */
export interface PipelinePlan {
  readonly strategy: StrategyName;
  readonly jobs: readonly PlannedJob[];
  readonly durationSeconds: number;
  readonly criticalPath: Path;
  readonly lowerBound: LowerBound;
  /** Billed minutes of all jobs. */
  readonly minutes: number;
  /** Sum of what is known. */
  readonly usd: number;
  /** Jobs whose price is not known, which are not in that sum. */
  readonly unpriced: readonly string[];
}

/** What durations are known by. */
export interface Known {
  /** Seconds by job, from the history. */
  readonly jobs: ReadonlyMap<string, number>;
  /** Test files with what they are predicted to take. */
  readonly tests: readonly Timed[];
}

type Part = Job & { readonly group: string | undefined; readonly tests: readonly string[] | undefined };

/** A job as one, or its test files as several: `unit` becomes `unit-1`, `unit-2`, … */
function partsOf(job: PipelineJob, shards: number, known: Known, strategy: StrategyName, file: string): Part[] {
  const { name, after, needs, pool, platform, group } = job;
  const common = { after, needs, pool, platform, group };
  if (job.tests === undefined) {
    const seconds = known.jobs.get(name) ?? job.seconds;
    if (seconds !== undefined) return [{ ...common, name, seconds, tests: undefined }];
    throw new PipelineInputError(
      `${file}, jobs.${name}.seconds`,
      "is missing",
      "seconds, or a history that has the job",
    );
  }
  const patterns = job.tests;
  const files = known.tests.filter((test) => patterns.some((pattern) => matches(pattern, test.name)));
  if (files.length === 0) {
    throw new PipelineInputError(
      `${file}, jobs.${name}.tests`,
      `match no test file of the history`,
      "patterns that match",
    );
  }
  const own = split(
    files,
    Math.min(shards, files.length),
    strategies[strategy].binds === "before" ? strategy : "predictive",
  );
  return own.shards.map(({ shard, tests, seconds }) => ({
    ...common,
    name: own.shards.length === 1 ? name : `${name}-${shard}`,
    seconds: seconds + job.setupSeconds,
    tests,
  }));
}

/** Plans with a number of shards for each job that has tests. */
function planWith(
  pipeline: Pipeline,
  known: Known,
  strategy: StrategyName,
  shardsOf: (job: PipelineJob) => number,
  file: string,
): PipelinePlan {
  const parts = pipeline.jobs.map((job) => partsOf(job, shardsOf(job), known, strategy, file));
  const names = new Map(pipeline.jobs.map(({ name }, index) => [name, parts[index]?.map((part) => part.name) ?? []]));
  const jobs = parts.flat().map((part) => ({ ...part, after: part.after.flatMap((other) => names.get(other) ?? []) }));
  const runners = runnersOf(pipeline.pools);
  const work = prepare(jobs, runners, file);
  const { slots, makespanSeconds } = execute(work, strategies[strategy].assign(work));
  const links = link(jobs, file);
  const stages = stagesOf(links);
  const pools = new Map(pipeline.pools.map((pool) => [pool.name, pool]));
  const planned = jobs.map((job, index): PlannedJob => {
    const slot = slots[index];
    const runner = runners[slot?.runner ?? 0];
    const pool = pools.get(runner?.pool ?? "");
    const usd = pool?.usdAMinute === undefined ? undefined : billedMinutes(job.seconds) * pool.usdAMinute;
    const { beginSeconds = 0, endSeconds = 0 } = slot ?? {};
    const stage = stages[index] ?? 0;
    return { ...job, stage, runner: runner?.name ?? "", runsOn: pool?.runsOn, beginSeconds, endSeconds, usd };
  });
  return {
    strategy,
    jobs: planned,
    durationSeconds: makespanSeconds,
    criticalPath: criticalPath(jobs, links, (index) => jobs[index]?.seconds ?? 0),
    lowerBound: lowerBound(work),
    minutes: planned.reduce((total, { seconds }) => total + billedMinutes(seconds), 0),
    usd: planned.reduce((total, { usd }) => total + (usd ?? 0), 0),
    unpriced: planned.flatMap(({ name, usd }) => (usd === undefined ? [name] : [])),
  };
}

/**
 * Gives every job of a pipeline a runner and a time. `shards: auto` takes the number between the limits with which the
 * whole pipeline ends first; of equals the fewer. Jobs are tried one after the other, in the file's order.
 *
 * @param limits least and largest number of shards for `auto`
 * @param file for messages
 * @throws PipelineInputError for a job without a duration, or one that fits no runner
 */
export function planPipeline(
  pipeline: Pipeline,
  known: Known,
  strategy: StrategyName,
  limits: { readonly min: number; readonly max: number },
  file: string,
): PipelinePlan {
  const chosen = new Map<string, number>();
  const shardsOf = (job: PipelineJob): number =>
    chosen.get(job.name) ?? (typeof job.shards === "number" ? job.shards : job.shards === "auto" ? limits.min : 1);
  let best = planWith(pipeline, known, strategy, shardsOf, file);
  for (const job of pipeline.jobs) {
    if (job.shards !== "auto") continue;
    let fewest = limits.min;
    for (let shards = limits.min + 1; shards <= limits.max; shards += 1) {
      chosen.set(job.name, shards);
      const plan = planWith(pipeline, known, strategy, shardsOf, file);
      if (plan.durationSeconds < best.durationSeconds - 1e-9) [best, fewest] = [plan, shards];
    }
    chosen.set(job.name, fewest);
  }
  return best;
}
