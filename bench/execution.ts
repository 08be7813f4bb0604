import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { format } from "prettier";

import { lightColours, renderSvg } from "../cli/chart";
import { bench, usualOptions } from "../execution/bench/bench";
import { contentionChart, threadsChart } from "../execution/bench/charts";
import { formatReport } from "../execution/bench/report-text";
import { startAnvil } from "../rehearsal/anvil-process";
import { anvilBinary } from "../rehearsal/chains";
import { projectRoot } from "../toolchain/paths";
import { machine } from "./machine";

const usage = `Usage: npm run bench -- execution [--quick] [--transactions N] [--rounds N] [--threads N]

Every workload of \`meridian execution bench\`, sequential, optimistic, scheduled and adaptive, beside plain EthereumJS and
anvil, interleaved. Writes bench/results/execution.json, execution-contention.svg and execution-threads.svg.
`;

/** Runs the benchmark; prints the tables and writes the results. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    process.stdout.write(usage);
    return 0;
  }
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { quick: { type: "boolean" }, transactions: text, rounds: text, threads: text },
  });
  const usual = usualOptions(values.quick ?? false);
  const report = await bench({
    ...usual,
    transactions: Number(values.transactions ?? usual.transactions),
    rounds: Number(values.rounds ?? usual.rounds),
    threads: Number(values.threads ?? usual.threads),
    startNative: (flags) => startAnvil(anvilBinary(), ["--port", "0", ...flags]),
    onProgress: (line) => process.stderr.write(`… ${line}\n`),
  });
  const folder = join(projectRoot, "bench", "results");
  mkdirSync(folder, { recursive: true });
  const command = ["npm run bench -- execution", ...args].join(" ");
  const json = JSON.stringify({ command, ...machine(), ...report });
  writeFileSync(join(folder, "execution.json"), await format(json, { parser: "json", printWidth: 120 }));
  writeFileSync(join(folder, "execution-contention.svg"), await renderSvg(contentionChart(report, lightColours)));
  writeFileSync(join(folder, "execution-threads.svg"), await renderSvg(threadsChart(report, lightColours)));
  process.stdout.write(formatReport(report));
  return 0;
}
