import { find } from "../find";
import type { Direction } from "../lanes";
import { percent } from "../markup";
import type { ReportData } from "../report-data";
import { wholeRun } from "../viewport";
import { showDetails, spoken } from "./details";
import { byId } from "./dom";
import { spanText } from "./paint";
import { listenToPointers } from "./pointer";
import { OperationsTable } from "./table";
import { Timeline } from "./timeline";

const data = JSON.parse(byId("data", HTMLScriptElement).textContent) as ReportData;
const critical = new Set(data.criticalPath.map(({ operation }) => operation));
const total = data.operations.length.toLocaleString("en-US");
const details = byId("details", HTMLElement);
const found = byId("found", HTMLElement);
const viewer = byId("viewer", HTMLElement);
const search = byId("search", HTMLInputElement);
const chart = byId("slots-chart", SVGSVGElement);
const frame = byId("slots-window", SVGRectElement);

const table = new OperationsTable(byId("table", HTMLElement), data.operations, byId("all", HTMLButtonElement));
const timeline = new Timeline(data, {
  onDetails: (index) => showDetails(details, data, index),
  onView: () => describe(),
});
let matches = 0;

/** Says what is shown, in words and as a frame in the chart of slots. */
function describe(): void {
  const { view } = timeline;
  const whole = wholeRun(data.virtualMs).endMs;
  const all = view.endMs - view.startMs >= whole;
  const count = matches === data.operations.length ? total : `${matches.toLocaleString("en-US")} of ${total}`;
  found.textContent = `${count} operations${all ? "" : `, ${spanText(view)}`}`;
  frame.setAttribute("x", percent(view.startMs / whole));
  frame.setAttribute("width", percent((view.endMs - view.startMs) / whole));
  frame.setAttribute("visibility", all ? "hidden" : "visible");
}

function filter(): void {
  const indexes = find(data.operations, search.value, critical);
  matches = indexes.length;
  timeline.show(indexes);
  table.show(indexes);
  describe();
}

const arrows: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

/** Whether the key did something. */
function press(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const arrow = arrows[event.key];
  if (arrow !== undefined) {
    if (event.shiftKey && (arrow === "left" || arrow === "right")) timeline.pan(arrow === "left" ? -0.25 : 0.25);
    else say(timeline.step(arrow));
    return true;
  }
  switch (event.key) {
    case "+":
    case "=":
      timeline.zoom(1.5);
      return true;
    case "-":
    case "_":
      timeline.zoom(1 / 1.5);
      return true;
    case "0":
      timeline.showWhole();
      return true;
    case "Escape":
      timeline.select(undefined);
      return true;
    default:
      return false;
  }
}

function say(index: number | undefined): void {
  const operation = index === undefined ? undefined : data.operations[index];
  byId("spoken", HTMLElement).textContent = operation === undefined ? "" : spoken(operation);
}

/** Shows an operation that is named elsewhere on the page, even if the search hides it. */
function showNamed(index: number): void {
  if (!find(data.operations, search.value, critical).includes(index)) {
    search.value = "";
    filter();
  }
  timeline.select(index);
  say(index);
  viewer.focus({ preventScroll: true });
  byId("timeline", HTMLElement).scrollIntoView({ block: "start" });
}

const onClick = (id: string, act: () => void): void =>
  byId(id, HTMLButtonElement).addEventListener("click", () => act());

onClick("zoom-in", () => timeline.zoom(1.5));
onClick("zoom-out", () => timeline.zoom(1 / 1.5));
onClick("pan-left", () => timeline.pan(-0.25));
onClick("pan-right", () => timeline.pan(0.25));
onClick("whole", () => timeline.showWhole());
search.addEventListener("input", filter);
viewer.addEventListener("keydown", (event) => {
  if (press(event)) event.preventDefault();
});
listenToPointers(viewer, timeline);
chart.addEventListener("click", (event) => {
  const box = chart.getBoundingClientRect();
  timeline.centre(((event.clientX - box.left) / box.width) * wholeRun(data.virtualMs).endMs);
});
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button[data-operation]") : null;
  if (button instanceof HTMLButtonElement) showNamed(Number(button.dataset.operation));
});

showDetails(details, data, undefined);
filter();
