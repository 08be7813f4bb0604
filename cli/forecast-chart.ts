import { chartSpec, withDarkColours } from "../rehearsal/forecast/chart";
import type { Forecast } from "../rehearsal/forecast/forecast";

/** Draws time against parallelism as SVG. Vega is loaded only here: it takes a second. */
export const renderChart = async (title: string, cases: readonly Forecast[]): Promise<string> => {
  const [vega, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  const view = new vega.View(vega.parse(compile(chartSpec(title, cases)).spec), { renderer: "none" });
  try {
    return `${withDarkColours(await view.toSVG())}\n`;
  } finally {
    view.finalize();
  }
};
