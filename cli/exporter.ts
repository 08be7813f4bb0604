import { type Command, InvalidArgumentError } from "commander";

import { pricedFleet } from "../fleet-cost";
import { projectRoot } from "../toolchain/paths";
import { costOf } from "../regions/cost";
import { EXPORTER_INTERVAL_SECONDS, EXPORTER_PORT } from "../operations/exporter/ports";
import type { ExpirySource } from "../operations/exporter/expiry";
import type { Clusters } from "../operations/regions/clusters";
import type { OperatedRegion } from "../operations/regions/network";
import { interruptible, openNetwork } from "./operate";
import { wholeNumber } from "./rehearsal-command";
import { readStackFile } from "./stack-file";

interface ExporterOptions {
  readonly stack: string;
  readonly dir: string;
  readonly host: string;
  readonly port: number;
  /** Seconds. */
  readonly interval: number;
  readonly vaults: boolean;
  readonly once?: boolean;
}

/** Until Azure tells what expires, in seconds; it is asked seldom, and what is late is asked again. */
const VAULTS_TIMEOUT_SECONDS = 30;

const port = (text: string): number => {
  const value = wholeNumber(0)(text);
  if (value <= 65_535) return value;
  throw new InvalidArgumentError("It must be a port, 0 to 65535.");
};

/** Declares `meridian exporter`. */
export function addExporter(program: Command): void {
  program
    .command("exporter")
    .description("Serve what Besu does not export, as metrics for Prometheus: rounds, missed proposals, forks, expiry.")
    .argument("[regions...]", "regions of the stack, or all")
    .option("--stack <name>", "stack that is watched (Pulumi.<name>.yaml)", "dev")
    .option("--dir <folder>", "folder of the Pulumi program", projectRoot)
    .option("--host <address>", "address to listen at", "127.0.0.1")
    .option("--port <n>", "port to listen at, 0 for any free one", port, EXPORTER_PORT)
    .option("--interval <seconds>", "between two looks at the validators", wholeNumber(1), EXPORTER_INTERVAL_SECONDS)
    .option("--no-vaults", "do not ask Azure what expires in the vaults")
    .option("--once", "look once, print the metrics and end; exit code 2 when no validator answers")
    .addHelpText(
      "after",
      `
Reads only. /metrics, /healthz (it looks) and /readyz (a validator answered); Ctrl-C ends it.
In a deployed stack each region runs its own (meridian:monitoring, docs/monitoring.md).

Example:
  npx meridian exporter --stack fleet
  npx meridian exporter --once --no-vaults | grep missed`,
    )
    .action(serve);
}

async function serve(names: readonly string[], options: ExporterOptions): Promise<void> {
  const { stack, dir, host, port: wanted, interval, vaults, once = false } = options;
  const { machinery, regions } = await openNetwork({ stack, dir, timeout: VAULTS_TIMEOUT_SECONDS }, names);
  const { createExporter } = await import("../operations/exporter/settings.js");
  const { serveExporter } = await import("../operations/exporter/server.js");
  const { lines } = costOf(pricedFleet(readStackFile(stack, dir).fleet));
  const exporter = createExporter(
    {
      regions,
      blockPeriodSeconds: machinery.network.blockPeriodSeconds,
      costs: Object.fromEntries(lines.map(({ what, usdAMonth }) => [what, usdAMonth])),
    },
    vaults ? regions.map((region) => vaultExpiries(machinery.clusters, region)) : [],
  );
  await interruptible(async (signal) => {
    if (once) {
      await exporter.poll(signal);
      process.stdout.write((await exporter.metrics.render()).text);
      process.exitCode = exporter.ready ? 0 : 2;
      return;
    }
    const server = await serveExporter({ exporter, host, port: wanted, intervalMs: interval * 1000, signal });
    process.stdout.write(`Metrics of ${stack} at ${server.url}/metrics\n`);
    await new Promise<void>((ended) => signal.addEventListener("abort", () => ended(), { once: true }));
    await server.close();
  });
}

const vaultExpiries =
  (clusters: Pick<Clusters, "expiries">, region: OperatedRegion): ExpirySource =>
  async (signal) =>
    (await clusters.expiries(region, signal)).map(({ name, atMs }) => ({ region: region.name, name, atMs }));
