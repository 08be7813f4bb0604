import type { Command } from "commander";
import { parse } from "yaml";

import type { Combination } from "../pipeline/covering";
import { readText, writeText } from "./files";
import { printJson } from "./output";
import { formatTable } from "../table";

interface MatrixOptions {
  readonly matrix?: string;
  readonly json?: boolean;
}

/** Declares `meridian ci matrix`. */
export function addMatrix(ci: Command): void {
  ci.command("matrix")
    .description("Reduce a job matrix to fewer jobs that still have every pair of values.")
    .argument("<file>", "YAML or JSON: axes, and combinations to exclude")
    .option("--matrix <file>", "write the jobs as a GitHub matrix")
    .option("--json", "print what is chosen and what is dropped as JSON")
    .addHelpText(
      "after",
      `
The file: axes: { os: [linux, macos], node: [20, 22, 24] }, exclude: [{ os: macos, node: 20 }].
Exit code 0: reduced; 2: bad input.

Example:
  npx meridian ci matrix axes.yaml --matrix matrix.json`,
    )
    .action(async (file: string, { matrix, json = false }: MatrixOptions) => {
      const { combinations, cover, parseMatrix } = await import("../pipeline/covering.js");
      const { githubMatrix } = await import("../pipeline/matrix.js");
      const { yaml } = await import("./ci-yaml.js");
      const all = combinations(parseMatrix(yaml(parse, readText(file), file), file), file);
      const result = cover(all);
      if (matrix !== undefined) writeText(matrix, `${JSON.stringify(githubMatrix(result.chosen))}\n`);
      if (json) return void printJson({ schemaVersion: 1, ...result });
      const axes = Object.keys(all[0] ?? {});
      const rows = (some: readonly Combination[]): string =>
        formatTable([axes, ...some.map((one) => axes.map((axis) => String(one[axis])))]);
      const { chosen, dropped, pairs } = result;
      process.stdout.write(
        `${chosen.length} of ${all.length} jobs have all ${pairs} pairs of values.\n\n${rows(chosen)}\n` +
          (dropped.length > 0 ? `\nDropped, ${dropped.length}:\n${rows(dropped)}\n` : ""),
      );
    });
}
