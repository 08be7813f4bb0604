import type { TopLevelSpec } from "vega-lite";

import { parallelText } from "./study";
import { type Forecast, isSound } from "./forecast";

/**
 * Colours of the chart by what they are for, light and dark. Blue and orange: Okabe and Ito (2008), told apart by
 * colour-blind readers.
 */
export const chartColours = {
  paper: { light: "#ffffff", dark: "#14171b" },
  ink: { light: "#222222", dark: "#e6e6e6" },
  faint: { light: "#dddddd", dark: "#3a4048" },
  time: { light: "#0072b2", dark: "#56b4e9" },
  bound: { light: "#b85c00", dark: "#e69f00" },
} as const;

const minutes = (ms: number): number => ms / 60_000;

/** Time against parallelism: the median with its band up to the 95th percentile, and the bound that none undercuts. */
export const chartSpec = (title: string, cases: readonly Forecast[]): TopLevelSpec => {
  const { paper, ink, faint, time, bound } = chartColours;
  const values = cases.map((one) => ({
    parallel: parallelText(one.parallel),
    fails: !isSound(one),
    p50: minutes(one.p50Ms),
    p95: minutes(one.p95Ms),
    bound: minutes(one.bounds.lowestMs),
  }));
  const x = {
    field: "parallel",
    type: "ordinal",
    sort: null,
    title: "--parallel",
    axis: { labelAngle: 0 },
    scale: { type: "point", padding: 0.3, domain: values.map(({ parallel }) => parallel) },
  } as const;
  // The time until a run fails is no time of a deployment.
  const sound = (): { filter: string }[] => [{ filter: "!datum.fails" }];
  const y = (field: string) =>
    ({ field, type: "quantitative", title: "minutes (logarithmic)", scale: { type: "log", nice: true } }) as const;
  const label = (field: string, text: string, color: string, dy: number) =>
    ({
      data: { values: values.filter(({ fails }) => !fails).slice(-1) },
      mark: { type: "text", align: "left", dx: 8, dy, color, fontSize: 12 },
      encoding: { x, y: y(field), text: { value: text } },
    }) as const;
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: { text: title, anchor: "start", fontSize: 15, color: ink.light, offset: 14 },
    width: 640,
    height: 340,
    background: paper.light,
    padding: { left: 12, top: 12, right: 90, bottom: 12 },
    data: { values },
    layer: [
      {
        transform: sound(),
        mark: { type: "area", color: time.light, opacity: 0.22 },
        encoding: { x, y: y("p50"), y2: { field: "p95" } },
      },
      { mark: { type: "line", color: bound.light, strokeDash: [5, 4] }, encoding: { x, y: y("bound") } },
      {
        transform: sound(),
        mark: { type: "line", color: time.light, strokeWidth: 2.5, point: { color: time.light, size: 50 } },
        encoding: { x, y: y("p50") },
      },
      {
        transform: [{ filter: "datum.fails" }],
        mark: { type: "text", color: ink.light, fontSize: 12, fontWeight: "bold", dy: -10 },
        encoding: { x, y: y("bound"), text: { value: "fails" } },
      },
      label("p95", "p95", time.light, -4),
      label("p50", "p50", time.light, 0),
      label("bound", "lower bound", bound.light, 12),
    ],
    config: {
      font: "system-ui, sans-serif",
      view: { stroke: null },
      axis: {
        labelColor: ink.light,
        titleColor: ink.light,
        gridColor: faint.light,
        domainColor: faint.light,
        tickColor: faint.light,
        labelFontSize: 12,
        titleFontSize: 12,
        titleFontWeight: "normal",
      },
    },
  };
};

/** Makes an SVG of that chart follow the reader's preference for light or dark. */
export const withDarkColours = (svg: string): string => {
  const rules = Object.values(chartColours).flatMap(({ light, dark }) => [
    `[fill="${light}"]{fill:${dark}}`,
    `[stroke="${light}"]{stroke:${dark}}`,
  ]);
  return svg.replace(
    /<svg[^>]*>/,
    (tag) => `${tag}<style>@media (prefers-color-scheme: dark){${rules.join("")}}</style>`,
  );
};
