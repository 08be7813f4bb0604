import { existsSync } from "node:fs";
import { resolve } from "node:path";

import type { TopLevelSpec } from "vega-lite";

import { MeridianError } from "../errors";
import { pipelineChart, shardsChart, sweepChart } from "../pipeline/chart";
import { estimate, jobSeconds, type TestFile } from "../pipeline/estimate";
import type { Observation } from "../pipeline/history";
import { levels } from "../pipeline/levels";
import { githubMatrix, type MatrixEntry } from "../pipeline/matrix";
import { parsePipeline } from "../pipeline/pipeline-file";
import { planPipeline } from "../pipeline/pipeline-plan";
import { planFileOf, planTests } from "../pipeline/plan-tests";
import { usdAMinute } from "../pipeline/prices";
import type { StrategyName } from "../pipeline/strategies";
import { lightColours, renderSvg } from "./chart";
import { readDurations, readHistory, testFile } from "./ci-inputs";
import type { PlanCliOptions } from "./ci-plan";
import { formatPipeline, pipelineJson } from "./ci-pipeline-text";
import { formatTestPlan, testPlanJson } from "./ci-text";
import { readText, writeText } from "./files";
import { printJson } from "./output";

/** Plans, writes what is asked for, and prints. */
export async function plan(options: PlanCliOptions): Promise<void> {
  const { minRunners, maxRunners } = options;
  if (minRunners > maxRunners) {
    throw new MeridianError(`--min-runners ${minRunners} is over --max-runners ${maxRunners}.`, {
      hint: "Allowed: a least number that does not exceed the largest.",
    });
  }
  await (options.pipeline === undefined ? planShards(options) : planJobs(options, options.pipeline));
}

/** The history, or durations as one run of it. */
function historyOf({ history, durations }: PlanCliOptions): Observation[] {
  if (durations === undefined) return readHistory(history);
  return readDurations(durations).map(({ name, seconds }) => ({
    ...{ kind: "test", name, run: durations, attempt: 1, at: new Date(0).toISOString(), seconds, outcome: "passed" },
  }));
}

/** The test files that are named, or all that the last run of the history had. */
function filesOf({ files, root }: PlanCliOptions, history: readonly Observation[]): TestFile[] {
  const tests = history.filter(({ kind }) => kind === "test");
  const last = tests.at(-1)?.run;
  const names =
    files === undefined
      ? [...new Set(tests.flatMap(({ run, name }) => (run === last ? [name] : [])))].sort()
      : readText(files)
          .split(/\r?\n/)
          .flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
  if (names.length === 0) throw new MeridianError(`${files ?? "The history"} names no test files.`);
  return names.map((name) => testFile(name, resolve(root)));
}

async function draw(file: string | undefined, spec: () => TopLevelSpec): Promise<void> {
  if (file !== undefined) writeText(file, await renderSvg(spec()));
}

function write(options: PlanCliOptions, plan: object | undefined, matrix: readonly MatrixEntry[]): void {
  const document = options.matrix === undefined ? undefined : `${JSON.stringify(githubMatrix(matrix))}\n`;
  if (options.out !== undefined && plan !== undefined) writeText(options.out, `${JSON.stringify(plan, null, 2)}\n`);
  if (options.matrix !== undefined && document !== undefined) writeText(options.matrix, document);
}

async function planShards(options: PlanCliOptions): Promise<void> {
  const { level, strategy, shards, minRunners, maxRunners, setupSeconds, targetReduction, baselineSeconds } = options;
  const history = historyOf(options);
  const result = planTests(filesOf(options, history), history, {
    ...{ level, strategy, shards, minRunners, maxRunners, setupSeconds, targetReduction, baselineSeconds },
    usdAMinute: options.price === undefined ? undefined : usdAMinute(options.price, "--price"),
    now: new Date().toISOString(),
  });
  const used = result.shards.filter(({ tests }) => tests.length > 0);
  write(
    options,
    planFileOf(result),
    used.map(({ shard, timeoutSeconds, quarantined = false }) => ({
      ...{ shard, of: result.shards.length, quarantined },
      ...(timeoutSeconds !== undefined && { timeoutMinutes: Math.ceil(timeoutSeconds / 60) }),
    })),
  );
  const title = `${result.estimates.length} test files, ${result.strategy}`;
  await draw(options.svg, () =>
    result.cases.length > 1
      ? sweepChart(`${title}: time against price by number of runners`, result.cases, lightColours)
      : shardsChart(
          `${title}: ${result.shards.length} shards`,
          result.shards,
          result.chosen.lowerBoundSeconds,
          lightColours,
        ),
  );
  if (options.json === true) printJson(testPlanJson(result));
  else process.stdout.write(formatTestPlan(result));
}

async function planJobs(options: PlanCliOptions, file: string): Promise<void> {
  if (options.targetReduction !== undefined || options.shards !== undefined || options.out !== undefined) {
    throw new MeridianError("--target-reduction, --shards and --out are for test files, not for a --pipeline.", {
      hint: "Allowed beside --pipeline: shards of a job in the file, --min-runners and --max-runners for `shards: auto`.",
    });
  }
  const pipeline = parsePipeline(readText(file), file);
  // A pipeline may have all its durations in the file; a history that is asked for must be there.
  const history = options.durations !== undefined || existsSync(options.history) ? historyOf(options) : [];
  const { strategy } = levels[options.level];
  const name: StrategyName = options.strategy ?? (strategy === "replayed" ? "predictive" : strategy);
  const tests = history.length === 0 ? [] : estimate(filesOf(options, history), history);
  const limits = { min: options.minRunners, max: options.maxRunners };
  const result = planPipeline(pipeline, { jobs: jobSeconds(history), tests }, name, limits, file);
  const matrix = result.jobs.map(({ name: job, runsOn, stage }) => ({
    job,
    stage,
    ...(runsOn !== undefined && { runsOn }),
  }));
  write(options, undefined, matrix);
  await draw(options.svg, () =>
    pipelineChart(`${file}: ${result.jobs.length} jobs, ${result.strategy}`, result, lightColours),
  );
  if (options.json === true) printJson(pipelineJson(result));
  else process.stdout.write(formatPipeline(result, file));
}
