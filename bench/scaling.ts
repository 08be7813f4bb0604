import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { parse, stringify } from "yaml";

import { type EngineCommand, Rehearsal } from "../rehearsal/rehearsal";
import { partsOf, partStack, type Scope } from "../regions/scope";
import { formatTable } from "../table";
import { projectRoot } from "../toolchain/paths";
import { ensurePulumi } from "../toolchain/pulumi";
import { machine, median } from "./machine";
import { type StateResource, terraformOnPath, terraformVersion, timeTerraform } from "./terraform";

/** `--parallel` beyond the number of resources; Terraform takes the same. */
const parallel = 2048;

const usage = `Usage: npm run bench -- scaling [--rounds N] [--stack fleet] [--at-once N]

The network of a stack as one stack, and as one stack for what is shared and one a region (docs/scaling.md): first up,
preview without a change, and a change of one region, rehearsed without contracts and with every checkpoint written.
Beside them Terraform with the same graph, where terraform is on PATH. --at-once: region stacks side by side (as many as
there are cores). Writes bench/results/scaling.json.
`;

type Seconds = Readonly<Record<string, number>>;

/** Runs the benchmark; prints a table and writes the results. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    process.stdout.write(usage);
    return 0;
  }
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "1" },
      stack: { type: "string", default: "fleet" },
      "at-once": { type: "string", default: String(cpus().length) },
    },
  });
  const [rounds, atOnce] = [Number(values.rounds), Number(values["at-once"])];
  const { pulumi } = await ensurePulumi();
  const terraform = terraformOnPath();
  const samples: Seconds[] = [];
  let sizes: Readonly<Record<string, number>> = {};
  for (let round = 1; round <= rounds; round++) {
    const split = await measureSplit(values.stack, pulumi.path, atOnce);
    const whole = await measureWhole(values.stack, pulumi.path);
    const peer = terraform === undefined ? [] : await timeTerraform(terraform, whole.graph, parallel);
    const peers = Object.fromEntries(peer.map(([name, { wallSeconds }]) => [`terraform ${name}`, wallSeconds]));
    samples.push({ ...whole.seconds, ...split.seconds, ...peers });
    sizes = { whole: whole.graph.length, ...split.sizes };
  }
  const names = [...new Set(samples.flatMap((sample) => Object.keys(sample)))];
  const seconds = Object.fromEntries(names.map((name) => [name, median(samples.map((sample) => sample[name] ?? NaN))]));
  const apply = seconds["terraform apply"];
  const result = {
    command: `npm run bench -- scaling --rounds ${rounds} --stack ${values.stack} --at-once ${atOnce}`,
    ...machine(),
    terraform: terraform === undefined ? "not on PATH" : terraformVersion(terraform),
    ...{ resources: sizes, atOnce, seconds, samples },
  };
  const folder = join(projectRoot, "bench", "results");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "scaling.json"), `${JSON.stringify(result, undefined, 2)}\n`);
  const rows = names.map((name) => [
    name,
    `${(seconds[name] ?? NaN).toFixed(2)} s`,
    apply === undefined || !name.includes("up") ? "" : ((seconds[name] ?? NaN) / apply).toFixed(2),
  ]);
  process.stdout.write(`${formatTable([["what", "wall", "of Terraform's apply"], ...rows])}\n`);
  return 0;
}

/** The stack's file without contracts, for a scope, with a tag that a change changes. */
function configuration(stack: string, folder: string, scope: Scope, change: string): string {
  const file = parse(readFileSync(join(projectRoot, `Pulumi.${stack}.yaml`), "utf8")) as {
    config: Record<string, unknown>;
  };
  const contracts = { ...(file.config["meridian:contracts"] as object), chains: {} };
  const tags = { ...(file.config["meridian:tags"] as object | undefined), change };
  const config = { ...file.config, "meridian:contracts": contracts, "meridian:tags": tags, "meridian:scope": scope };
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `configuration-${change}.yaml`);
  writeFileSync(path, stringify({ ...file, config }));
  return path;
}

const regionsOf = (stack: string): string[] =>
  (
    parse(readFileSync(join(projectRoot, `Pulumi.${stack}.yaml`), "utf8")) as {
      config: { "meridian:regions": readonly { readonly name: string }[] };
    }
  ).config["meridian:regions"].map(({ name }) => name);

/** One rehearsed stack, opened with a configuration and closed again around each command. */
class Stack {
  constructor(
    private readonly options: { readonly pulumi: string; readonly stack: string; readonly folder: string } & {
      readonly base: string;
      readonly scope: Scope;
      readonly backend?: string;
    },
  ) {}

  /** @returns seconds of the engine's command */
  async run(command: EngineCommand, change = "none", targets: readonly string[] = []): Promise<number> {
    return this.with(change, async (rehearsal) => {
      const run = await rehearsal.run(command, { parallel, checkpoints: true, targets });
      if (run.exitCode !== 0) throw new Error(`${command} of ${this.options.stack} failed:\n${run.output}`);
      return run.realSeconds;
    });
  }

  async graph(): Promise<StateResource[]> {
    const state = await this.with("none", (rehearsal) => rehearsal.exportState());
    return (JSON.parse(state) as { deployment: { resources?: StateResource[] } }).deployment.resources ?? [];
  }

  private async with<T>(change: string, work: (rehearsal: Rehearsal) => Promise<T>): Promise<T> {
    const { base, scope, folder, backend, stack, pulumi } = this.options;
    const rehearsal = await Rehearsal.open({
      ...{ folder, pulumi, stack, program: projectRoot, durationMs: () => 1000 },
      configuration: configuration(base, folder, scope, change),
      ...(backend !== undefined && { backend }),
    });
    try {
      return await work(rehearsal);
    } finally {
      rehearsal.close();
    }
  }
}

const note = (name: string, seconds: number): number => {
  process.stderr.write(`${name}: ${seconds.toFixed(2)} s\n`);
  return seconds;
};

async function measureWhole(base: string, pulumi: string) {
  const folder = mkdtempSync(join(tmpdir(), "meridian-scaling-"));
  try {
    const whole = new Stack({ pulumi, base, folder, stack: base, scope: "fleet" });
    const [region = ""] = regionsOf(base);
    const targets = [`**::${region}-*`, "**::global-*"];
    const seconds: Seconds = {
      "one stack: first up": note("one stack: first up", await whole.run("up")),
      "one stack: preview, no change": note("one stack: preview, no change", await whole.run("preview")),
      "one stack: up of one region": note("one stack: up of one region", await whole.run("up", "one", targets)),
    };
    return { seconds, graph: await whole.graph() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureSplit(base: string, pulumi: string, atOnce: number) {
  const home = mkdtempSync(join(tmpdir(), "meridian-scaling-"));
  const regions = regionsOf(base);
  const stackOf = ({ part, scope }: { readonly part: string; readonly scope: Scope }): Stack => {
    const global = join(home, "global");
    const given = { pulumi, base, scope, stack: partStack(base, part), folder: join(home, part) };
    return new Stack(part === "global" ? given : { ...given, backend: global });
  };
  try {
    const [first, ...rest] = partsOf(regions);
    if (first === undefined) throw new Error("There is no part.");
    const global = stackOf(first);
    const globalSeconds = note("global stack: first up", await global.run("up"));
    const regional = rest.filter(({ scope }) => scope === "region");
    for (const { part } of regional) {
      // A simulated cloud each, in which what is shared is there.
      mkdirSync(join(home, part), { recursive: true });
      copyFileSync(join(home, "global", "cloud.jsonl"), join(home, part, "cloud.jsonl"));
    }
    const stacks = regional.map(stackOf);
    const each = async (command: EngineCommand): Promise<number> => {
      const began = performance.now();
      await pool(stacks, atOnce, (stack) => stack.run(command));
      return (performance.now() - began) / 1000;
    };
    const all = note(`${stacks.length} region stacks: first up`, await each("up"));
    const previews = note(`${stacks.length} region stacks: preview, no change`, await each("preview"));
    const [one] = stacks;
    if (one === undefined) throw new Error("There is no region.");
    const preview = note("one region stack: preview, no change", await one.run("preview"));
    const change = note("one region stack: up of a change", await one.run("up", "one"));
    const seconds: Seconds = {
      "global stack: first up": globalSeconds,
      [`${stacks.length} region stacks: first up`]: all,
      [`${stacks.length} region stacks: preview, no change`]: previews,
      "one region stack: preview, no change": preview,
      "one region stack: up of a change": change,
    };
    const sizes = { global: (await global.graph()).length, region: (await one.graph()).length };
    return { seconds, sizes };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Does something for each, so many at a time. */
async function pool<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<unknown>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
