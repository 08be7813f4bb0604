import { resolve } from "node:path";

import { type Command, InvalidArgumentError } from "commander";

import type { Fleet } from "../fleet";
import { type ModeName, modeNames, type ProgramOptions, unbounded } from "../rehearsal/forecast/modes";
import { showProgress } from "../toolchain/progress";
import { ensurePulumi } from "../toolchain/pulumi";
import { readText, writeText } from "./files";
import { onInterrupt } from "./interrupts";
import { printJson } from "./output";
import { rehearsalProgress } from "./rehearsal-progress";
import { collect, wholeNumber } from "./rehearsal-command";

interface ForecastOptions {
  readonly stack: string;
  readonly parallel: readonly number[];
  readonly mode?: readonly ModeName[];
  readonly runs: number;
  readonly seed: number;
  readonly profile?: string;
  readonly fault?: readonly string[];
  readonly folder?: string;
  readonly svg?: string;
  readonly json?: boolean;
}

/** `1,8,unbounded` as numbers. @throws InvalidArgumentError */
const parallelList = (text: string): number[] =>
  text.split(",").map((part) => (part.trim() === "unbounded" ? unbounded : wholeNumber(1)(part.trim())));

/** @throws InvalidArgumentError */
export const modeName = (text: string): ModeName => {
  const known = modeNames.find((name) => name === text);
  if (known === undefined) throw new InvalidArgumentError(`Allowed: ${modeNames.join(", ")}.`);
  return known;
};

/** Declares `meridian forecast`. */
export function addForecast(program: Command): void {
  program
    .command("forecast")
    .description("Forecast how long a first deployment takes, and which --parallel to use, from many simulated runs.")
    .option("--stack <name>", "stack whose first deployment is forecast (Pulumi.<name>.yaml)", "dev")
    .option("--parallel <list>", "numbers of slots to compare", parallelList, [1, 8, 24, 64, 128, unbounded])
    .option("--mode <name>", `only this mode: ${modeNames.join(", ")}; --parallel then has its options`, (text) => [
      modeName(text),
    ])
    .option("--runs <n>", "simulated runs of each case", wholeNumber(1), 500)
    .option("--seed <n>", "seed of the first run; run i is the rehearsal with --seed n+i", wholeNumber(0), 1)
    .option("--profile <file>", "latencies measured by meridian calibrate, in place of the modelled ones")
    .option("--fault <fault>", "trouble that every run meets, as meridian rehearse takes it; may be repeated", collect)
    .option("--folder <path>", "where the recorded graph is kept (default: .rehearsal in the checkout)")
    .option("--svg <file>", "write a chart of time against --parallel")
    .option("--json", "print the forecast as JSON")
    .addHelpText(
      "after",
      `
The first time, and whenever the program or the configuration changed, the graph is recorded from a rehearsed deployment
(a quarter of a minute for dev, a few minutes for fleet). How to read the output: docs/forecast.md.
Exit code 0: forecast; 1: the graph cannot be recorded; 2: bad input, or a tool is missing.

Example:
  npx meridian forecast --stack fleet --parallel 8,24,64 --svg forecast.svg
  npx meridian forecast --stack fleet --fault flaky=0.02 --fault throttle@japaneast`,
    )
    .action(run);
}

async function run({ stack, parallel, mode, runs, seed, json = false, ...options }: ForecastOptions): Promise<void> {
  const { readProfile } = await import("../rehearsal/forecast/profile.js");
  const { readConfiguration } = await import("../rehearsal/rehearse.js");
  const { subjectOf } = await import("../rehearsal/forecast/forecast.js");
  const { azureModel } = await import("../rehearsal/forecast/azure-model.js");
  const { modes, optionsText, ownOptions } = await import("../rehearsal/forecast/modes.js");
  const { graphsOf, study } = await import("../rehearsal/forecast/study.js");
  const profile = options.profile === undefined ? undefined : readProfile(readText(options.profile), options.profile);
  const fleet = readConfiguration(stack);
  const faults = await forecastFaults(options.fault ?? [], fleet);
  const [only] = mode ?? [];
  const chosen = { modes: mode ?? modeNames, program: only === undefined ? ownOptions(fleet) : modes[only] };
  const subjects = [];
  for (const program of graphsOf(chosen)) {
    const graph = await graphOf(stack, program, options.folder);
    subjects.push(subjectOf(program, graph, azureModel(graph, { faults, ...(profile !== undefined && { profile }) })));
  }
  const show = simulationProgress();
  const result = study(subjects, { ...chosen, parallel, runs, seed, onProgress: show.done });
  show.clear();
  const own = optionsText(chosen.program);
  const operations = subjects.find((subject) => optionsText(subject) === own)?.prepared.graph.operations.length ?? 0;
  const asked = { stack, runs, seed, operations, faults: faults.map(({ text }) => text) };
  if (options.svg !== undefined) {
    const { renderChart } = await import("./forecast-chart.js");
    const title = `Stack ${stack}: time of a first deployment, ${runs} runs`;
    writeText(options.svg, await renderChart(title, result.parallel));
  }
  const { formatStudy, studyJson } = await import("./forecast-text.js");
  if (json) printJson(studyJson(result, asked));
  else process.stdout.write(formatStudy(result, asked));
}

/** @throws FaultError for a fault that is misspelt, at a region that the stack has not, or no part of a forecast */
async function forecastFaults(texts: readonly string[], { regions }: Fleet) {
  const { FaultError, parseFault } = await import("../rehearsal/azure/faults.js");
  const faults = texts.map((text) => parseFault(text, [...regions.map(({ name }) => name), "global"]));
  const crash = faults.find(({ name }) => name === "crash");
  if (crash === undefined) return faults;
  throw new FaultError(`--fault "${crash.text}": a crash is no part of a forecast, which simulates whole runs.`, {
    hint: `Rehearse it: npx meridian rehearse --fault ${crash.text}`,
  });
}

async function graphOf(stack: string, program: ProgramOptions, folder: string | undefined) {
  const { recordedGraph } = await import("../rehearsal/record-graph.js");
  const progress = showProgress();
  const { show, clear } = rehearsalProgress();
  const interrupt = { engine: () => undefined as unknown };
  const signals = onInterrupt(() => interrupt.engine());
  try {
    return await recordedGraph({
      stack,
      program,
      ...(folder !== undefined && { folder: resolve(folder) }),
      pulumi: async () => (await ensurePulumi({ onProgress: progress })).pulumi.path,
      onStep: (text) => progress({ kind: "note", text }),
      onProgress: show,
      onStarted: (stop) => (interrupt.engine = stop),
    });
  } finally {
    clear();
    signals.dispose();
  }
}

/** Says how far the simulation is, once it has taken two seconds. */
function simulationProgress() {
  const begun = Date.now();
  let told = begun + 1000;
  const { stderr } = process;
  return {
    done: (share: number): void => {
      if (Date.now() - told < 1000) return;
      told = Date.now();
      const line = `… simulating, ${Math.floor(share * 100)}%`;
      stderr.write(stderr.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
    },
    clear: (): void => {
      if (stderr.isTTY) stderr.write("\r\u001b[K");
    },
  };
}
