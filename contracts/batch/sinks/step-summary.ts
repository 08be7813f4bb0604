import type { ItemResult, ReportHeader } from "../report";
import { printable, shortened, summaryLine, type Sink, type Write } from "./sink";

/** GitHub takes a megabyte of summary a step; this many rows of two shortened cells stay far below. */
const MOST_ROWS = 100;
const CELL_WIDTH = 200;

/** A table cell in GitHub's Markdown: neither markup nor a cell's end gets through. */
const cell = (text: string): string =>
  shortened(printable(text), CELL_WIDTH).replace(/[&<>|`*_[\]\\]/g, (letter) => `&#${letter.charCodeAt(0)};`);

const row = ({ index, label, status, diff, error }: ItemResult): string =>
  `| ${index} | ${cell(label)} | ${status} | ${cell((diff ?? [error ?? ""]).join("; "))} |\n`;

/** The summary of a GitHub Actions step, in Markdown: totals, and what did not pass. */
export function stepSummarySink(write: Write): Sink {
  const rows: string[] = [];
  let untold = 0;
  let title = "";
  return {
    begin: ({ contract, function: fn }: ReportHeader) => (title = `### ${cell(contract)}.${cell(fn)}\n\n`),
    item: (result) => {
      if (result.passed) return;
      if (rows.length < MOST_ROWS) rows.push(row(result));
      else untold += 1;
    },
    end: (summary) => {
      const good = summary.passed === summary.total;
      write(`${title}${good ? "✅" : "❌"} ${summaryLine(summary)}\n`);
      if (rows.length > 0) write(`\n| index | label | status | why |\n| ---: | --- | --- | --- |\n${rows.join("")}`);
      if (untold > 0) write(`\nand ${untold} more\n`);
      write("\n");
    },
  };
}
