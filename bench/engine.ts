import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { parse, stringify } from "yaml";

import { formatTable } from "../table";
import { Rehearsal, type EngineCommand } from "../rehearsal/rehearsal";
import { projectRoot } from "../toolchain/paths";
import { ensurePulumi } from "../toolchain/pulumi";
import { machine, median } from "./machine";
import { type Sample, type StateResource, terraformOnPath, terraformVersion, timeTerraform } from "./terraform";
import { watchUsage } from "./usage";

/** A thing to measure, once a round. */
interface Case {
  readonly stack: string;
  readonly name: string;
  readonly regions: number;
  readonly resources: number;
  readonly samples: Sample[];
}

/** `--parallel` beyond the number of resources; Terraform takes the same. */
const parallel = 2048;

/** What each speed setting is without the saving (docs/configuration.md). */
const costly = { versionAliases: "keep", stackTraces: "full", debugMessages: "keep" } as const;

const usage = `Usage: npm run bench -- engine [--rounds N] [--stacks dev,fleet] [--settings]

Wall time, CPU and peak memory of preview, first up, no-change up and no-change preview, rehearsed without contracts,
beside Terraform with as many terraform_data resources in the same graph (where terraform is on PATH), interleaved.
--settings: also the preview without each of the savings of meridian:engine, and without all of them.
Writes bench/results/engine.json.
`;

/** Runs the benchmark; prints a table and writes the results. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    process.stdout.write(usage);
    return 0;
  }
  const { values } = parseArgs({
    args: [...args],
    options: { rounds: { type: "string" }, stacks: { type: "string" }, settings: { type: "boolean" } },
  });
  const rounds = Number(values.rounds ?? 3);
  const stacks = (values.stacks ?? "dev,fleet").split(",");
  const { pulumi } = await ensurePulumi();
  const terraform = terraformOnPath();
  const cases = new Map<string, Case>();
  const note: Note = (facts, name, sample) => {
    const key = `${facts.stack} ${name}`;
    const found = cases.get(key) ?? { ...facts, name, samples: [] };
    cases.set(key, found);
    found.samples.push(sample);
    process.stderr.write(`${key}: ${sample.wallSeconds.toFixed(2)} s\n`);
  };

  for (let round = 1; round <= rounds; round++) {
    for (const name of stacks) {
      process.stderr.write(`round ${round} of ${rounds}, stack ${name}\n`);
      const { facts, graph } = await measureMeridian(name, pulumi.path, note);
      if (values.settings === true) await measureSettings(facts, pulumi.path, note);
      if (terraform !== undefined) await measureTerraform(terraform, facts, graph, note);
    }
  }
  const result = {
    command: `npm run bench -- engine --rounds ${rounds} --stacks ${stacks.join(",")}${values.settings === true ? " --settings" : ""}`,
    ...machine(),
    terraform: terraform === undefined ? "not on PATH" : terraformVersion(terraform),
    cases: [...cases.values()].map((entry) => ({ ...entry, summary: summarize(entry.samples) })),
  };
  const folder = join(projectRoot, "bench", "results");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "engine.json"), `${JSON.stringify(result, undefined, 2)}\n`);
  process.stdout.write(table(result.cases));
  return 0;
}

interface StackFacts {
  readonly stack: string;
  readonly regions: number;
  readonly resources: number;
}
type Note = (facts: StackFacts, name: string, sample: Sample) => void;

/** The stack's configuration without its contracts: their seconds are those of real chains. */
function configurationWithoutContracts(
  stack: string,
  folder: string,
  engine: Readonly<Record<string, string>> = {},
): { path: string; regions: number } {
  const file = parse(readFileSync(join(projectRoot, `Pulumi.${stack}.yaml`), "utf8")) as {
    config: { "meridian:regions": unknown[]; "meridian:contracts": object; "meridian:engine"?: object };
  };
  file.config["meridian:contracts"] = { ...file.config["meridian:contracts"], chains: {} };
  file.config["meridian:engine"] = { ...file.config["meridian:engine"], ...engine };
  const path = join(folder, `Pulumi.${stack}.yaml`);
  writeFileSync(path, stringify(file));
  return { path, regions: file.config["meridian:regions"].length };
}

async function measureMeridian(
  stack: string,
  pulumi: string,
  note: Note,
): Promise<{ facts: StackFacts; graph: StateResource[] }> {
  const folder = mkdtempSync(join(tmpdir(), "meridian-bench-"));
  try {
    const { path: configuration, regions } = configurationWithoutContracts(stack, folder);
    const measure = async (
      checkpoints: boolean,
      commands: readonly (readonly [name: string, command: EngineCommand])[],
    ): Promise<{ samples: (readonly [string, Sample])[]; graph: StateResource[] }> => {
      const home = join(folder, checkpoints ? "with" : "without");
      const rehearsal = await Rehearsal.open({
        folder: home,
        program: projectRoot,
        pulumi,
        stack,
        configuration,
        durationMs: () => 1000,
      });
      try {
        const samples: (readonly [string, Sample])[] = [];
        for (const [name, command] of commands) {
          const watch = watchUsage();
          const run = await rehearsal.run(command, { parallel, checkpoints, onStarted: watch.session });
          if (run.exitCode !== 0) throw new Error(`${name} of ${stack} failed:\n${run.output}`);
          samples.push([name, { wallSeconds: run.realSeconds, ...watch.stop() }]);
        }
        const state = JSON.parse(await rehearsal.exportState()) as { deployment: { resources?: StateResource[] } };
        return { samples, graph: state.deployment.resources ?? [] };
      } finally {
        rehearsal.close();
      }
    };
    const without = await measure(false, [
      ["preview of everything", "preview"],
      ["first up, no checkpoints", "up"],
      ["preview of no change", "preview"],
      ["up of no change", "up"],
    ]);
    const { samples: withThem } = await measure(true, [["first up, checkpoints (zstd)", "up"]]);
    const facts = { stack, regions, resources: without.graph.length };
    for (const [name, sample] of [...without.samples, ...withThem]) note(facts, name, sample);
    return { facts, graph: without.graph };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The preview, each time without one of the savings, and without all. */
async function measureSettings(facts: StackFacts, pulumi: string, note: Note): Promise<void> {
  const variants = [...Object.entries(costly).map(([key, value]) => ({ [key]: value })), costly];
  for (const engine of variants) {
    const folder = mkdtempSync(join(tmpdir(), "meridian-bench-"));
    const { path: configuration } = configurationWithoutContracts(facts.stack, folder, engine);
    const rehearsal = await Rehearsal.open({
      ...{ folder: join(folder, "home"), program: projectRoot, pulumi, stack: facts.stack, configuration },
      durationMs: () => 1000,
    });
    try {
      const watch = watchUsage();
      const run = await rehearsal.run("preview", { parallel, onStarted: watch.session });
      const kept = Object.entries(engine).map(([key, value]) => `${key} ${value}`);
      if (run.exitCode !== 0) throw new Error(`preview with ${kept.join(", ")} failed:\n${run.output}`);
      note(facts, `preview, ${kept.join(", ")}`, { wallSeconds: run.realSeconds, ...watch.stop() });
    } finally {
      rehearsal.close();
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

async function measureTerraform(
  binary: string,
  facts: StackFacts,
  graph: readonly StateResource[],
  note: Note,
): Promise<void> {
  for (const [name, sample] of await timeTerraform(binary, graph, parallel)) note(facts, `terraform ${name}`, sample);
}

const summarize = (samples: readonly Sample[]): Summary => {
  const of = (value: (sample: Sample) => number): number => median(samples.map(value));
  const names = [...new Set(samples.flatMap(({ peakMb }) => Object.keys(peakMb)))];
  const walls = samples.map(({ wallSeconds }) => wallSeconds);
  return {
    wallSeconds: of(({ wallSeconds }) => wallSeconds),
    spreadSeconds: [Math.min(...walls), Math.max(...walls)],
    cpuSeconds: of(({ cpuSeconds }) => cpuSeconds),
    cpuSecondsBy: Object.fromEntries(
      [...new Set(samples.flatMap(({ cpuSecondsBy }) => Object.keys(cpuSecondsBy)))].map((name) => [
        name,
        of(({ cpuSecondsBy }) => cpuSecondsBy[name] ?? 0),
      ]),
    ),
    peakMb: Object.fromEntries(names.map((name) => [name, of(({ peakMb }) => peakMb[name] ?? 0)])),
  };
};

/** Medians over the rounds, and the smallest and largest wall time. */
interface Summary extends Sample {
  readonly spreadSeconds: readonly [number, number];
}

/** What each of ours is compared with, at the same stack. */
const peers: Readonly<Record<string, string>> = {
  "preview of everything": "terraform plan of everything",
  "first up, no checkpoints": "terraform apply",
  "first up, checkpoints (zstd)": "terraform apply",
  "preview of no change": "terraform plan of no change",
};

function table(cases: readonly (Case & { summary: Summary })[]): string {
  const rows = cases.map(({ name, stack, resources, summary }) => {
    const peer = cases.find((other) => other.stack === stack && other.name === peers[name]);
    return [
      stack,
      String(resources),
      name,
      `${summary.wallSeconds.toFixed(2)} s (${summary.spreadSeconds.map((value) => value.toFixed(2)).join(" to ")})`,
      `${summary.cpuSeconds.toFixed(1)} s`,
      Object.entries(summary.peakMb)
        .filter(([, mb]) => mb > 60)
        .map(([command, mb]) => `${command} ${mb.toFixed(0)} MB`)
        .join(", "),
      peer === undefined ? "" : (summary.wallSeconds / peer.summary.wallSeconds).toFixed(2),
    ];
  });
  const header = ["stack", "resources", "what", "wall: median (range)", "CPU", "peak memory", "of Terraform's"];
  return `${formatTable([header, ...rows])}\n`;
}
