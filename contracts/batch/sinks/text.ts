import type { ItemResult, ReportHeader } from "../report";
import { printable, shortened, summaryLine, type Sink, type Write } from "./sink";

/** Failures that are told in full; more are in the table, and in a report. */
const MOST_FAILURES = 50;
const LABEL_WIDTH = 24;
const RESULT_WIDTH = 72;

const words: Readonly<Record<ItemResult["status"], string>> = { passed: "ok    ", failed: "FAILED", error: "ERROR " };

const shownResult = (result: ItemResult): string => {
  if (result.result === null) return result.error ?? "";
  return typeof result.result === "string" ? result.result : JSON.stringify(result.result);
};

const row = (result: ItemResult, indexWidth: number): string => {
  const label = shortened(printable(result.label), LABEL_WIDTH).padEnd(LABEL_WIDTH);
  const time = `${result.duration_ms.toFixed(2)} ms`.padStart(11);
  const shown = shortened(printable(shownResult(result)), RESULT_WIDTH);
  return `${words[result.status]}  ${String(result.index).padStart(indexWidth)}  ${label}  ${time}  ${shown}\n`;
};

/** Its first line is what the problem matcher of .vscode/tasks.json looks for. */
const failureText = (result: ItemResult, file: string): string => {
  const lines = result.diff ?? [result.error ?? ""];
  const head = `${words[result.status].trim()} ${file}[${result.index}] ${printable(result.label)} args ${JSON.stringify(result.args)}`;
  return [printable(head), ...lines.map((line) => `    ${printable(line)}`)].join("\n");
};

/** For people: what is called, a row an item as it comes, the failures last with what differs, the totals. */
export function textSink(write: Write): Sink {
  const failures: string[] = [];
  let untold = 0;
  let indexWidth = 1;
  let file = "";
  return {
    begin: (header: ReportHeader, total) => {
      indexWidth = String(total).length;
      file = header.file ?? "";
      const at = header.contract === header.address ? "" : ` at ${header.address}`;
      write(`${header.contract}${at}.${header.function}, chain ${header.chain_id}, block ${header.block}, `);
      write(`${header.isolation} (${header.transport})\n\n`);
    },
    item: (result) => {
      write(row(result, indexWidth));
      if (result.passed) return;
      if (failures.length < MOST_FAILURES) failures.push(failureText(result, file));
      else untold += 1;
    },
    end: (summary) => {
      if (failures.length > 0) write(`\n${failures.join("\n")}\n`);
      if (untold > 0) write(`and ${untold} more\n`);
      const { p50_ms: p50, p95_ms: p95 } = summary;
      const spread = p50 === null || p95 === null ? "" : `; p50 ${p50.toFixed(2)} ms, p95 ${p95.toFixed(2)} ms`;
      write(`\n${summaryLine(summary)}${spread}\n`);
    },
  };
}
