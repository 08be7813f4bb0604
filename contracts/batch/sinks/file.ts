import { closeSync, openSync, writeSync } from "node:fs";
import { extname } from "node:path";
import { messageOf } from "../../errors";
import { BatchInputError } from "../errors";
import { jsonSink, ndjsonSink } from "./json";
import { junitSink } from "./junit";
import type { Sink, Write } from "./sink";
import { stepSummarySink } from "./step-summary";
import { textSink } from "./text";

/** A form of output. */
export type Format = "text" | "json" | "ndjson" | "junit";

/** Every form, in the order of the documentation. */
export const formats: readonly Format[] = ["text", "json", "ndjson", "junit"];

const sinks: Readonly<Record<Format, (write: Write) => Sink>> = {
  text: textSink,
  json: jsonSink,
  ndjson: ndjsonSink,
  junit: junitSink,
};

/** A sink of a form. */
export const sinkOf = (format: Format, write: Write): Sink => sinks[format](write);

const extensions: Readonly<Record<string, Format>> = {
  ".json": "json",
  ".ndjson": "ndjson",
  ".jsonl": "ndjson",
  ".xml": "junit",
  ".txt": "text",
};

/** Writes a report into a file; its extension decides the form. @throws {BatchInputError} before anything runs */
export function reportFileSink(path: string): Sink {
  const format = extensions[extname(path).toLowerCase()];
  if (format === undefined) {
    const known = Object.keys(extensions).join(", ");
    throw new BatchInputError(`--report ${path} has an extension that says no format.`, `Use one of ${known}.`);
  }
  return toFile(path, "w", (write) => sinkOf(format, write));
}

/** Appends to the summary of the GitHub Actions step that this runs in. */
export const stepSummaryFileSink = (path: string): Sink => toFile(path, "a", stepSummarySink);

function toFile(path: string, flags: "w" | "a", make: (write: Write) => Sink): Sink {
  let file: number;
  try {
    file = openSync(path, flags);
  } catch (error) {
    throw new BatchInputError(`${path} cannot be written (${messageOf(error)}).`, "Check the path.");
  }
  const sink = make((text) => void writeSync(file, text));
  return {
    ...sink,
    end: (summary) => {
      sink.end(summary);
      closeSync(file);
    },
  };
}
