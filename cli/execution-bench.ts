import { join } from "node:path";

import type { Command } from "commander";

import { makeFolder, writeText } from "./files";
import { printJson } from "./output";
import { wholeNumber } from "./rehearsal-command";

interface BenchCommandOptions {
  readonly workload?: readonly string[];
  readonly transactions?: number;
  readonly rounds?: number;
  readonly threads?: number;
  readonly seed?: number;
  readonly quick?: boolean;
  readonly sweeps: boolean;
  readonly anvil: boolean;
  readonly svg?: string;
  readonly json?: boolean;
}

const names = (text: string): string[] => text.split(",").map((name) => name.trim());

/** Declares `meridian execution bench`. */
export function addExecutionBench(execution: Command): void {
  execution
    .command("bench")
    .description("Execute generated blocks sequentially and in parallel, and print what each way achieves.")
    .option("--workload <names>", "only these workloads, by commas (default: all; docs/execution.md)", names)
    .option("--transactions <n>", "transactions of each block (default: 256)", wholeNumber(1))
    .option("--rounds <n>", "blocks that count, of each workload (default: 7)", wholeNumber(1))
    .option("--threads <n>", "threads that execute (default: as many as there are cores)", wholeNumber(1))
    .option("--seed <n>", "seed of the workloads; the same seed, the same blocks (default: 1)", wholeNumber(0))
    .option("--quick", "small blocks, one round: to see that it works, not to believe the figures")
    .option("--no-sweeps", "leave out the curves over contention and threads")
    .option("--no-anvil", "leave out the native client")
    .option("--svg <folder>", "draw the curves into this folder: contention.svg, threads.svg")
    .option("--json", "print the report as JSON")
    .addHelpText(
      "after",
      `
Every block is executed by all ways, one after the other, and their state roots are compared. Takes some minutes.
Exit code 0: measured; 1: two ways disagree; 2: bad input.

Example:
  npx meridian execution bench
  npx meridian execution bench --workload tokens,swaps-10 --threads 2 --no-sweeps`,
    )
    .action(run);
}

async function run({ quick = false, json = false, svg, ...given }: BenchCommandOptions): Promise<void> {
  const { bench, usualOptions } = await import("../execution/bench/bench.js");
  const usual = usualOptions(quick);
  const sweeps = given.sweeps ? {} : { contention: [], threadCounts: [] };
  const report = await bench({
    ...usual,
    workloads: given.workload,
    transactions: given.transactions ?? usual.transactions,
    rounds: given.rounds ?? usual.rounds,
    threads: given.threads ?? usual.threads,
    seed: given.seed ?? usual.seed,
    ...sweeps,
    startNative: given.anvil ? startNative : undefined,
    onProgress: (text) => process.stderr.write(`… ${text}\n`),
  });
  if (svg !== undefined) {
    const { contentionChart, threadsChart } = await import("../execution/bench/charts.js");
    const { lightColours, renderSvg } = await import("./chart.js");
    makeFolder(svg);
    if (report.contention.length > 0)
      writeText(join(svg, "contention.svg"), await renderSvg(contentionChart(report, lightColours)));
    if (report.threads.length > 0)
      writeText(join(svg, "threads.svg"), await renderSvg(threadsChart(report, lightColours)));
  }
  const { formatReport } = await import("../execution/bench/report-text.js");
  if (json) printJson(report);
  else process.stdout.write(formatReport(report));
}

async function startNative(args: readonly string[]) {
  const { anvilBinary } = await import("../rehearsal/chains.js");
  const { startAnvil } = await import("../rehearsal/anvil-process.js");
  return startAnvil(anvilBinary(), ["--port", "0", ...args]);
}
