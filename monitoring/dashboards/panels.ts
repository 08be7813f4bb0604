/** Name of the variable by which every panel finds its Prometheus. */
export const DATASOURCE = "datasource";

/** Columns of Grafana's grid. */
export const GRID_COLUMNS = 24;

/** A query of a panel. */
export interface Query {
  readonly expression: string;
  /** Name of each series: `{{region}}`. @default Grafana's own */
  readonly legend?: string;
  /** What is shown: all of the time range, or the newest values as a table. @default range */
  readonly as?: "range" | "table";
}

/** What a panel shows, without its place. */
export interface PanelContent {
  readonly title: string;
  readonly type: "timeseries" | "stat" | "table" | "geomap" | "heatmap" | "status-history" | "barchart" | "bargauge";
  /** What it tells, and what would be wrong. */
  readonly description: string;
  readonly queries: readonly Query[];
  /** Columns, of 24. @default 12 */
  readonly width?: number;
  /** Rows of the grid. @default 8 */
  readonly height?: number;
  /** Unit, as Grafana names it: `s`, `percentunit`, `short`, `currencyUSD`. @default short */
  readonly unit?: string;
  /** Values from which it turns orange and red; falling when red is below orange. */
  readonly thresholds?: { readonly orange: number; readonly red: number };
  /** More of Grafana's own options of this type. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Steps between queries and picture, as Grafana has them. */
  readonly transformations?: readonly Readonly<Record<string, unknown>>[];
}

export interface DashboardContent {
  /** Stays: links and updates go by it. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** Variables besides the data source: names of a label, chosen by the viewer. */
  readonly variables?: readonly { readonly name: string; readonly query: string }[];
  /** In the order in which they are read, left to right. */
  readonly panels: readonly PanelContent[];
}

export interface GridPosition {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly gridPos: GridPosition;
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly targets: readonly Readonly<Record<string, unknown> & { expr: string }>[];
  readonly [more: string]: unknown;
}

/** A dashboard as Grafana reads it: its JSON model (Grafana docs, "Dashboard JSON model"). */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Readonly<Record<string, unknown> & { name: string; type: string }>[] };
  readonly [more: string]: unknown;
}

/** Version of the JSON model. */
const SCHEMA_VERSION = 39;

const source = { type: "prometheus", uid: `\${${DATASOURCE}}` };

/** Lays panels out in rows, as wide as they are, and numbers them. */
export function createDashboard({ uid, title, description, variables = [], panels }: DashboardContent): Dashboard {
  return {
    uid,
    title,
    description,
    tags: ["meridian"],
    schemaVersion: SCHEMA_VERSION,
    editable: false,
    timezone: "utc",
    time: { from: "now-6h", to: "now" },
    refresh: "1m",
    templating: {
      list: [
        { name: DATASOURCE, type: "datasource", label: "Prometheus", query: "prometheus" },
        ...variables.map(({ name, query }) => ({
          ...{ name, query, type: "query", datasource: source, refresh: 2, sort: 1 },
          ...{ multi: true, includeAll: true, allValue: ".*" },
        })),
      ],
    },
    panels: placed(panels).map(({ panel, gridPos }, i) => createPanel(panel, gridPos, i + 1)),
  };
}

function placed(panels: readonly PanelContent[]): { readonly panel: PanelContent; readonly gridPos: GridPosition }[] {
  let [x, y, rowHeight] = [0, 0, 0];
  return panels.map((panel) => {
    const { width: w = 12, height: h = 8 } = panel;
    if (x + w > GRID_COLUMNS) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const gridPos = { x, y, w, h };
    x += w;
    rowHeight = Math.max(rowHeight, h);
    return { panel, gridPos };
  });
}

function createPanel(panel: PanelContent, gridPos: GridPosition, id: number): Panel {
  const { type, title, description, queries, unit = "short", thresholds, options = {}, transformations } = panel;
  return {
    ...{ id, type, title, description, gridPos, datasource: source },
    fieldConfig: {
      defaults: { unit, ...(thresholds && { thresholds: stepsOf(thresholds), color: { mode: "thresholds" } }) },
      overrides: [],
    },
    options,
    ...(transformations && { transformations }),
    targets: queries.map(({ expression, legend, as = "range" }, i) => ({
      refId: String.fromCharCode(65 + i),
      datasource: source,
      expr: expression,
      ...(legend !== undefined && { legendFormat: legend }),
      ...(as === "table" ? { format: "table", instant: true, range: false } : { format: "time_series", range: true }),
    })),
  };
}

function stepsOf({ orange, red }: { readonly orange: number; readonly red: number }) {
  const rising = red > orange;
  const steps = rising
    ? [["green", null] as const, ["orange", orange] as const, ["red", red] as const]
    : [["red", null] as const, ["orange", red] as const, ["green", orange] as const];
  return { mode: "absolute", steps: steps.map(([color, value]) => ({ color, value })) };
}
