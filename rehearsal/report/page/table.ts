import { cellOf, type Column, columns, sortBy } from "../find";
import type { Operation } from "../report-data";
import { element, showButton } from "./dom";

const headings: Readonly<Record<Column, string>> = {
  name: "resource",
  kind: "kind",
  operation: "operation",
  begins: "began at",
  work: "own time",
  waits: "waited",
  throttled: "throttled",
  result: "result",
};
const numeric: ReadonlySet<Column> = new Set(["begins", "work", "waits", "throttled"]);

/** As many rows as are shown before all are asked for. */
const shortList = 20;

/** The operations as a table that can be sorted, which says all that the timeline shows. */
export class OperationsTable {
  private column: Column = "work";
  private direction: "ascending" | "descending" = "descending";
  private shown: readonly number[] = [];
  private complete = false;
  private readonly body = element("tbody");
  private readonly heads = new Map<Column, HTMLTableCellElement>();

  constructor(
    place: HTMLElement,
    private readonly operations: readonly Operation[],
    private readonly all: HTMLButtonElement,
  ) {
    const row = element("tr");
    for (const column of columns) {
      const button = element("button", { type: "button", className: "sort" }, headings[column]);
      button.addEventListener("click", () => this.sort(column));
      const head = element("th", { scope: "col", className: numeric.has(column) ? "number" : "" }, button);
      this.heads.set(column, head);
      row.append(head);
    }
    const caption = element("caption", { className: "unseen" }, "Operations");
    const wrapper = element(
      "div",
      { className: "scroll", tabIndex: 0 },
      element("table", {}, caption, element("thead", {}, row), this.body),
    );
    wrapper.setAttribute("role", "region");
    wrapper.setAttribute("aria-label", "Operations");
    place.replaceChildren(wrapper);
    all.addEventListener("click", () => {
      this.complete = true;
      this.render();
    });
  }

  /** Lists these operations. */
  show(indexes: readonly number[]): void {
    this.shown = indexes;
    this.render();
  }

  private sort(column: Column): void {
    const first = numeric.has(column) ? "descending" : "ascending";
    const other = this.direction === "ascending" ? "descending" : "ascending";
    this.direction = this.column === column ? other : first;
    this.column = column;
    this.render();
  }

  private render(): void {
    for (const [column, head] of this.heads) {
      head.setAttribute("aria-sort", column === this.column ? this.direction : "none");
    }
    const sorted = sortBy(this.operations, this.shown, this.column, this.direction);
    const listed = this.complete ? sorted : sorted.slice(0, shortList);
    this.body.replaceChildren(...listed.map((index) => this.row(index)));
    this.all.hidden = listed.length === sorted.length;
    this.all.textContent = `Show all ${sorted.length.toLocaleString("en-US")}`;
  }

  private row(index: number): HTMLTableRowElement {
    const row = element("tr");
    const operation = this.operations[index];
    if (operation === undefined) return row;
    for (const column of columns) {
      const text = cellOf(operation, column);
      const failed = column === "result" && operation.outcome === "failed";
      const content = column === "name" ? showButton(index, text) : `${failed ? "✕ " : ""}${text}`;
      row.append(element("td", { className: failed ? "failed" : numeric.has(column) ? "number" : "" }, content));
    }
    return row;
  }
}
