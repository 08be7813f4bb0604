import type { Sink, Write } from "./sink";

/** One JSON document, written as the results come: docs/schemas/batch-report.schema.json. */
export function jsonSink(write: Write): Sink {
  let separator = "\n";
  return {
    begin: (header) => write(`${JSON.stringify(header).slice(0, -1)},"results":[`),
    item: (result) => {
      write(`${separator}${JSON.stringify(result)}`);
      separator = ",\n";
    },
    end: (summary) => write(`\n],"summary":${JSON.stringify(summary)}}\n`),
  };
}

/** One JSON object a line: a header, an item each, a summary, told apart by `type`. */
export const ndjsonSink = (write: Write): Sink => ({
  begin: (header) => write(`${JSON.stringify({ type: "header", ...header })}\n`),
  item: (result) => write(`${JSON.stringify({ type: "item", ...result })}\n`),
  end: (summary) => write(`${JSON.stringify({ type: "summary", ...summary })}\n`),
});
