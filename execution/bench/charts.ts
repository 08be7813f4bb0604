import type { TopLevelSpec } from "vega-lite";

import type { BenchReport } from "./bench";
import type { Measured } from "./measure";

/** Colours of a chart; the caller knows how they turn dark. */
export interface ChartColours {
  readonly paper: string;
  readonly ink: string;
  readonly faint: string;
  readonly time: string;
  readonly bound: string;
}

interface Point {
  readonly x: string | number;
  readonly speedup: number;
  readonly least: number;
  readonly most: number;
  readonly line: string;
}

const names = ["optimistic", "scheduled", "adaptive"];
const pointsOf = (measured: readonly Measured[], x: (each: Measured) => string | number): Point[] =>
  measured.flatMap((each) => [
    ...each.achieved
      .filter(({ name }) => names.includes(name))
      .map(({ name, speedup }) => ({
        x: x(each),
        speedup: speedup.median,
        least: speedup.least,
        most: speedup.most,
        line: name,
      })),
    { x: x(each), speedup: each.bound, least: each.bound, most: each.bound, line: "bound" },
  ]);

/** One line for each strategy, told apart by its dashes as well as by colour, with the spread of what was measured. */
function lines(title: string, xTitle: string, values: readonly Point[], colours: ChartColours, facet?: string): object {
  const { ink, faint, time, bound } = colours;
  const x = { field: "x", type: "ordinal", sort: null, title: xTitle, axis: { labelAngle: 0 } };
  const stroke = {
    color: {
      field: "line",
      type: "nominal",
      title: null,
      scale: { domain: [...names, "bound"], range: [time, time, ink, bound] },
    },
    strokeDash: {
      field: "line",
      type: "nominal",
      title: null,
      scale: {
        domain: [...names, "bound"],
        range: [
          [1, 0],
          [6, 3],
          [1, 0],
          [2, 3],
        ],
      },
    },
  };
  const y = { field: "speedup", type: "quantitative", title: "times sequential", scale: { zero: true } };
  return {
    title: { text: title, anchor: "start", color: ink, fontSize: facet === undefined ? 15 : 12, offset: 10 },
    width: facet === undefined ? 560 : 250,
    height: facet === undefined ? 300 : 220,
    data: { values },
    layer: [
      { mark: { type: "rule", color: faint }, encoding: { y: { datum: 1 } } },
      {
        mark: { type: "errorband", opacity: 0.15 },
        encoding: { x, y: { ...y, field: "least" }, y2: { field: "most" }, color: stroke.color },
      },
      { mark: { type: "line", strokeWidth: 2.2, point: { size: 40 } }, encoding: { x, y, ...stroke } },
    ],
  };
}

const dressed = (body: object, { ink, faint, paper }: ChartColours): TopLevelSpec =>
  ({
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    background: paper,
    padding: 12,
    ...body,
    config: {
      font: "system-ui, sans-serif",
      view: { stroke: null },
      legend: { labelColor: ink, labelFontSize: 12 },
      axis: {
        labelColor: ink,
        titleColor: ink,
        gridColor: faint,
        domainColor: faint,
        tickColor: faint,
        titleFontWeight: "normal",
      },
    },
  }) as TopLevelSpec;

/** Speed-up against the share of calls that meet. */
export function contentionChart({ contention, machine }: BenchReport, colours: ChartColours): TopLevelSpec {
  const percentOf = new Map(contention.map((each) => [each.workload, each.percent]));
  const values = pointsOf(contention, ({ workload }) => percentOf.get(workload) ?? 0);
  const title = `Calls that meet at one actor, ${contention[0]?.threads ?? 0} threads, ${machine.cores} cores`;
  return dressed(lines(title, "calls to the same actor, %", values, colours), colours);
}

/** Speed-up against the number of threads, a panel for each workload. */
export function threadsChart({ threads }: BenchReport, colours: ChartColours): TopLevelSpec {
  const workloads = [...new Set(threads.map(({ workload }) => workload))];
  const panels = workloads.map((name) => {
    const values = pointsOf(
      threads.filter(({ workload }) => workload === name),
      (each) => each.threads,
    );
    return lines(name, "threads", values, colours, name);
  });
  return dressed({ hconcat: panels }, colours);
}
