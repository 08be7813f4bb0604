import type { TopLevelSpec } from "vega-lite";

import type { Analysis, Bounds } from "./analysis";

/** Colours by what they are for. */
export interface ChartColours {
  readonly paper: string;
  readonly ink: string;
  readonly faint: string;
  /** The bound. */
  readonly time: string;
  /** The bound without the hottest account. */
  readonly bound: string;
}

/**
 * The bound of the speed-up by number of cores: as it is, without what costs most, and what nothing exceeds (as many
 * times as there are cores).
 */
export function boundChart(title: string, analysis: Analysis, colours: ChartColours): TopLevelSpec {
  const { paper, ink, faint, time, bound } = colours;
  const { cores, total, hotAccounts } = analysis;
  const [hottest] = hotAccounts.filter(({ savedGas }) => savedGas > 0);
  const domain = [1, ...cores];
  const line = (bounds: Bounds) => domain.map((count) => ({ cores: count, speedUp: bounds[count] ?? 1 }));
  const ideal = Object.fromEntries(cores.map((count) => [count, count]));
  const x = {
    field: "cores",
    type: "ordinal",
    sort: null,
    title: "cores",
    axis: { labelAngle: 0 },
    scale: { type: "point", padding: 0.3, domain },
  } as const;
  const y = {
    field: "speedUp",
    type: "quantitative",
    title: "speed-up, at most (logarithmic)",
    scale: { type: "log", base: 2, domainMin: 1 },
  } as const;
  const drawn = (bounds: Bounds, color: string, text: string, dy: number, dashed = false) => [
    {
      data: { values: line(bounds) },
      mark: {
        type: "line" as const,
        color,
        strokeWidth: dashed ? 1.5 : 2.5,
        ...(dashed ? { strokeDash: [5, 4] } : { point: { color, size: 50 } }),
      },
      encoding: { x, y },
    },
    {
      data: { values: line(bounds).slice(-1) },
      mark: { type: "text" as const, align: "left" as const, dx: 8, dy, color: dashed ? ink : color, fontSize: 12 },
      encoding: { x, y, text: { value: text } },
    },
  ];
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: { text: title, anchor: "start", fontSize: 15, color: ink, offset: 14 },
    width: 560,
    height: 320,
    background: paper,
    padding: { left: 12, top: 12, right: 170, bottom: 12 },
    layer: [
      ...drawn(ideal, faint, "as many as cores", -8, true),
      ...(hottest === undefined ? [] : drawn(hottest.boundWithout, bound, `without ${hottest.name}`, -4)),
      ...drawn(total.bounds, time, "these blocks", 8),
    ],
    config: {
      font: "system-ui, sans-serif",
      view: { stroke: null },
      axis: {
        ...{ labelColor: ink, titleColor: ink, gridColor: faint, domainColor: faint, tickColor: faint },
        ...{ labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal" },
      },
    },
  };
}
