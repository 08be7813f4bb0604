import type { TopLevelSpec } from "vega-lite";

import type { Scaling } from "./autoscale";
import type { PipelinePlan } from "./pipeline-plan";
import type { PlannedShard } from "./plan-tests";
import { largest } from "./statistics";
import type { SweepCase } from "./sweep";

/** Colours of a chart, by what they are for. */
export interface Colours {
  readonly paper: string;
  readonly ink: string;
  readonly faint: string;
  readonly time: string;
  readonly bound: string;
}

type Layer = NonNullable<Extract<TopLevelSpec, { layer: unknown }>["layer"]>;

/** What all charts have in common. */
const chart = (title: string, colours: Colours, height: number, layer: Layer): TopLevelSpec => ({
  $schema: "https://vega.github.io/schema/vega-lite/v6.json",
  title: { text: title, anchor: "start", fontSize: 15, color: colours.ink, offset: 14 },
  width: 640,
  height,
  background: colours.paper,
  padding: { left: 12, top: 12, right: 24, bottom: 12 },
  layer,
  config: {
    font: "system-ui, sans-serif",
    view: { stroke: null },
    axis: {
      labelColor: colours.ink,
      titleColor: colours.ink,
      gridColor: colours.faint,
      domainColor: colours.faint,
      tickColor: colours.faint,
      labelFontSize: 12,
      titleFontSize: 12,
      titleFontWeight: "normal",
    },
  },
});

interface Bar {
  readonly row: string;
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

/** Bars over minutes, a row a runner. */
function bars(title: string, colours: Colours, values: readonly Bar[], boundSeconds: number): TopLevelSpec {
  const rows = new Set(values.map(({ row }) => row)).size;
  const data = { values: values.map((bar) => ({ ...bar, begin: bar.begin / 60, end: bar.end / 60 })) };
  const last = largest(data.values.map(({ end }) => end));
  const x = { field: "begin", type: "quantitative", title: "minutes" } as const;
  const y = { field: "row", type: "nominal", sort: null, title: null } as const;
  return chart(title, colours, Math.max(rows * 26, 60), [
    {
      data,
      mark: { type: "bar", color: colours.time, stroke: colours.paper, strokeWidth: 1 },
      encoding: { x, x2: { field: "end" }, y, tooltip: { field: "name", type: "nominal" } },
    },
    {
      // A name only where the bar has room for it.
      data: { values: data.values.filter(({ begin, end }) => end - begin > last / 14) },
      mark: { type: "text", align: "left", dx: 4, color: colours.paper, fontSize: 11 },
      encoding: { x, y, text: { field: "name", type: "nominal" } },
    },
    {
      data: { values: [{ bound: boundSeconds / 60 }] },
      mark: { type: "rule", color: colours.bound, strokeDash: [5, 4], strokeWidth: 2 },
      encoding: { x: { field: "bound", type: "quantitative" } },
    },
  ]);
}

/** When each job runs and where, a row for each job that a runner has at a time; the dashed line is the lower bound. */
export function pipelineChart(title: string, { jobs, lowerBound }: PipelinePlan, colours: Colours): TopLevelSpec {
  const lanes = new Map<string, number[]>();
  const placed = [...jobs]
    .sort((a, b) => a.beginSeconds - b.beginSeconds)
    .map(({ runner, name, beginSeconds, endSeconds }): Bar => {
      const ends = lanes.get(runner) ?? [];
      lanes.set(runner, ends);
      const free = ends.findIndex((end) => end <= beginSeconds);
      const lane = free < 0 ? ends.length : free;
      ends[lane] = endSeconds;
      return { row: lane === 0 ? runner : `${runner}, job ${lane + 1}`, name, begin: beginSeconds, end: endSeconds };
    });
  return bars(title, colours, placed, lowerBound.seconds);
}

/** What each shard takes; the dashed line is the lower bound. */
export const shardsChart = (
  title: string,
  shards: readonly PlannedShard[],
  lowerBoundSeconds: number,
  colours: Colours,
): TopLevelSpec =>
  bars(
    title,
    colours,
    shards.map(({ shard, seconds }) => ({ row: `shard ${shard}`, name: `shard ${shard}`, begin: 0, end: seconds })),
    lowerBoundSeconds,
  );

/** Time against billed minutes, each point a number of runners; the line joins those that none beats in both. */
export function sweepChart(title: string, cases: readonly SweepCase[], colours: Colours): TopLevelSpec {
  const values = cases.map(({ runners, durationSeconds, minutes, onFront }) => ({
    runners,
    duration: durationSeconds / 60,
    minutes,
    onFront,
  }));
  const x = { field: "minutes", type: "quantitative", title: "billed minutes", scale: { zero: false } } as const;
  const y = {
    field: "duration",
    type: "quantitative",
    title: "minutes until the end",
    scale: { zero: false },
  } as const;
  const front = { values: values.filter(({ onFront }) => onFront) };
  return chart(title, colours, 340, [
    { data: front, mark: { type: "line", color: colours.bound, strokeDash: [5, 4] }, encoding: { x, y } },
    { data: { values }, mark: { type: "point", filled: true, color: colours.time, size: 60 }, encoding: { x, y } },
    {
      data: { values },
      mark: { type: "text", color: colours.ink, dy: -10, fontSize: 11 },
      encoding: { x, y, text: { field: "runners", type: "quantitative" } },
    },
  ]);
}

/** The number of runners over time. */
export function autoscaleChart(
  title: string,
  scalings: readonly Scaling[],
  least: number,
  endSeconds: number,
  colours: Colours,
): TopLevelSpec {
  const values = [
    { minutes: 0, runners: least },
    ...scalings.map(({ atSeconds, to }) => ({ minutes: atSeconds / 60, runners: to })),
    { minutes: endSeconds / 60, runners: scalings.at(-1)?.to ?? least },
  ];
  return chart(title, colours, 240, [
    {
      data: { values },
      mark: { type: "line", interpolate: "step-after", color: colours.time, strokeWidth: 2.5 },
      encoding: {
        x: { field: "minutes", type: "quantitative", title: "minutes" },
        y: { field: "runners", type: "quantitative", title: "runners" },
      },
    },
  ]);
}
