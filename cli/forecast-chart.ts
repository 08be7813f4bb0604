import { chartSpec } from "../rehearsal/forecast/chart";
import type { Forecast } from "../rehearsal/forecast/forecast";
import { renderSvg } from "./chart";

/** Draws time against parallelism as SVG. */
export const renderChart = (title: string, cases: readonly Forecast[]): Promise<string> =>
  renderSvg(chartSpec(title, cases));
