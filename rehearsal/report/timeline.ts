import type { TraceEntry } from "../clock/virtual-clock";
import { criticalPath } from "./critical-path";
import { formatDuration, groupOf, nameOf, typeOf } from "./format";

/** Colour-blind safe (Okabe and Ito, 2008), one for each package. */
const colours: Readonly<Record<string, string>> = {
  "azure-native": "#0072B2",
  kubernetes: "#009E73",
  command: "#E69F00",
  random: "#999999",
};
const labels = { "azure-native": "Azure", kubernetes: "Kubernetes", command: "contracts", random: "keys" } as const;
const critical = "#D55E00";

const layout = { width: 1120, left: 130, right: 24, top: 74, row: 15, bar: 12, gap: 10, letter: 5.6 };

const packageOf = (urn: string): string => typeOf(urn).split(":")[0] ?? "";

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Puts bars into as few rows as possible, each row free of overlap. */
const intoRows = (bars: readonly TraceEntry[]): TraceEntry[][] => {
  const rows: TraceEntry[][] = [];
  for (const bar of [...bars].sort((a, b) => a.startMs - b.startMs || b.endMs - a.endMs)) {
    const free = rows.find((row) => (row.at(-1)?.endMs ?? 0) <= bar.startMs);
    if (free === undefined) rows.push([bar]);
    else free.push(bar);
  }
  return rows;
};

/** Round distances between the marks of the time axis, in seconds. */
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];

const axis = (totalMs: number, x: (ms: number) => number, height: number): string[] => {
  const step = (steps.find((seconds) => totalMs / 1000 / seconds <= 12) ?? 28800) * 1000;
  return Array.from({ length: Math.floor(totalMs / step) + 1 }, (_, index) => {
    const at = x(index * step).toFixed(1);
    const text = step < 60_000 ? `${(index * step) / 1000} s` : `${(index * step) / 60_000} min`;
    return (
      `<line x1="${at}" x2="${at}" y1="${layout.top - 8}" y2="${height - 10}" class="grid"/>` +
      `<text x="${at}" y="${layout.top - 14}" text-anchor="middle" class="axis">${text}</text>`
    );
  });
};

/** What is drawn of an operation: its bar, its name where there is room, and all of it on hovering. */
const drawBar = (entry: TraceEntry, y: number, x: (ms: number) => number, onPath: boolean): string => {
  const { urn, kind, startMs, endMs, workMs, outcome } = entry;
  const width = Math.max(1.5, x(endMs) - x(startMs));
  const name = nameOf(urn).slice(groupOf(urn).length + 1) || nameOf(urn);
  const fits = name.length * layout.letter + 8 < width;
  const fill = outcome === "failed" ? "#CC0000" : (colours[packageOf(urn)] ?? "#666666");
  const title = `${nameOf(urn)}: ${kind} ${outcome}, ${formatDuration(startMs)} to ${formatDuration(endMs)}`;
  const outline = onPath ? ` stroke="${critical}" stroke-width="2.5"` : "";
  const waiting = x(endMs - workMs) - x(startMs);
  const wait =
    waiting > 1.5
      ? `<rect x="${x(startMs).toFixed(1)}" y="${y + 1}" width="${waiting.toFixed(1)}" height="${layout.bar - 2}" rx="2" fill="#fff" opacity="0.72"/>`
      : "";
  const label = fits
    ? `<text x="${(x(startMs) + 4).toFixed(1)}" y="${y + 9.5}" class="${wait === "" ? "bar" : "axis"}">${escape(name)}</text>`
    : "";
  return (
    `<g><title>${escape(title)}</title><rect x="${x(startMs).toFixed(1)}" y="${y}" width="${width.toFixed(1)}" ` +
    `height="${layout.bar}" rx="2" fill="${fill}"${outline}/>${wait}${label}</g>`
  );
};

const legend = (): string => {
  const entries = [
    ...Object.entries(labels).map(
      ([key, label]) => `<rect width="11" height="11" fill="${colours[key] ?? ""}"/>${label}`,
    ),
    `<rect width="10" height="10" fill="none" stroke="${critical}" stroke-width="2.5"/>critical path`,
  ];
  return entries
    .map((entry, index) => {
      const [shape = "", label = ""] = entry.split("/>");
      return `<g transform="translate(${layout.left + index * 120} 30)">${shape}/><text x="17" y="10">${label}</text></g>`;
    })
    .join("");
};

/**
 * Draws a run as SVG: a block of bars for each region and chain, in the order of `groups`, over virtual time.
 * @param trace the operations of the run; at least one
 */
export const timelineSvg = (trace: readonly TraceEntry[], title: string): string => {
  const totalMs = Math.max(1, ...trace.map(({ endMs }) => endMs));
  const x = (ms: number): number => layout.left + (ms / totalMs) * (layout.width - layout.left - layout.right);
  const onPath = new Set(criticalPath(trace).map(({ entry }) => entry));
  const groups = [...new Set(trace.map(({ urn }) => groupOf(urn)))].sort();
  let y = layout.top;
  const blocks = groups.map((group) => {
    const rows = intoRows(trace.filter(({ urn }) => groupOf(urn) === group));
    const begin = y;
    const bars = rows.flatMap((row, index) =>
      row.map((entry) => drawBar(entry, begin + index * layout.row, x, onPath.has(entry))),
    );
    y += rows.length * layout.row + layout.gap;
    return `<text x="${layout.left - 10}" y="${begin + 10}" text-anchor="end" class="group">${escape(group)}</text>${bars.join("")}`;
  });
  const height = y + 6;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${layout.width} ${height}" width="${layout.width}" height="${height}" font-family="system-ui, sans-serif" font-size="11">`,
    "<style>text{fill:#222}.axis{fill:#666}.grid{stroke:#e4e4e4}.group{font-weight:600}.bar{fill:#fff;font-size:10px}</style>",
    `<rect width="100%" height="100%" fill="#fff"/><text x="${layout.left}" y="19" font-size="14" font-weight="600">${escape(title)}</text>`,
    legend(),
    ...axis(totalMs, x, height),
    ...blocks,
    "</svg>",
    "",
  ].join("\n");
};
