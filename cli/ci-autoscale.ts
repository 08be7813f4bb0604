import type { Command } from "commander";
import { parse } from "yaml";

import { HISTORY, notNegative, readDurations, upToThousand } from "./ci-inputs";
import { readText, writeText } from "./files";
import { printJson } from "./output";
import { formatTable } from "../table";

interface AutoscaleOptions {
  readonly durations: string;
  readonly rules?: string;
  readonly runs: number;
  readonly every: number;
  readonly svg?: string;
  readonly json?: boolean;
}

/** Declares `meridian ci autoscale`. */
export function addAutoscale(ci: Command): void {
  ci.command("autoscale")
    .description("Simulate rules that add and remove runners, over recorded durations.")
    .option("--durations <file>", "CSV (file,seconds) or a history (.jsonl); each file is a job", HISTORY)
    .option("--rules <file>", "YAML or JSON (default: pipeline/data/autoscale.json)")
    .option("--runs <n>", "runs of the whole suite that arrive", upToThousand, 1)
    .option("--every <minutes>", "minutes between them", notNegative, 30)
    .option("--svg <file>", "draw the number of runners over time")
    .option("--json", "print the simulation as JSON")
    .addHelpText(
      "after",
      `
Exit code 0: simulated; 2: bad input, or a budget that does not pay the least number of runners.

Example:
  npx meridian ci autoscale --durations pipeline/data/durations-2025-09-15.csv --runs 3 --every 20 --svg runners.svg`,
    )
    .action(async ({ durations, rules, runs, every, svg, json = false }: AutoscaleOptions) => {
      const { autoscale, autoscaleRules, breaches, parseRules } = await import("../pipeline/autoscale.js");
      const { yaml } = await import("./ci-yaml.js");
      const used = rules === undefined ? autoscaleRules : parseRules(yaml(parse, readText(rules), rules), rules);
      const jobs = readDurations(durations);
      const result = autoscale(
        Array.from({ length: runs }, (_, run) => jobs.map((job) => ({ ...job, atSeconds: run * every * 60 }))).flat(),
        used,
      );
      const broken = breaches(result.scalings, used);
      if (broken.length > 0) throw new Error(`The simulation breaks its own rules: ${broken.join("; ")}`);
      if (svg !== undefined) {
        const { autoscaleChart } = await import("../pipeline/chart.js");
        const { lightColours, renderSvg } = await import("./chart.js");
        const title = `Runners over time, ${runs} ${runs === 1 ? "run" : "runs"} of ${jobs.length} jobs`;
        const { scalings, makespanSeconds } = result;
        writeText(
          svg,
          await renderSvg(autoscaleChart(title, scalings, used.minRunners, makespanSeconds, lightColours)),
        );
      }
      if (json) return void printJson({ schemaVersion: 1, rules: used, ...result });
      const rows = result.scalings.map(({ atSeconds, from, to, load, queue }) => [
        `${(atSeconds / 60).toFixed(1)} min`,
        `${from} -> ${to}`,
        `${(load * 100).toFixed(0)}%`,
        String(queue),
      ]);
      const usd = result.usd === undefined ? "price unknown" : `${result.usd.toFixed(2)} USD`;
      process.stdout.write(
        `${formatTable([["at", "runners", "load", "queue"], ...rows])}\n\n` +
          `Ends after ${(result.makespanSeconds / 60).toFixed(1)} min; at most ${result.peakRunners} runners; a job waits ` +
          `${(result.meanWaitSeconds / 60).toFixed(1)} min on average; ${result.minutes} billed minutes, ${usd}.\n`,
      );
    });
}
