import { type Command, Option } from "commander";

import { HISTORY, isoTime, readHistory } from "./ci-inputs";
import { printJson } from "./output";
import { formatTable } from "../table";

interface AdviceOptions {
  readonly history: string;
  readonly json?: boolean;
}

const seconds = (value: number | undefined): string => (value === undefined ? "unknown" : `${value.toFixed(1)} s`);
const print = (rows: readonly (readonly string[])[], none: string): void =>
  void process.stdout.write(rows.length > 1 ? `${formatTable(rows)}\n` : `${none}\n`);

/** Declares what the history alone answers: `meridian ci quarantine`, `timeouts` and `cache`. */
export function addAdvice(ci: Command): void {
  const declare = (name: string, description: string, notes: string): Command =>
    ci
      .command(name)
      .description(description)
      .option("--history <file>", "what tests and jobs took", HISTORY)
      .option("--json", "print it as JSON")
      .addHelpText("after", `\n${notes}\nExit code 0: printed; 2: bad input.\n\nExample:\n  npx meridian ci ${name}`);

  declare(
    "quarantine",
    "List the flaky test files, with evidence and the day on which it expires.",
    "Flaky: both passed and failed at one commit, at two commits within 30 days; it expires 14 days after the last.",
  )
    .option("--at <time>", "as of this time (default: now)", isoTime)
    .action(async ({ history, json = false, at }: AdviceOptions & { readonly at?: string }) => {
      const { quarantine } = await import("../pipeline/quarantine.js");
      const found = quarantine(readHistory(history), at ?? new Date().toISOString());
      if (json) return void printJson({ schemaVersion: 1, quarantine: found });
      const rows = found.map(({ name, evidence, tests, until }) => [
        name,
        evidence
          .map(({ commit, passed, failed }) => `${commit.slice(0, 8)}: ${passed} passed, ${failed} failed`)
          .join("; "),
        tests.join(", ") || "unknown",
        until.slice(0, 10),
      ]);
      print([["test file", "evidence", "tests", "until"], ...rows], "No test file is flaky by evidence.");
    });

  declare(
    "timeouts",
    "Print a timeout for every test file or job, by what it took.",
    "1.5 times the larger of the 95th percentile and median + 3 robust sigmas, at least 60 s; unknown with fewer than 5 runs.",
  )
    .addOption(new Option("--kind <kind>", "of what").choices(["test", "job"]).default("job"))
    .action(async ({ history, json = false, kind }: AdviceOptions & { readonly kind: "test" | "job" }) => {
      const { timeouts } = await import("../pipeline/timeouts.js");
      const found = timeouts(readHistory(history), kind);
      if (json) return void printJson({ schemaVersion: 1, timeouts: found });
      const rows = found.map((one) => [one.name, seconds(one.seconds), String(one.samples)]);
      print([["name", "timeout", "runs"], ...rows], `The history has no ${kind} that passed.`);
    });

  declare(
    "cache",
    "Say of each step whether a cache pays, by its times with and without one.",
    "Steps come from GitHub's list of jobs, ingested with --cache hit or --cache miss.",
  ).action(async ({ history, json = false }: AdviceOptions) => {
    const { cacheAdvice } = await import("../pipeline/caching.js");
    const found = cacheAdvice(readHistory(history));
    if (json) return void printJson({ schemaVersion: 1, cache: found });
    const rows = found.map(({ step, hitSeconds, missSeconds, hitRate, savedSeconds, advice }) => [
      ...[
        step,
        seconds(missSeconds),
        seconds(hitSeconds),
        `${(hitRate * 100).toFixed(0)}%`,
        seconds(savedSeconds),
        advice,
      ],
    ]);
    const head = ["step", "without", "with", "hit rate", "saved a run", "advice"];
    print([head, ...rows], "The history has no steps with --cache hit or miss.");
  });
}
