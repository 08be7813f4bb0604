import { createHash } from "node:crypto";

import { forecastChart, slotsChart } from "./charts";
import { formatDuration, groupOf, kindNames, kindOf, nameOf } from "./format";
import { escapeHtml, jsonForScript } from "./markup";
import { palettes, paletteCss } from "./palette";
import type { ReportData } from "./report-data";
import { averageInUse, slotsInUse } from "./slots";

/** What the page is made of beside its data. */
export interface PageAssets {
  /** A classic script, complete in itself. */
  readonly script: string;
  readonly style: string;
}

const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Nothing is loaded, and of what stands in the page only the script and the style that belong to it work. */
const policy = (script: string, style: string): string =>
  `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'`;

const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;

const table = (head: readonly string[], rows: readonly (readonly string[])[], caption: string): string =>
  `<div class="scroll" role="region" aria-label="${escapeHtml(caption)}" tabindex="0"><table><caption class="unseen">${escapeHtml(caption)}</caption>` +
  `<thead><tr>${head.map((cell) => `<th scope="col">${cell}</th>`).join("")}</tr></thead>` +
  `<tbody>${rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join("")}</tr>`).join("")}</tbody></table></div>`;

/** A button that shows an operation in the timeline. */
const shows = (data: ReportData, index: number): string =>
  `<button type="button" class="link" data-operation="${index}">${escapeHtml(nameOf(data.operations[index]?.urn ?? ""))}</button>`;

const section = (id: string, title: string, content: string): string =>
  `<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${escapeHtml(title)}</h2>${content}</section>`;

const failures = ({ operations }: ReportData): number =>
  operations.filter(({ outcome }) => outcome === "failed").length;

const facts = (data: ReportData): string => {
  const steps = slotsInUse(data.operations);
  const most = Math.max(0, ...steps.map(({ inUse }) => inUse));
  const regions = new Set(
    data.operations.map(({ urn }) => groupOf(urn)).filter((group) => !/^(global|chain\d+)$/.test(group)),
  );
  const list: readonly (readonly [string, string])[] = [
    ["Virtual time", `${formatDuration(data.virtualMs)}${data.virtualTimeIsExact ? "" : " (approximate)"}`],
    ["One at a time", formatDuration(data.oneAtATimeMs)],
    ["--parallel", String(data.parallel)],
    ["Slots in use", `${averageInUse(steps, data.virtualMs).toFixed(1)} on average, ${most} at most`],
    ["Seed", String(data.seed)],
    ["Regions", String(regions.size)],
    ["Operations", data.operations.length.toLocaleString("en-US")],
    [
      "Resources",
      Object.entries(data.resources)
        .map(([what, count]) => `${count.toLocaleString("en-US")} ${what}`)
        .join(", ") || "none",
    ],
  ];
  return `<dl class="facts">${list.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`).join("")}</dl>`;
};

const header = (data: ReportData): string => {
  const failed = failures(data);
  const result = data.succeeded
    ? `<span class="result succeeded">✓ succeeded</span>`
    : `<span class="result failed">✕ failed${failed > 0 ? `: ${plural(failed, "operation")}` : ""}</span>`;
  return (
    `<header><h1>Rehearsal of stack ${escapeHtml(data.stack)} ${result}</h1>` +
    `<p class="note">This was a rehearsal: nothing was created in Azure and nothing was charged. Times are virtual, by modelled latencies.</p>` +
    `${facts(data)}</header>`
  );
};

const troubles = (data: ReportData): string => {
  const rows = data.operations.flatMap((operation, index) => {
    const { outcome, errorCode = "", faults = [], retries = 0, kind, endMs } = operation;
    if (outcome !== "failed" && faults.length === 0) return [];
    return [
      [
        shows(data, index),
        escapeHtml(kind),
        outcome === "failed" ? `<span class="failed">✕ failed</span>` : "succeeded",
        escapeHtml(errorCode),
        escapeHtml(faults.join(", ")),
        String(retries),
        formatDuration(endMs),
      ],
    ];
  });
  if (rows.length === 0) return "";
  return section(
    "troubles",
    "Failures and faults",
    table(
      ["resource", "operation", "result", "error code", "fault", "retries", "ended at"],
      rows,
      "Failures and faults",
    ),
  );
};

const legend = (data: ReportData): string => {
  const kinds = [...new Set(data.operations.map(({ urn }) => kindOf(urn)))].sort();
  const some = (holds: (operation: ReportData["operations"][number]) => boolean): boolean =>
    data.operations.some(holds);
  const entries: readonly (readonly [string, string, boolean])[] = [
    ...kinds.map((kind) => [`bar ${kind}`, kindNames[kind], true] as const),
    ["critical", "critical path", data.criticalPath.length > 0],
    ["queued", "waits for a slot", some(({ arrivedMs, startMs }) => startMs > arrivedMs)],
    ["blocked", "holds a slot, waits", some(({ startMs, endMs, workMs }) => endMs - startMs > workMs)],
    ["throttled", "throttled", some(({ throttled }) => throttled !== undefined)],
    ["faulty", "fault injected", some(({ faults }) => faults !== undefined)],
    ["broken", "failed", failures(data) > 0],
  ];
  return `<ul class="legend" aria-label="Legend">${entries
    .filter(([, , there]) => there)
    .map(([swatch, label]) => `<li><span class="swatch ${swatch}" aria-hidden="true"></span>${escapeHtml(label)}</li>`)
    .join("")}</ul>`;
};

const control = (id: string, text: string, label: string): string =>
  `<button type="button" id="${id}" aria-label="${label}" title="${label}">${text}</button>`;

const timeline = (data: ReportData): string =>
  section(
    "timeline",
    "Timeline",
    `<div class="tools"><label class="search"><span>Search</span><input type="search" id="search" placeholder="name, type, failed, critical …" autocomplete="off" spellcheck="false"></label>` +
      `<div class="buttons" role="group" aria-label="View">${control("zoom-out", "−", "Zoom out")}${control("zoom-in", "+", "Zoom in")}${control("pan-left", "←", "Earlier")}${control("pan-right", "→", "Later")}${control("whole", "Whole run", "Show the whole run")}</div>` +
      `<p id="found" role="status"></p></div>${legend(data)}` +
      `<noscript><p class="note">The timeline and the table of operations are drawn by the page's own script.</p></noscript>` +
      `<div class="stage"><div id="viewer" tabindex="0" role="application" aria-roledescription="timeline" aria-label="Operations by region over virtual time" aria-describedby="keys"><div id="spacer"><canvas id="canvas" aria-hidden="true"></canvas></div></div>` +
      `<aside id="details" aria-label="Details of the operation"></aside></div><p id="spoken" class="unseen" aria-live="polite"></p>` +
      `<p id="keys" class="hint">Point at, tap or focus a bar for its details. Keys in the timeline: arrows go from bar to bar, Shift with an arrow moves in time, + and − zoom, 0 shows the whole run, Escape lets go. Drag moves; pinch, or Ctrl with the wheel, zooms. All of it is in the table of operations, too.</p>`,
  );

const waits: Readonly<Record<ReportData["criticalPath"][number]["waitedFor"], string>> = {
  start: "the start",
  dependency: "the one above",
  slot: "a slot",
  chain: "blocks of the chain",
};

const path = (data: ReportData): string => {
  const steps = data.criticalPath.flatMap(({ operation, waitedFor }) => {
    const entry = data.operations[operation];
    return entry === undefined || entry.workMs === 0 ? [] : [{ operation, waitedFor, entry }];
  });
  if (steps.length === 0) return "";
  const total = Math.max(1, data.virtualMs);
  const rows = steps.map(({ operation, waitedFor, entry }) => [
    shows(data, operation),
    formatDuration(entry.workMs),
    `${((entry.workMs / total) * 100).toFixed(1)} %`,
    waits[waitedFor],
    escapeHtml(kindNames[kindOf(entry.urn)]),
    escapeHtml(entry.kind),
  ]);
  return section(
    "critical-path",
    "Critical path",
    `<p>The chain of operations that decided how long the run took: to make it shorter, make one of these shorter.</p>` +
      table(
        ["resource", "own time", "of the run", "began after", "kind", "operation"],
        rows,
        "Critical path, first to last",
      ),
  );
};

const parallelism = (data: ReportData): string =>
  section(
    "parallelism",
    "Slots in use",
    `<p>How many operations ran at a time. The frame is what the timeline shows; click to move it.</p>${slotsChart(data)}`,
  );

const forecast = (data: ReportData): string =>
  data.forecast === undefined || data.forecast.length === 0
    ? ""
    : section(
        "forecast",
        "Forecast",
        `<p>Time against --parallel as forecast: the line is the median (p50), the band goes up to p95. The point is this run.</p>` +
          forecastChart(data.forecast, data) +
          table(
            ["--parallel", "p50", "p95"],
            data.forecast.map(({ parallel, p50Ms, p95Ms }) => [
              String(parallel),
              formatDuration(p50Ms),
              formatDuration(p95Ms),
            ]),
            "Forecast",
          ),
      );

const operations = (data: ReportData): string =>
  section(
    "operations",
    "Operations",
    `<p>The slowest first; a column's heading sorts by it. The search above applies here, too.</p><div id="table"></div>` +
      `<p><button type="button" id="all" hidden>Show all ${data.operations.length.toLocaleString("en-US")}</button></p>`,
  );

const contracts = (data: ReportData): string =>
  data.contracts.length === 0
    ? ""
    : section(
        "contracts",
        "Contracts",
        `<p>On this machine's local chains. The addresses depend on the deployer's key.</p>` +
          table(
            ["chain", "contract", "address", "verified"],
            data.contracts.map(({ chain, name, address, verification }) => [
              escapeHtml(chain),
              escapeHtml(name.startsWith(`${chain}-`) ? name.slice(chain.length + 1) : name),
              `<code>${escapeHtml(address)}</code>`,
              escapeHtml(verification),
            ]),
            "Contracts",
          ),
      );

/**
 * The report as one HTML file that loads nothing. What does not move is written here; the timeline, the details and the
 * table of operations are the script's (rehearsal/report/page), which reads the data from the page.
 */
export const reportHtml = (data: ReportData, { script, style }: PageAssets): string => {
  const colours = `:root{${paletteCss(palettes.light)}}@media (prefers-color-scheme:dark){@media screen{:root{${paletteCss(palettes.dark)}}}}`;
  const css = `${colours}${style}`;
  const title = `Rehearsal of stack ${data.stack}: ${formatDuration(data.virtualMs)} with --parallel ${data.parallel}`;
  return [
    `<!doctype html>`,
    `<html lang="en">`,
    `<head>`,
    `<meta charset="utf-8">`,
    `<meta http-equiv="Content-Security-Policy" content="${policy(script, css)}">`,
    `<meta name="viewport" content="width=device-width, initial-scale=1">`,
    `<meta name="color-scheme" content="light dark">`,
    `<meta name="referrer" content="no-referrer">`,
    `<title>${escapeHtml(title)}</title>`,
    `<style>${css}</style>`,
    `</head>`,
    `<body>`,
    header(data),
    `<main>`,
    troubles(data),
    timeline(data),
    parallelism(data),
    path(data),
    operations(data),
    forecast(data),
    contracts(data),
    `</main>`,
    `<script type="application/json" id="data">${jsonForScript(data)}</script>`,
    `<script>${script}</script>`,
    `</body>`,
    `</html>`,
    ``,
  ].join("\n");
};
