import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { parse } from "yaml";

import { formatTable } from "../table";
import { parseFleet, readSettings } from "../fleet";
import { azureClusters } from "../operations/regions/azure-clusters";
import type { RegionOutcome } from "../operations/regions/each-region";
import { operatedNetwork } from "../operations/regions/network";
import { startRegions } from "../operations/regions/start";
import { fleetStatus, type Machinery } from "../operations/regions/status";
import { stopRegions } from "../operations/regions/stop";
import { rpcValidators } from "../operations/regions/validators";
import { seededLatencies } from "../rehearsal/arm/latencies";
import { serveArm } from "../rehearsal/arm/server";
import { putDeployed } from "../rehearsal/arm/sites";
import { Cloud, subscriptionId } from "../rehearsal/azure/cloud";
import { projectRoot } from "../toolchain/paths";
import { machine, median } from "./machine";

type Command = "status" | "stop" | "start";

/** One measured command. */
interface Sample {
  readonly command: Command;
  readonly concurrency: number;
  readonly wallMs: number;
  /** Of the region that took longest. */
  readonly slowestMs: number;
}

const usage = `Usage: npm run bench -- operations [--rounds N] [--stack fleet] [--speed N]

Wall time of meridian status, stop all --halt and start all through Azure's SDK against the rehearsed Azure on loopback,
all regions at once beside one at a time, with the same latencies. --speed divides the latencies of starting and
stopping; those of a request are Azure's. Writes bench/results/operations.json.
`;

/** Runs the benchmark; prints a table and writes the results. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    process.stdout.write(usage);
    return 0;
  }
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "3" },
      stack: { type: "string", default: "fleet" },
      speed: { type: "string", default: "60" },
    },
  });
  const [rounds, speed] = [Number(values.rounds), Number(values.speed)];
  const samples: Sample[] = [];
  let regions = 0;
  for (let round = 1; round <= rounds; round++) {
    for (const concurrency of [Infinity, 1]) {
      const fleet = await open(values.stack, speed, round);
      regions = fleet.machinery.network.regions.length;
      samples.push(...(await measure(fleet.machinery, concurrency)));
      await fleet.close();
    }
  }
  const results = summarise(samples);
  const rows = results.map(({ command, atOnceMs, oneByOneMs, timesFaster, timesAtBest, slowestMs, overSlowest }) => [
    command,
    ...[atOnceMs, oneByOneMs].map((ms) => `${(ms / 1000).toFixed(2)} s`),
    `${timesFaster.toFixed(1)} x`,
    `${timesAtBest.toFixed(1)} x`,
    `${(slowestMs / 1000).toFixed(2)} s`,
    `${overSlowest.toFixed(2)} x`,
  ]);
  const heading = ["command", "at once", "one by one", "faster", "at best", "slowest region", "wall over it"];
  process.stdout.write(`${formatTable([heading, ...rows])}\n`);
  const file = join(projectRoot, "bench", "results", "operations.json");
  mkdirSync(join(projectRoot, "bench", "results"), { recursive: true });
  const command = `npm run bench -- operations --rounds ${rounds} --stack ${values.stack} --speed ${speed}`;
  const document = { command, machine: machine(), stack: values.stack, regions, rounds, speed, results, samples };
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
  process.stdout.write(`${file}\n`);
  return 0;
}

/** A deployed stack behind a server of its own; seed by round, so both ways meet the same latencies. */
async function open(stack: string, speed: number, seed: number) {
  const file = parse(readFileSync(join(projectRoot, `Pulumi.${stack}.yaml`), "utf8")) as { config: object };
  const fleet = parseFleet(readSettings(file.config as Record<string, unknown>));
  const cloud = new Cloud();
  putDeployed(cloud, fleet, stack);
  const [quick, real] = [seededLatencies(seed, speed), seededLatencies(seed, 1)];
  const latencies: typeof quick = (kind, what) => (kind === "request" ? real(kind, what) : quick(kind, what));
  const server = await serveArm({ cloud, fleet, stack, latencies });
  const operations = {
    ...fleet.operations,
    endpoint: server.url,
    validatorUrl: server.validatorUrl,
    metricsUrl: server.metricsUrl,
  };
  const network = operatedNetwork({ ...fleet, operations }, stack);
  const clusters = await azureClusters({ endpoint: server.url, subscriptionId, entra: true, pollMs: 100 });
  const machinery: Machinery = { network, clusters, validators: rpcValidators };
  return { machinery, close: server.close };
}

async function measure(machinery: Machinery, concurrency: number): Promise<Sample[]> {
  const { regions } = machinery.network;
  const options = { timeoutMs: 600_000, concurrency, pollMs: 100 };
  const timed = async (command: Command, run: () => Promise<readonly RegionOutcome<unknown>[]>): Promise<Sample> => {
    const began = performance.now();
    const outcomes = await run();
    const wallMs = Math.round(performance.now() - began);
    const failed = outcomes.filter(({ done }) => !done).length;
    if (failed > 0) throw new Error(`${command}: ${failed} regions failed.`);
    return { command, concurrency, wallMs, slowestMs: Math.max(...outcomes.map(({ ms }) => ms)) };
  };
  return [
    await timed("status", async () => {
      const began = new Map<string, number>();
      const took = new Map<string, number>();
      await fleetStatus(machinery, regions, {
        ...options,
        onEvent: ({ region, kind }) => {
          if (kind === "began") began.set(region, performance.now());
          else took.set(region, Math.round(performance.now() - (began.get(region) ?? 0)));
        },
      });
      return regions.map(({ name }) => ({ region: name, done: true, value: name, ms: took.get(name) ?? 0 }));
    }),
    await timed("stop", async () => (await stopRegions(machinery, regions, { ...options, halt: true })).outcomes),
    await timed("start", async () => (await startRegions(machinery, regions, options)).outcomes),
  ];
}

/** Medians over the rounds. */
function summarise(samples: readonly Sample[]) {
  return (["status", "stop", "start"] as const).map((command) => {
    const of = (atOnce: boolean, pick: (sample: Sample) => number) =>
      median(samples.filter((one) => one.command === command && (one.concurrency !== 1) === atOnce).map(pick));
    const [atOnceMs, oneByOneMs] = [of(true, ({ wallMs }) => wallMs), of(false, ({ wallMs }) => wallMs)];
    const slowestMs = of(true, (sample) => sample.slowestMs);
    return {
      ...{ command, atOnceMs, oneByOneMs, slowestMs },
      timesFaster: oneByOneMs / atOnceMs,
      // Nothing that does all regions at once can be done before the slowest of them.
      timesAtBest: oneByOneMs / slowestMs,
      overSlowest: atOnceMs / slowestMs,
    };
  });
}
