import { PipelineInputError, shown } from "./input";

/** How long a test file or a job took, or is taken to last. */
export interface Timed {
  readonly name: string;
  readonly seconds: number;
}

const allowed = "a line `name,seconds` with seconds of at least 0, each name once";

/**
 * Durations of test files from CSV: `file,seconds`, a header and lines that begin with # left out. A name may hold
 * commas, and may stand in double quotes.
 * @param file for the message
 * @throws PipelineInputError naming the line that is wrong
 */
export function parseDurations(text: string, file: string): Timed[] {
  const seen = new Map<string, number>();
  const found: Timed[] = [];
  text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .forEach((line, index) => {
      if (line.trim() === "" || line.startsWith("#") || (found.length === 0 && /^\w+,seconds$/.test(line.trim())))
        return;
      const where = `${file}:${index + 1}`;
      const comma = line.lastIndexOf(",");
      const name = line
        .slice(0, Math.max(comma, 0))
        .trim()
        .replace(/^"(.*)"$/, "$1");
      const seconds = line.slice(comma + 1).trim();
      if (comma < 0 || name === "") throw new PipelineInputError(where, `is ${shown(line)}`, allowed);
      if (seconds === "") throw new PipelineInputError(where, `has no duration for ${shown(name)}`, allowed);
      const value = Number(seconds);
      if (!Number.isFinite(value) || value < 0) {
        throw new PipelineInputError(where, `has the duration ${shown(seconds)} for ${shown(name)}`, allowed);
      }
      const before = seen.get(name);
      if (before !== undefined) {
        throw new PipelineInputError(where, `names ${shown(name)} again, after line ${before}`, allowed);
      }
      seen.set(name, index + 1);
      found.push({ name, seconds: value });
    });
  if (found.length === 0) throw new PipelineInputError(file, "holds no durations", allowed);
  return found;
}
