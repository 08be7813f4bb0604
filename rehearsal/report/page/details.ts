import { resultOf } from "../find";
import { formatDuration, groupOf, kindNames, kindOf, nameOf, typeOf } from "../format";
import { spentMs } from "../parts";
import type { Operation, ReportData } from "../report-data";
import { element } from "./dom";

const waits: Readonly<Record<ReportData["criticalPath"][number]["waitedFor"], string>> = {
  start: "began with the run",
  dependency: "began when what it depends on had ended",
  slot: "began when a slot became free",
  chain: "waited for blocks of the chain",
};

type Fact = readonly [string, string];

const time = (name: string, ms: number): Fact[] => (ms > 0 ? [[name, formatDuration(ms)]] : []);

const factsOf = (operation: Operation, onPath: string | undefined): Fact[] => {
  const { urn, kind, arrivedMs, startMs, endMs, workMs, retries = 0, faults = [] } = operation;
  return [
    ["Operation", `${kind}, ${resultOf(operation)}`],
    ["Region", groupOf(urn)],
    ["Kind", kindNames[kindOf(urn)]],
    ["From", formatDuration(startMs)],
    ["To", formatDuration(endMs)],
    ["Own time", formatDuration(workMs)],
    ...(startMs > arrivedMs ? time("Asked for at", arrivedMs) : []),
    ...time("Waited for a slot", spentMs(operation, "queued")),
    ...time("Held its slot, waiting", spentMs(operation, "blocked")),
    ...time("Throttled", spentMs(operation, "throttled")),
    ...(retries > 0 ? [["Retries", String(retries)] as const] : []),
    ...(faults.length > 0 ? [["Faults", faults.join(", ")] as const] : []),
    ...(onPath === undefined ? [] : [["Critical path", onPath] as const]),
    ["Type", typeOf(urn)],
    ["URN", urn],
  ];
};

/** Shows an operation in the panel beside the timeline, or what to do when there is none. */
export const showDetails = (panel: HTMLElement, data: ReportData, index: number | undefined): void => {
  const operation = index === undefined ? undefined : data.operations[index];
  if (operation === undefined) {
    panel.replaceChildren(element("p", { className: "hint" }, "Point at, tap or focus a bar to see its details."));
    return;
  }
  const step = data.criticalPath.find((candidate) => candidate.operation === index);
  const list = element("dl");
  for (const [name, value] of factsOf(operation, step && waits[step.waitedFor])) {
    const wide = name === "Type" || name === "URN";
    list.append(element("div", { className: wide ? "wide" : "" }, element("dt", {}, name), element("dd", {}, value)));
  }
  panel.replaceChildren(element("h3", {}, nameOf(operation.urn)), list);
};

/** An operation in one sentence, for a screen reader. */
export const spoken = (operation: Operation): string =>
  `${nameOf(operation.urn)}, ${operation.kind} ${resultOf(operation)}, ${formatDuration(operation.startMs)} to ${formatDuration(operation.endMs)}`;
