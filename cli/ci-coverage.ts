import type { Command } from "commander";

import { readText, writeText } from "./files";

interface CoverageOptions {
  readonly out?: string;
  readonly equals?: string;
}

/** Declares `meridian ci coverage`. */
export function addCiCoverage(ci: Command): void {
  ci.command("coverage")
    .description("Merge the coverage of shards, and compare it with that of an unsharded run.")
    .argument("<file...>", "coverage-final.json of each shard (Istanbul, Jest's json reporter)")
    .option("--out <file>", "write the merged coverage")
    .option("--equals <file>", "coverage of an unsharded run that must have reached the same")
    .addHelpText(
      "after",
      `
Exit code 0: merged, and equal where asked; 1: --equals reached something else, with the places; 2: bad input.

Example:
  npx meridian ci coverage shard-*/coverage-final.json --out coverage.json`,
    )
    .action(async (files: readonly string[], { out, equals }: CoverageOptions) => {
      const { coverageDifferences, mergeCoverage, parseCoverage, statementsOf } =
        await import("../pipeline/coverage.js");
      const { json } = await import("../pipeline/input.js");
      const read = (file: string) => parseCoverage(json(readText(file), file), file);
      const merged = mergeCoverage(files.map(read));
      const differences = equals === undefined ? [] : coverageDifferences(merged, read(equals));
      if (out !== undefined) writeText(out, `${JSON.stringify(merged)}\n`);
      const { reached, all } = statementsOf(merged);
      process.stdout.write(`${files.length} shards: ${reached} of ${all} statements reached.\n`);
      if (differences.length === 0) return;
      process.stdout.write(`Not as in ${equals ?? ""}:\n${differences.map((line) => `  ${line}\n`).join("")}`);
      process.exitCode = 1;
    });
}
