import { formatDuration, nameOf } from "../rehearsal/report/format";
import type { Forecast } from "../rehearsal/forecast/forecast";
import type { Limit } from "../rehearsal/forecast/model";
import { parallelText, type Study } from "../rehearsal/forecast/study";
import { formatTable } from "../table";

/** What is forecast, besides the study itself. */
export interface Asked {
  readonly stack: string;
  readonly runs: number;
  readonly seed: number;
  readonly operations: number;
  /** `--fault`s, as they were written. */
  readonly faults: readonly string[];
}

const table = (rows: readonly (readonly string[])[]): string[] =>
  formatTable(rows)
    .split("\n")
    .map((line) => `  ${line}`);

const columns = ["p50", "p95", "speed-up", "lower bound", "above it", "throttled"];

const percentAbove = (ratio: number): string => `${((ratio - 1) * 100).toFixed(ratio < 1.1 ? 1 : 0)}%`;

const cells = ({ p50Ms, p95Ms, speedUp, bounds, overBound, throttles, fails }: Forecast): string[] =>
  fails?.share === 1
    ? ["fails", "fails", "-", formatDuration(bounds.lowestMs), "-", String(throttles)]
    : [
        formatDuration(p50Ms),
        formatDuration(p95Ms),
        `${speedUp.toFixed(1)} x`,
        formatDuration(bounds.lowestMs),
        percentAbove(overBound),
        String(throttles),
      ];

const phaseRows = ({ modes }: Study): string[] => {
  const names = [...new Set(modes.flatMap(({ phaseTimes }) => phaseTimes.map(({ phase }) => phase)))];
  const span = (forecast: Forecast, name: string): string => {
    const time = forecast.phaseTimes.find(({ phase }) => phase === name);
    return time === undefined ? "-" : `${formatDuration(time.beginMs)} to ${formatDuration(time.endMs)}`;
  };
  return table([
    ["phase", ...modes.map(({ mode }) => mode)],
    ...names.map((name) => [name, ...modes.map((one) => span(one, name))]),
  ]);
};

const reasons = { start: "", dependency: "", slot: "waited for a slot", chain: "waited for blocks" } as const;

const pathRows = ({ criticalPath }: Forecast): string[] =>
  table(
    criticalPath
      .filter(({ entry }) => entry.workMs > 0)
      .map(({ entry, waitedFor }) => [nameOf(entry.urn), formatDuration(entry.workMs), reasons[waitedFor]]),
  );

/** The busiest limit of the platform, which is the same in every case. */
const limitLines = ({ modes, parallel }: Study): string[] => {
  const limit = [...parallel, ...modes].map(({ bounds }) => bounds.limit).find((one) => one !== undefined);
  if (limit === undefined) return [];
  const { name, requests, capacity, boundMs } = limit;
  const effect =
    boundMs > 0 ? `no run is shorter than ${formatDuration(boundMs)}` : "no request need wait for it, polls apart";
  return [`Busiest limit: ${name}, ${requests} requests where ${capacity} pass at once: ${effect}.`, ""];
};

/** The study for people. */
export const formatStudy = (study: Study, asked: Asked): string => {
  const { stack, runs, seed, operations, faults } = asked;
  const { modes, parallel, recommendation, remarks } = study;
  const shown = parallel.find((one) => one.parallel === recommendation.parallel) ?? parallel.at(-1);
  return [
    `Forecast of a first deployment of stack ${stack}: ${operations} operations, ${runs} runs, seed ${seed}.`,
    ...(faults.length === 0 ? [] : [`Every run meets ${faults.join(", ")}.`]),
    "",
    ...table([
      ["mode", "--parallel", "phases", "contracts", ...columns],
      ...modes.map((one) => [one.mode, parallelText(one.parallel), one.phases, one.contracts, ...cells(one)]),
    ]),
    "",
    "When each phase runs, in the median",
    ...phaseRows(study),
    "",
    ...(parallel[0] === undefined ? [] : [`By --parallel, phases ${parallel[0].phases}`]),
    ...table([["--parallel", ...columns], ...parallel.map((one) => [parallelText(one.parallel), ...cells(one)])]),
    "",
    ...(shown === undefined
      ? []
      : [
          `Critical path with --parallel ${parallelText(shown.parallel)}, in the run of median length`,
          ...pathRows(shown),
          "",
        ]),
    ...limitLines(study),
    ...(remarks.length === 0 ? [] : ["Note", ...remarks.map((remark) => `  ${remark}`), ""]),
    `Recommended: ${recommendation.reason}`,
    "",
  ].join("\n");
};

const seconds = (ms: number): number => ms / 1000;

const limitJson = ({ boundMs, ...limit }: Limit) => ({ ...limit, seconds: seconds(boundMs) });

const caseJson = ({ p50Ms, p95Ms, bounds, phaseTimes, criticalPath, parallel, ...rest }: Forecast) => ({
  ...rest,
  parallel: parallelText(parallel) === "unbounded" ? "unbounded" : parallel,
  p50Seconds: seconds(p50Ms),
  p95Seconds: seconds(p95Ms),
  bounds: {
    lowestSeconds: seconds(bounds.lowestMs),
    criticalPathSeconds: seconds(bounds.criticalPathMs),
    slotsSeconds: seconds(bounds.slotsMs),
    ...(bounds.limit !== undefined && { limit: limitJson(bounds.limit) }),
  },
  phaseTimes: phaseTimes.map(({ phase, beginMs, endMs }) => ({
    phase,
    beginSeconds: seconds(beginMs),
    endSeconds: seconds(endMs),
  })),
  criticalPath: criticalPath.map(({ entry, waitedFor }) => ({
    name: nameOf(entry.urn),
    seconds: seconds(entry.workMs),
    waitedFor,
  })),
});

/** The study for machines. Times in virtual seconds. */
export const studyJson = ({ modes, parallel, recommendation, remarks }: Study, asked: Asked) => ({
  schemaVersion: 1,
  ...asked,
  modes: modes.map(caseJson),
  parallel: parallel.map(caseJson),
  recommendation,
  remarks,
});
