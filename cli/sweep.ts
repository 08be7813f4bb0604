import type { Command } from "commander";

import { type Progress, showProgress } from "../toolchain/progress";
import { ensurePulumi } from "../toolchain/pulumi";
import { onInterrupt } from "./interrupts";
import { printJson } from "./output";
import { collect, wholeNumber } from "./rehearsal-command";
import { table } from "./summary-text";
import type { Fresh } from "../rehearsal/sweep/fresh";

interface SweepOptions {
  readonly stack: string;
  readonly parallel: number;
  readonly seed: number;
  readonly json?: boolean;
}

const withCommon = (command: Command, stack: string): Command =>
  command
    .option("--stack <name>", "stack that is deployed over and over (Pulumi.<name>.yaml)", stack)
    .option("--seed <n>", "seed of the latencies and of what is drawn", wholeNumber(0), 1)
    .option("--json", "print the results as JSON");

const parallelOption = ["--parallel <n>", "the --parallel to rehearse", wholeNumber(1), 64] as const;

/** Declares `meridian sweep`, behind `npm run sweep`. */
export function addSweep(program: Command): void {
  const sweep = program
    .command("sweep")
    .description("Rehearse one thing many times: crashes, a shortage, agreement with the forecast. Takes minutes.")
    .addHelpText(
      "after",
      `
Each run has a stack of its own in a temporary folder, without local chains. Exit code 0: all as it must be; 1: not.

Example:
  npm run sweep -- crashes --points 20 --seed 1`,
    );
  withCommon(sweep.command("crashes"), "dev")
    .description("Kill the engine at seeded points, resume, and compare with a deployment without a crash.")
    .option(...parallelOption)
    .option("--points <n>", "how many crashes", wholeNumber(1), 20)
    .action(crashes);
  withCommon(sweep.command("shortage"), "fleet")
    .description("No clusters in some regions: the others must finish, and the run after it touch those alone.")
    .option(...parallelOption)
    .option("--regions <n>", "regions with the shortage", wholeNumber(1), 3)
    .action(shortage);
  withCommon(sweep.command("agreement"), "dev")
    .description("Rehearse and forecast the same run: times must agree within 1%.")
    .option("--parallel <n>", "the --parallel to rehearse; may be repeated (default: 8, 24, 128)", collect)
    .option("--fault <fault>", "trouble that both meet, as meridian rehearse takes it; may be repeated", collect)
    .option("--engine-slots", "also let the engine hand out the slots itself, as in a real deployment, to compare")
    .action(agreement);
}

/** Runs a sweep with fresh rehearsals that Ctrl-C stops. */
async function withFresh<T>(
  { stack, seed }: Pick<SweepOptions, "stack" | "seed">,
  sweep: (fresh: Fresh, note: (text: string) => void, pulumi: string) => Promise<T>,
): Promise<T> {
  const { readConfiguration } = await import("../rehearsal/rehearse.js");
  readConfiguration(stack); // a mistake is told before tools are looked for
  const progress: Progress = showProgress();
  const { pulumi } = await ensurePulumi({ onProgress: progress });
  const { freshRehearsals } = await import("../rehearsal/sweep/fresh.js");
  const fresh = freshRehearsals({ stack, seed, pulumi: pulumi.path });
  const signals = onInterrupt(fresh.interrupt);
  try {
    return await sweep(fresh, (text) => progress({ kind: "note", text }), pulumi.path);
  } finally {
    signals.dispose();
  }
}

function finish(
  json: boolean | undefined,
  results: object,
  rows: readonly (readonly string[])[],
  sound: boolean,
): void {
  if (json === true) printJson({ schemaVersion: 1, sound, ...results });
  else process.stdout.write(`${table(rows).join("\n")}\n`);
  if (!sound) process.exitCode = 1;
}

async function crashes({ json, points, parallel, ...given }: SweepOptions & { points: number }): Promise<void> {
  const { crashSweep } = await import("../rehearsal/sweep/crashes.js");
  const { resume } = await import("../rehearsal/resume.js");
  const { formatDuration } = await import("../rehearsal/report/format.js");
  const results = await withFresh(given, ({ open, close }, note) =>
    crashSweep({
      ...{ open, close, resume, points, parallel, seed: given.seed },
      onResult: ({ name, problems }, done, of) =>
        note(`${done} of ${of}: ${name} ${problems.length === 0 ? "resumed" : `FAILED: ${problems[0] ?? ""}`}`),
    }),
  );
  const sound = results.every(({ problems }) => problems.length === 0);
  const rows = results.map(({ name, crashedAtMs, found, made, problems, realSeconds }) => [
    name,
    formatDuration(crashedAtMs),
    String(found.adopted ?? 0),
    String((found.absent ?? 0) + (found.repeat ?? 0)),
    String(made),
    problems.length === 0 ? "the same resources" : problems.join("; "),
    `${realSeconds.toFixed(0)} s`,
  ]);
  const head = ["killed at", "virtual time", "adopted", "not there", "made after it", "in the end", "real"];
  finish(json, { ...given, parallel, results }, [head, ...rows], sound);
}

async function shortage({ json, regions, parallel, ...given }: SweepOptions & { regions: number }): Promise<void> {
  const { shortageSweep } = await import("../rehearsal/sweep/shortage.js");
  const { readConfiguration } = await import("../rehearsal/rehearse.js");
  const names = readConfiguration(given.stack).regions.map(({ name }) => name);
  const result = await withFresh(given, async ({ open, close }) => {
    const rehearsal = await open();
    try {
      return await shortageSweep(rehearsal, { regions: names, count: regions, seed: given.seed, parallel });
    } finally {
      close(rehearsal);
    }
  });
  const { short, finished, touched, exitCode, exitCodeAfter, problems } = result;
  const rows = [
    ["no clusters in", short.join(", ")],
    ["finished", `${finished.length} of ${names.length} regions, exit code ${exitCode}`],
    ["the run after it touched", `${touched.join(", ")}, exit code ${exitCodeAfter}`],
    ["wrong", problems.length === 0 ? "nothing" : problems.join("; ")],
  ];
  finish(json, { ...given, parallel, result }, rows, problems.length === 0);
}

type AgreementOptions = Omit<SweepOptions, "parallel"> & {
  readonly parallel?: readonly string[];
  readonly fault?: readonly string[];
  readonly engineSlots?: boolean;
};

async function agreement({
  json,
  parallel = ["8", "24", "128"],
  fault = [],
  engineSlots = false,
  ...given
}: AgreementOptions): Promise<void> {
  const { agrees, compare } = await import("../rehearsal/sweep/agreement.js");
  const { recordedGraph } = await import("../rehearsal/record-graph.js");
  const { ownOptions } = await import("../rehearsal/forecast/modes.js");
  const { readConfiguration } = await import("../rehearsal/rehearse.js");
  const { parseFault } = await import("../rehearsal/azure/faults.js");
  const { formatDuration } = await import("../rehearsal/report/format.js");
  const fleet = readConfiguration(given.stack);
  const faults = fault.map((text) => parseFault(text, [...fleet.regions.map(({ name }) => name), "global"]));
  const slots = parallel.map(wholeNumber(1));
  const owners = ["simulation", ...(engineSlots ? (["engine"] as const) : [])] as const;
  const results = await withFresh(given, async ({ open, close }, note, pulumi) => {
    const graph = await recordedGraph({
      ...given,
      program: ownOptions(fleet),
      pulumi: () => Promise.resolve(pulumi),
      onStep: note,
    });
    const found = [];
    for (const one of slots) {
      for (const owner of owners) {
        const rehearsal = await open();
        try {
          found.push(await compare(rehearsal, graph, { parallel: one, seed: given.seed, faults, slots: owner }));
          note(`--parallel ${one}, slots of the ${owner}: done`);
        } finally {
          close(rehearsal);
        }
      }
    }
    return found;
  });
  const rows = results.map((one) => [
    String(one.parallel),
    one.slots,
    one.succeeded ? "succeeded" : "failed",
    formatDuration(one.rehearsedMs),
    formatDuration(one.forecastMs),
    `${((one.forecastMs / one.rehearsedMs - 1) * 100).toFixed(2)}%`,
    String(one.differing),
    one.throttles.join(" / "),
    `${one.realSeconds.toFixed(0)} s`,
  ]);
  const head = [
    "--parallel",
    "slots by",
    "rehearsal",
    "took",
    "forecast",
    "apart",
    "operations apart",
    "throttled",
    "real",
  ];
  finish(json, { ...given, faults: fault, results }, [head, ...rows], results.every(agrees));
}
