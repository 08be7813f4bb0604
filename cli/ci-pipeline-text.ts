import type { PipelinePlan } from "../pipeline/pipeline-plan";
import { formatTable } from "../table";

const clock = (seconds: number): string => {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};

/** A planned pipeline for people. */
export function formatPipeline(plan: PipelinePlan, file: string): string {
  const { jobs, strategy, durationSeconds, criticalPath, lowerBound, minutes, usd, unpriced } = plan;
  const critical = new Set(criticalPath.names);
  const rows = [...jobs]
    .sort((a, b) => a.stage - b.stage || a.beginSeconds - b.beginSeconds)
    .map(({ stage, group, name, runner, beginSeconds, endSeconds, tests }) => [
      String(stage),
      group ?? "-",
      name,
      runner,
      clock(beginSeconds),
      clock(endSeconds),
      [critical.has(name) ? "critical" : "", tests === undefined ? "" : `${tests.length} test files`]
        .filter(Boolean)
        .join(", "),
    ]);
  const above = lowerBound.seconds > 0 ? (durationSeconds / lowerBound.seconds - 1) * 100 : 0;
  return [
    `${file}: ${jobs.length} jobs, strategy ${strategy}.`,
    "",
    formatTable([["stage", "group", "job", "runner", "begins", "ends", ""], ...rows]),
    "",
    `Ends after ${clock(durationSeconds)}, ${above.toFixed(1)}% above the lower bound of ${clock(lowerBound.seconds)} (${lowerBound.because}).`,
    `Critical path, ${clock(criticalPath.seconds)}: ${criticalPath.names.join(" → ")}`,
    `${minutes} billed minutes, ${usd.toFixed(2)} USD${unpriced.length > 0 ? `, and what is not known: ${unpriced.join(", ")}` : ""}.`,
    "",
  ].join("\n");
}

/** A planned pipeline for machines. */
export const pipelineJson = ({ jobs, ...plan }: PipelinePlan) => ({
  schemaVersion: 1,
  ...plan,
  jobs: jobs.map(({ name, group, stage, after, seconds, runner, runsOn, beginSeconds, endSeconds, tests, usd }) => ({
    ...{ name, group, stage, after, seconds, runner, runsOn, beginSeconds, endSeconds, tests, usd },
  })),
});
