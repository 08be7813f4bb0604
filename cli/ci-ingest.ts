import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";

import { type Command, Option } from "commander";

import { Stopwatch, type TimedEvent } from "../rehearsal/forecast/timings";
import { HISTORY, isoTime, testFile } from "./ci-inputs";
import { readText, replaceFile } from "./files";
import { wholeNumber } from "./rehearsal-command";

interface IngestOptions {
  readonly history: string;
  readonly root: string;
  readonly run?: string;
  readonly attempt?: number;
  readonly commit?: string;
  readonly at?: string;
  readonly format?: "jest" | "junit" | "pulumi" | "github" | "csv";
  readonly cache?: "hit" | "miss";
  readonly keep?: number;
}

/** How long to wait for another process that writes the history, in milliseconds. */
const LOCK_TIMEOUT_MS = 60_000;

/** Declares `meridian ci ingest`. */
export function addIngest(ci: Command): void {
  ci.command("ingest")
    .description("Add what a run's tests and jobs took to the history.")
    .argument("<file...>", "results of one run")
    .option("--history <file>", "the history, JSON lines", HISTORY)
    .option("--root <folder>", "folder that the tests were run in", ".")
    .option("--run <id>", "the run (GITHUB_RUN_ID, else by content)", process.env.GITHUB_RUN_ID)
    .option("--attempt <n>", "the run's attempt (GITHUB_RUN_ATTEMPT, else 1)", wholeNumber(1))
    .option("--commit <sha>", "commit that was tested (GITHUB_SHA)", process.env.GITHUB_SHA)
    .option("--at <time>", "when, where the results do not say (else the files' own time)", isoTime)
    .addOption(
      new Option("--format <name>", "what the files are, where that cannot be seen").choices([
        "jest",
        "junit",
        "pulumi",
        "github",
        "csv",
      ]),
    )
    .option("--keep <n>", "forget of each test, job, step or operation all but its latest n", wholeNumber(1))
    .addOption(new Option("--cache <state>", "whether the run found its caches").choices(["hit", "miss"]))
    .addHelpText(
      "after",
      `
Reads jest --json, JUnit XML, events of Pulumi's engine (of which only type, URN and duration are kept), GitHub's list of
jobs (gh api repos/{owner}/{repo}/actions/runs/{id}/jobs), and CSV (file,seconds). Reading a file again changes nothing.
Exit code 0: added; 2: bad input, and the history is as it was.

Example:
  npx jest --json --outputFile=jest.json; npx meridian ci ingest jest.json`,
    )
    .action(ingest);
}

async function ingest(files: readonly string[], options: IngestOptions): Promise<void> {
  const { readReport } = await import("../pipeline/readers/read.js");
  const { formatHistory, keepLatest, mergeHistories, parseHistory } = await import("../pipeline/history.js");
  const { observe } = await import("../pipeline/observe.js");
  const { withLock } = await import("../contracts/file-lock.js");
  const root = resolve(options.root);
  const reports = files.map((file) => {
    const text = operationsOf(readText(file));
    const at = options.at ?? statSync(file).mtime.toISOString();
    return { source: file, report: readReport(text, file, root, options.format), at, text };
  });
  const byContent = createHash("sha256").update(reports.map(({ text }) => text).join("\n"));
  const observations = observe(reports, {
    run: options.run ?? byContent.digest("hex").slice(0, 12),
    attempt: options.attempt ?? (Number(process.env.GITHUB_RUN_ATTEMPT) || 1),
    commit: options.commit,
    cache: options.cache,
    file: (name) => testFile(name, root),
  });
  const file = resolve(options.history);
  const [added, kept] = await withLock(`${file}.lock`, LOCK_TIMEOUT_MS, () => {
    const known = existsSync(file) ? parseHistory(readText(file), options.history) : [];
    const merged = mergeHistories(known, observations);
    const kept = options.keep === undefined ? merged : keepLatest(merged, options.keep);
    replaceFile(file, formatHistory(kept));
    return Promise.resolve([merged.length - known.length, kept.length] as const);
  });
  process.stdout.write(
    `${options.history}: ${kept} observations, ${added} new of ${observations.length} in ${files.length} ${files.length === 1 ? "file" : "files"}.\n`,
  );
}

/**
 * The operations in a log of the engine's own events (`pulumi up --event-log`), as `meridian up` records them; any other
 * text as it is. The log's whole seconds are all that it knows. Of its inputs and outputs nothing is kept.
 */
function operationsOf(text: string): string {
  if (!text.startsWith('{"sequence":')) return text;
  const watch = new Stopwatch();
  return text
    .split("\n")
    .flatMap((line) => {
      const event = eventOf(line);
      const timing = event === undefined ? undefined : watch.take(event, (event.timestamp ?? 0) * 1000);
      return timing === undefined ? [] : [`${JSON.stringify(timing)}\n`];
    })
    .join("");
}

/** An event that a crash has torn is left out: its operation has no end. */
function eventOf(line: string): (TimedEvent & { readonly timestamp?: number }) | undefined {
  try {
    return JSON.parse(line) as TimedEvent & { readonly timestamp?: number };
  } catch {
    return undefined;
  }
}
