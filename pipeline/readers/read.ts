import { parseDurations } from "../durations";
import { json, PipelineInputError } from "../input";
import { readGithub } from "./github";
import { readJest } from "./jest";
import { readJunit } from "./junit";
import { readPulumi } from "./pulumi";
import type { Report } from "./report";

export const formats = ["jest", "junit", "pulumi", "github", "csv"] as const;
export type Format = (typeof formats)[number];

/** The format that a text looks like. @throws PipelineInputError when it looks like none */
export function formatOf(text: string, file: string): Format {
  const begin = text.replace(/^\ufeff/, "").trimStart();
  if (begin.startsWith("<")) return "junit";
  if (/^(#|\w+,seconds\b)/.test(begin)) return "csv";
  const first = begin.split("\n", 1)[0] ?? "";
  if (first.startsWith('{"') && first.includes('"urn"')) return "pulumi";
  if (/^\{[^]*"testResults"\s*:/.test(begin)) return "jest";
  if (/^[{[][^]*"jobs"\s*:/.test(begin)) return "github";
  throw new PipelineInputError(file, "is of no known format", `${formats.join(", ")}; --format says which`);
}

/**
 * Reads a file of results.
 *
 * @param root folder that tests were run in, taken off their paths
 * @throws PipelineInputError for what is not of the format
 */
export function readReport(text: string, file: string, root: string, format: Format = formatOf(text, file)): Report {
  switch (format) {
    case "jest":
      return readJest(json(text, file), file, root);
    case "junit":
      return readJunit(text, file);
    case "pulumi":
      return readPulumi(text, file);
    case "github":
      return readGithub(json(text, file), file);
    case "csv":
      return {
        entries: parseDurations(text, file).map((timed) => ({ ...timed, kind: "test", outcome: "passed" })),
      };
  }
}
