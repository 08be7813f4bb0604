import { type Estimate, estimate, type TestFile } from "./estimate";
import { type Observation, runsOf } from "./history";
import { levels, type LevelName } from "./levels";
import type { PlanFile } from "./plan-file";
import { quarantine, type Quarantined } from "./quarantine";
import { replay, type Replay } from "./replay";
import { split } from "./split";
import { type StrategyName, strategies } from "./strategies";
import { choose, sweep, type SweepCase } from "./sweep";
import { shardTimeoutSeconds } from "./timeouts";

/** What is asked of a plan of test files. */
export interface TestPlanOptions {
  readonly level: LevelName;
  /** In place of what the level says. */
  readonly strategy?: StrategyName | undefined;
  /** A fixed number of shards, rather than one between the limits. */
  readonly shards?: number | undefined;
  readonly minRunners: number;
  readonly maxRunners: number;
  readonly setupSeconds: number;
  readonly usdAMinute?: number | undefined;
  /** Per cent of the baseline that must be saved. */
  readonly targetReduction?: number | undefined;
  /** What is undercut; round-robin over the least number of runners when not given. */
  readonly baselineSeconds?: number | undefined;
  /** ISO time, for the quarantine. */
  readonly now: string;
}

/** A shard with the time after which it is taken to hang. */
export type PlannedShard = PlanFile["shards"][number] & { readonly timeoutSeconds?: number | undefined };

/** Test files split over runners, and why so. */
export interface TestPlan {
  readonly strategy: StrategyName;
  /** What the strategies did on the last run of the history; undefined with fewer than two runs. */
  readonly replay: Replay | undefined;
  readonly estimates: readonly Estimate[];
  readonly chosen: SweepCase;
  readonly cases: readonly SweepCase[];
  readonly baselineSeconds: number;
  readonly shards: readonly PlannedShard[];
  readonly quarantined: readonly Quarantined[];
}

/** Runs every strategy on the last run, knowing only those before it. */
function replayHistory(history: readonly Observation[], shards: readonly number[]): Replay | undefined {
  const tests = history.filter(({ kind, outcome }) => kind === "test" && outcome !== "skipped");
  const last = runsOf(tests).at(-1);
  const before = tests.filter(({ run }) => run !== last);
  const judged = new Map(tests.flatMap(({ run, name, seconds }) => (run === last ? [[name, seconds] as const] : [])));
  if (before.length === 0 || judged.size === 0) return undefined;
  const names = [...new Set(before.map(({ name }) => name))];
  const train = estimate(
    names.map((name) => ({ name })),
    before,
  );
  return replay(
    train,
    [...judged].map(([name, seconds]) => ({ name, seconds })),
    shards,
  );
}

/**
 * Plans the shards of test files: predicts their durations, takes the strategy that wins on the history and the number of
 * runners that is asked for, or that the sweep chooses.
 *
 * @param files as they are now
 * @throws PipelineInputError for bad input; MeridianError with exit code 1 when the target cannot be reached
 */
export function planTests(
  files: readonly TestFile[],
  history: readonly Observation[],
  options: TestPlanOptions,
): TestPlan {
  const level = levels[options.level];
  const estimates = estimate(files, history);
  const [min, max] =
    options.shards === undefined ? [options.minRunners, options.maxRunners] : [options.shards, options.shards];
  const replayed = replayHistory(history, [...new Set([min, Math.round((min + max) / 2), max])]);
  const winner = level.allowsQueue ? replayed?.winner : replayed?.winnerBefore;
  const strategy = options.strategy ?? (level.strategy === "replayed" ? (winner ?? "predictive") : level.strategy);
  const flaky = level.separatesQuarantine ? quarantine(history, options.now) : [];
  const aside = new Set(flaky.map(({ name }) => name));
  const judged = estimates.filter(({ name }) => !aside.has(name));
  const set = estimates.filter(({ name }) => aside.has(name));

  const maxRunners = options.shards !== undefined || level.sweepsRunners ? max : min;
  const { setupSeconds, usdAMinute } = options;
  const cases = sweep(judged, { minRunners: min, maxRunners, setupSeconds, usdAMinute, strategy });
  const baselineSeconds =
    options.baselineSeconds ?? split(judged, options.minRunners, "round-robin").makespanSeconds + setupSeconds;
  const target =
    options.targetReduction === undefined ? undefined : { reductionPercent: options.targetReduction, baselineSeconds };
  const chosen = choose(cases, judged, target);
  const own: PlanFile["shards"] = chosen.shards.map((shard) => ({ ...shard, tests: [...shard.tests] }));
  const seconds = set.reduce((total, each) => total + each.seconds, 0);
  if (set.length > 0) {
    own.push({ shard: own.length + 1, tests: set.map(({ name }) => name), seconds, quarantined: true });
  }
  return {
    strategy,
    replay: replayed,
    estimates,
    chosen,
    cases,
    baselineSeconds,
    shards: own.map((shard) =>
      level.adaptiveTimeouts ? { ...shard, timeoutSeconds: shardTimeoutSeconds(shard.seconds + setupSeconds) } : shard,
    ),
    quarantined: flaky.filter(({ name }) => files.some((file) => file.name === name)),
  };
}

/** The plan as a file for the other commands, without what only people read. */
export function planFileOf({ strategy, estimates, shards }: TestPlan): PlanFile {
  return {
    schemaVersion: 1,
    strategy,
    tests: Object.fromEntries(estimates.map(({ name, seconds }) => [name, seconds])),
    shards: shards.map(({ shard, tests, seconds, quarantined }) => ({
      shard,
      tests,
      seconds,
      ...(quarantined !== undefined && { quarantined }),
    })),
  };
}

/** Whether runners ask a queue for their next test, rather than take a shard. */
export const needsQueue = (strategy: StrategyName): boolean => strategies[strategy].binds === "during";
