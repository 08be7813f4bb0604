import type { TopLevelSpec } from "vega-lite";

import { chartColours, withDarkColours } from "../rehearsal/forecast/chart";

/** Draws a chart as SVG that follows the reader's preference for light or dark. Vega is loaded only here: it takes a second. */
export const renderSvg = async (spec: TopLevelSpec): Promise<string> => {
  const [vega, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: "none" });
  try {
    return `${withDarkColours(await view.toSVG())}\n`;
  } finally {
    view.finalize();
  }
};

/** The colours that renderSvg knows how to darken. */
export const lightColours = {
  paper: chartColours.paper.light,
  ink: chartColours.ink.light,
  faint: chartColours.faint.light,
  time: chartColours.time.light,
  bound: chartColours.bound.light,
};
