import type { BatchSummary, ItemResult, ReportHeader } from "../report";

/** Takes a batch's results one by one, in order, and keeps as little of them as its form allows. */
export interface Sink {
  begin(header: ReportHeader, total: number): void;
  item(result: ItemResult): void;
  end(summary: BatchSummary): void;
}

/** Where a sink writes. */
export type Write = (text: string) => void;

/** Passes on only what did not pass; the summary still counts everything. */
export const onlyFailed = (sink: Sink): Sink => ({
  begin: (header, total) => sink.begin(header, total),
  item: (result) => {
    if (!result.passed) sink.item(result);
  },
  end: (summary) => sink.end(summary),
});

/** Text from a chain, made harmless for a terminal: control characters become visible. */
export const printable = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (letter) => {
    return `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });

/** At most so many letters. */
export const shortened = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

/** `1000 items: 998 passed, 1 failed, 1 error in 0.42 s`. */
export function summaryLine({ total, passed, failed, errors, not_run, total_duration_ms }: BatchSummary): string {
  const left = not_run > 0 ? `, ${not_run} not run` : "";
  const items = total === 1 ? "1 item" : `${total} items`;
  const seconds = (total_duration_ms / 1000).toFixed(2);
  return `${items}: ${passed} passed, ${failed} failed, ${errors} ${errors === 1 ? "error" : "errors"}${left} in ${seconds} s`;
}
