import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { formatTable } from "../table";
import { rpcUrlVariable } from "../contracts/options";
import { machine, median, writeResult } from "./machine";
import { benchCases, deployerKey, owner, startChains, type BenchCase, type BenchChain } from "./deployments/cases";
import { forge, ignition, type Peer } from "./deployments/peers";
import { runAll, type Outcome } from "./deployments/run";

const usage = `Usage: npm run bench -- contracts [--rounds N] [--latency 0,100] [--only NAME] [--tools NAME,NAME]

Ten independent contracts, a chain of ten, and Meridian's suite on two chains at once, with blocks every 2 s, deployed by
Meridian, forge script and Hardhat Ignition, interleaved on the same anvils, which are put back after every run. Every
HTTP request takes --latency milliseconds longer (0 and 100). Each starts at the same moments between two blocks. Wall time
includes the start of each tool's processes; forge has compiled before, and so has Meridian.

  meridian            node contracts/bin/deploy.mjs --mode dataflow: one process a chain
  meridian apart      one such process a contract, as the stack's Commands run them, all at once
  meridian batches    one process a chain, --mode batches
  forge               forge script --broadcast, one process a chain
  ignition            Hardhat Ignition's engine (@nomicfoundation/ignition-core) alone, without Hardhat's own start; one
                      confirmation and 100 ms between its looks, instead of five and 1 s. It is installed on demand.

Writes bench/results/contracts.json. --only runs the cases whose name has this in it, --tools these tools.

Example:
  npm run bench -- contracts --rounds 3
`;

/** What one tool took for one case. */
interface Sample extends Outcome {
  readonly case: string;
  readonly tool: string;
  readonly latencyMs: number;
}

/** Runs the benchmark; prints a table and writes the results. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    process.stdout.write(usage);
    return 0;
  }
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string" },
      latency: { type: "string" },
      only: { type: "string" },
      tools: { type: "string" },
    },
  });
  const rounds = Number(values.rounds ?? 3);
  const latencies = (values.latency ?? "0,100").split(",").map(Number);
  const wanted = values.tools?.split(",");
  const isWanted = (tool: string): boolean => wanted?.includes(tool) ?? true;
  const peers: Peer[] = [
    ...(isWanted("forge") ? [await forge()] : []),
    ...(isWanted("ignition") ? await ignition() : []),
  ];
  const folder = mkdtempSync(join(tmpdir(), "meridian-bench-"));
  const chains = await startChains();
  const samples: Sample[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      for (const latencyMs of latencies) {
        for (const one of benchCases(chains)) {
          if (values.only !== undefined && !one.name.includes(values.only)) continue;
          const own = meridian(one).filter(({ name }) => isWanted(name));
          for (const tool of [...own, ...peers.map((peer) => peer.toolFor(one, folder))]) {
            const outcome = await runAll(tool, one.chains, { latencyMs, phase: (round + 0.5) / rounds });
            samples.push({ case: one.name, tool: tool.name, latencyMs, ...outcome });
            const { wallMs, blocks, requests } = outcome;
            process.stderr.write(
              `round ${round + 1}, ${latencyMs} ms, ${one.name}, ${tool.name}: ${Math.round(wallMs)} ms, ` +
                `${blocks} blocks, ${requests} requests\n`,
            );
          }
        }
      }
    }
  } finally {
    await Promise.all(chains.map(({ chain }) => chain.close()));
    rmSync(folder, { recursive: true, force: true });
  }
  await report(samples, ["npm run bench -- contracts", ...args].join(" "));
  return 0;
}

/** A program of ours for a chain, with a journal of its own. */
function meridian({ settings, chains }: BenchCase) {
  const program = (chain: BenchChain, more: readonly string[]) => (rpcUrl: string, scratch: string) => ({
    command: process.execPath,
    args: [
      ...[join("contracts", "bin", "deploy.mjs"), "--chain", chain.chain.name, "--salt", "bench", "--owner", owner],
      ...(settings.suite === undefined ? [] : ["--suite", settings.suite]),
      ...more,
    ],
    environment: {
      [rpcUrlVariable(chain.chain.name)]: rpcUrl,
      MERIDIAN_DEPLOYER_KEY: deployerKey,
      MERIDIAN_JOURNAL_DIR: scratch,
    },
  });
  const dataflow = ["--mode", "dataflow"];
  return [
    { name: "meridian", programs: (chain: BenchChain) => [program(chain, dataflow)] },
    {
      name: "meridian apart",
      programs: (chain: BenchChain) =>
        chain.plan.map(({ contract }) => program(chain, [...dataflow, "--contract", contract])),
    },
    ...(chains.length > 1 || settings.batches
      ? [{ name: "meridian batches", programs: (chain: BenchChain) => [program(chain, ["--mode", "batches"])] }]
      : []),
  ];
}

async function report(samples: readonly Sample[], command: string): Promise<void> {
  const keys = [...new Set(samples.map((each) => `${each.case}|${each.latencyMs}|${each.tool}`))];
  const cases = keys.map((key) => {
    const [name = "", latency = "", tool = ""] = key.split("|");
    const own = samples.filter((each) => each.case === name && `${each.latencyMs}` === latency && each.tool === tool);
    const of = (value: (sample: Sample) => number): number => Math.round(median(own.map(value)));
    return {
      case: name,
      latencyMs: Number(latency),
      tool,
      medianMs: of(({ wallMs }) => wallMs),
      samplesMs: own.map(({ wallMs }) => Math.round(wallMs)),
      blocks: of(({ blocks }) => blocks),
      requests: of(({ requests }) => requests),
    };
  });
  await writeResult("contracts.json", JSON.stringify({ command, ...machine(), cases }));
  const rows = cases.map((each) => [
    each.case,
    `${each.latencyMs} ms`,
    each.tool,
    `${(each.medianMs / 1000).toFixed(2)} s`,
    each.samplesMs.map((ms) => (ms / 1000).toFixed(2)).join(" "),
    String(each.blocks),
    String(each.requests),
  ]);
  const header = ["case", "latency", "tool", "median", "rounds", "blocks", "requests"];
  process.stdout.write(`${formatTable([header, ...rows])}\n`);
}
