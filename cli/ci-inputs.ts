import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { InvalidArgumentError } from "commander";

import { MeridianError } from "../errors";
import { parseDurations, type Timed } from "../pipeline/durations";
import { estimate, type TestFile } from "../pipeline/estimate";
import { type Observation, parseHistory } from "../pipeline/history";
import { readText } from "./files";

/** Where the history is kept, unless --history says otherwise. */
export const HISTORY = "ci-history.jsonl";

/** Parses an option that is a number of at least 0. @throws InvalidArgumentError */
export const notNegative = (text: string): number => {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError("It must be a number of at least 0.");
};

/** Parses a number of runners, shards or runs. @throws InvalidArgumentError */
export const upToThousand = (text: string): number => {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= 1000) return value;
  throw new InvalidArgumentError("It must be a whole number from 1 to 1000.");
};

/** Parses `4,8,16`. @throws InvalidArgumentError */
export const numberList = (text: string): number[] =>
  text.split(",").map((part) => {
    const value = Number(part.trim());
    if (/^\d+$/.test(part.trim()) && value >= 1 && value <= 1000) return value;
    throw new InvalidArgumentError("It must be whole numbers from 1 to 1000, with commas.");
  });

/** Parses an ISO time. @throws InvalidArgumentError */
export const isoTime = (text: string): string => {
  const at = new Date(text);
  if (!Number.isNaN(at.getTime())) return at.toISOString();
  throw new InvalidArgumentError("It must be a time such as 2026-11-21T12:00:00Z.");
};

/** The history in a file. @throws MeridianError when it is not there or broken */
export function readHistory(file: string): Observation[] {
  if (existsSync(file)) return parseHistory(readText(file), file);
  throw new MeridianError(`There is no history ${file}.`, {
    hint: "Make one of your results: npx meridian ci ingest <file...> --history <file>",
  });
}

/** Durations of test files: of a CSV as they are, of a history as it predicts them. */
export function readDurations(file: string): Timed[] {
  if (!file.endsWith(".jsonl")) return parseDurations(readText(file), file);
  const history = readHistory(file);
  const names = new Set(history.flatMap(({ kind, name }) => (kind === "test" ? [name] : [])));
  return estimate(
    [...names].map((name) => ({ name })),
    history,
  );
}

/** Size and content of a test file as far as it is there. */
export function testFile(name: string, root: string): TestFile {
  const path = join(root, name);
  if (!existsSync(path)) return { name };
  const content = readFileSync(path);
  return { name, sizeBytes: content.length, sha256: createHash("sha256").update(content).digest("hex") };
}
