import { formatDuration } from "./format";
import { escapeHtml, percent } from "./markup";
import type { ForecastPoint, ReportData } from "./report-data";
import { slotsInUse } from "./slots";
import { ticks, wholeRun } from "./viewport";

// Charts are SVG in percentages, so that they fit any width while their text keeps its size; lines that bend are in a
// nested picture that may be stretched. Colours are classes: the page's style knows light and dark.

const plotHeight = 132;
const plotTop = 22;
const chartHeight = plotTop + plotHeight + 22;

const round = (value: number): number => Number(value.toFixed(2));

const stretched = (paths: string): string =>
  `<svg y="${plotTop}" width="100%" height="${plotHeight}" viewBox="0 0 1000 100" preserveAspectRatio="none">${paths}</svg>`;

const anchor = (share: number): string => (share < 0.04 ? "start" : share > 0.94 ? "end" : "middle");

const mark = (share: number, label: string): string =>
  `<line class="grid" x1="${percent(share)}" x2="${percent(share)}" y1="${plotTop}" y2="${plotTop + plotHeight}"/>` +
  `<text class="axis" x="${percent(share)}" y="${chartHeight - 6}" text-anchor="${anchor(share)}">${escapeHtml(label)}</text>`;

const svg = (id: string, description: string, content: string): string =>
  `<svg id="${id}" class="chart" width="100%" height="${chartHeight}" role="img" aria-label="${escapeHtml(description)}">${content}</svg>`;

/** The limit's label stands above its line, or below it where the line is at the top. */
const limitLine = (y: number, label: string): string =>
  `<line class="limit" x1="0" x2="100%" y1="${round(y)}" y2="${round(y)}"/>` +
  `<text class="limit-label" x="4" y="${round(y) - 6}">${escapeHtml(label)}</text>`;

/** Slots in use over the run, against `--parallel`. The page's script marks in it what the timeline shows. */
export const slotsChart = ({ operations, parallel, virtualMs }: ReportData): string => {
  const steps = slotsInUse(operations);
  const most = Math.max(0, ...steps.map(({ inUse }) => inUse));
  // A limit that is far away would press the curve flat: then it is told in words.
  const near = parallel <= most * 2;
  const top = Math.max(1, near ? Math.max(parallel, most) : most);
  const total = wholeRun(virtualMs).endMs;
  const x = (ms: number): number => round((ms / total) * 1000);
  const y = (count: number): number => round(100 - (count / top) * 100);
  const line = steps.map(
    ({ atMs, inUse }, i) => `${i === 0 ? "M" : "H"}${x(atMs)}${i === 0 ? ` ${y(inUse)}` : `V${y(inUse)}`}`,
  );
  const path = `${line.join("")}H1000`;
  const at = (count: number): number => plotTop + (plotHeight * y(count)) / 100;
  const limit = near
    ? limitLine(at(parallel), `--parallel ${parallel}${most < parallel ? `, at most ${most} in use` : ""}`)
    : limitLine(at(most), `at most ${most} in use of --parallel ${parallel}`);
  return svg(
    "slots-chart",
    `Slots in use over virtual time: at most ${most} of ${parallel}.`,
    ticks(wholeRun(virtualMs), 5)
      .map(({ atMs, label }) => mark(atMs / total, label))
      .join("") +
      stretched(`<path class="area" d="${path}V100H0Z"/><path class="curve" d="${path}"/>`) +
      limit +
      `<rect id="slots-window" class="window" x="0" y="${plotTop}" width="100%" height="${plotHeight}" visibility="hidden"/>`,
  );
};

/** Time against `--parallel` as forecast, p50 to p95, with this run as a point. */
export const forecastChart = (
  forecast: readonly ForecastPoint[],
  run: { readonly parallel: number; readonly virtualMs: number },
): string => {
  const sorted = [...forecast].sort((a, b) => a.parallel - b.parallel);
  const parallels = [...sorted.map(({ parallel }) => parallel), run.parallel];
  const [least, greatest] = [Math.log(Math.min(...parallels)), Math.log(Math.max(...parallels))];
  const longest = Math.max(run.virtualMs, ...sorted.map(({ p95Ms }) => p95Ms), 1) * 1.08;
  // A margin at both sides, so that no point is cut.
  const share = (parallel: number): number =>
    greatest === least ? 0.5 : 0.04 + (0.92 * (Math.log(parallel) - least)) / (greatest - least);
  const height = (ms: number): number => 100 - (ms / longest) * 100;
  const point = (parallel: number, ms: number): string => `${round(share(parallel) * 1000)} ${round(height(ms))}`;
  const upper = sorted.map(({ parallel, p95Ms }) => point(parallel, p95Ms));
  const lower = sorted.map(({ parallel, p50Ms }) => point(parallel, p50Ms));
  const y = (ms: number): number => round(plotTop + (plotHeight * height(ms)) / 100);
  const [runX, runY] = [percent(share(run.parallel)), y(run.virtualMs)];
  const marks = sorted
    .filter(({ parallel }, i) => i === 0 || share(parallel) - share(sorted[i - 1]?.parallel ?? 0) > 0.07)
    .map(({ parallel }) => mark(share(parallel), String(parallel)));
  const durations = ticks({ startMs: 0, endMs: longest }, 4)
    .filter(({ atMs }) => atMs > 0)
    .map(
      ({ atMs, label }) =>
        `<line class="grid" x1="0" x2="100%" y1="${y(atMs)}" y2="${y(atMs)}"/><text class="axis" x="0" y="${y(atMs) - 4}">${escapeHtml(label)}</text>`,
    );
  return svg(
    "forecast-chart",
    `Forecast of the run's time against --parallel, p50 to p95; this run: ${formatDuration(run.virtualMs)} with --parallel ${run.parallel}.`,
    marks.join("") +
      durations.join("") +
      stretched(
        `<path class="band" d="M${[...upper, ...lower.reverse()].join("L")}Z"/><path class="curve" d="M${[...lower].reverse().join("L")}"/>`,
      ) +
      sorted
        .map(({ parallel, p50Ms }) => `<circle class="dot" cx="${percent(share(parallel))}" cy="${y(p50Ms)}" r="2.5"/>`)
        .join("") +
      `<circle class="this-run" cx="${runX}" cy="${runY}" r="6"/>` +
      `<text class="this-run-label" x="100%" y="14" text-anchor="end"><tspan class="run-mark">●</tspan> this run: ${escapeHtml(formatDuration(run.virtualMs))} with --parallel ${run.parallel}</text>`,
  );
};
