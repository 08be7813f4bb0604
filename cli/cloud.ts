import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

import { type Command, InvalidArgumentError } from "commander";

import { projectRoot } from "../toolchain/paths";
import { collect, wholeNumber } from "./rehearsal-command";
import { readStackFile } from "./stack-file";

interface CloudOptions {
  readonly stack: string;
  readonly dir: string;
  readonly folder?: string;
  readonly port: number;
  readonly speed: number;
  readonly seed: number;
  readonly trouble?: readonly string[];
}

/** @throws InvalidArgumentError */
const portNumber = (text: string): number => {
  const value = wholeNumber(0)(text);
  if (value <= 65_535) return value;
  throw new InvalidArgumentError("It must be a port: 0 (a free one) to 65535.");
};

/** Declares `meridian cloud`. */
export function addCloud(program: Command): void {
  program
    .command("cloud")
    .description("Serve the rehearsed Azure on this machine, for meridian status, start, stop and recover.")
    .option("--stack <name>", "stack whose regions it has (Pulumi.<name>.yaml)", "dev")
    .option("--dir <folder>", "folder of the Pulumi program", projectRoot)
    .option("--folder <path>", "where the rehearsal keeps its state (default: .rehearsal in the checkout)")
    .option("--port <n>", "port on 127.0.0.1; 0 takes a free one", portNumber, 13_800)
    .option("--speed <n>", "how many times as fast as Azure it is; blocks keep their period", wholeNumber(1), 60)
    .option("--seed <n>", "seed of its latencies", wholeNumber(0), 1)
    .option("--trouble <kind@region>", "fail, hang, silent or lag in a region; may be repeated", collect)
    .addHelpText(
      "after",
      `
It has what the last rehearsal has deployed, and keeps what is done to it; a stack that has not been rehearsed is served
as deployed, and forgotten. Ends with Ctrl-C.

Example:
  npx meridian cloud --trouble hang@japaneast`,
    )
    .action(serve);
}

async function serve({ stack, dir, folder, port, speed, seed, trouble = [] }: CloudOptions): Promise<void> {
  const { fleet } = readStackFile(stack, dir);
  const { parseTroubles } = await import("../rehearsal/arm/trouble.js");
  const troubles = parseTroubles(
    trouble,
    fleet.regions.map(({ name }) => name),
  );
  const { serveArm } = await import("../rehearsal/arm/server.js");
  const { cloud, close, origin } = await openCloud(folder, fleet, stack);
  try {
    const server = await serveArm({ cloud, fleet, stack, port, speed, seed, troubles });
    process.stdout.write(
      `The rehearsed Azure of stack ${stack} (${fleet.regions.length} regions, ${origin}), ${speed} times as fast.\n` +
        `meridian:operations: { endpoint: "${server.url}", validatorUrl: "${server.validatorUrl}", metricsUrl: "${server.metricsUrl}" }\n`,
    );
    await new Promise<void>((end) => process.once("SIGINT", end).once("SIGTERM", end));
    await server.close();
  } finally {
    close();
  }
}

/** The rehearsal's own cloud if the stack was rehearsed, else one in memory. */
async function openCloud(
  folder: string | undefined,
  fleet: Parameters<typeof import("../rehearsal/arm/sites").isDeployed>[1],
  stack: string,
) {
  const { rehearsalFolder } = await import("../rehearsal/rehearse.js");
  const { Cloud } = await import("../rehearsal/azure/cloud.js");
  const { isDeployed, putDeployed } = await import("../rehearsal/arm/sites.js");
  const { takeFolder } = await import("../rehearsal/home.js");
  const home = folder === undefined ? rehearsalFolder : resolve(folder);
  const file = join(home, "cloud.jsonl");
  if (existsSync(file)) {
    const close = takeFolder(home);
    const cloud = new Cloud(file);
    cloud.beginRun();
    if (isDeployed(cloud, fleet, stack)) return { cloud, close, origin: "as rehearsed" };
    close();
  }
  const cloud = new Cloud();
  putDeployed(cloud, fleet, stack);
  return { cloud, close: () => undefined, origin: "as deployed, in memory" };
}
