import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { rpcUrlVariable } from "../contracts/options";
import { stackContracts } from "../contracts/status/stack-settings";
import { mainnetStandIn, startChain } from "../rehearsal/chains";
import { startRpcProxy } from "../rehearsal/rpc-proxy";
import { formatTable } from "../table";
import { deployerKey, owner } from "./deployments/cases";
import { runProgram } from "./deployments/run";
import { machine, median, writeResult } from "./machine";

const usage = `Usage: npm run bench -- verify [--rounds N]

Verification of the nine contracts of chain138, compiled before: contracts/bin/verify.mjs for one after the other, beside
meridian verify --offline for all (one process, compared at once) and with --concurrency 1. Interleaved on one anvil, with
0 and 100 ms more for each HTTP request. Writes bench/results/verify.json.

Example:
  npm run bench -- verify --rounds 3
`;

const STACK = "dev";
const CHAIN = "chain138";

/** Runs the benchmark; prints a table and writes the results. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    process.stdout.write(usage);
    return 0;
  }
  const { values } = parseArgs({ args: [...args], options: { rounds: { type: "string" } } });
  const rounds = Number(values.rounds ?? 3);
  const { salt, settings, suite } = stackContracts(STACK);
  const contracts = suite.contracts.filter(({ chains }) => chains.includes(CHAIN)).map(({ name }) => name);
  const journal = mkdtempSync(join(tmpdir(), "meridian-bench-verify-"));
  const genesis = { ...mainnetStandIn([owner]), config: { chainId: 138 } };
  const chain = await startChain({ name: CHAIN, genesis, blockTimeSeconds: 0 });
  const samples = new Map<string, number[]>();
  try {
    const node = (rpcUrl: string, ...line: readonly string[]): Promise<void> =>
      runProgram({
        command: process.execPath,
        args: line,
        environment: {
          [rpcUrlVariable(CHAIN)]: rpcUrl,
          MERIDIAN_DEPLOYER_KEY: deployerKey,
          MERIDIAN_JOURNAL_DIR: journal,
        },
      });
    const meridian = (rpcUrl: string, ...line: readonly string[]): Promise<void> =>
      node(rpcUrl, join("bin", "meridian.mjs"), ...line, "--stack", STACK, "--chain", CHAIN);
    await meridian(chain.rpcUrl, "contracts", "deploy");
    const all = (url: string, ...more: readonly string[]): Promise<void> =>
      meridian(url, "verify", "--offline", ...more);
    const oneByOne = async (url: string): Promise<void> => {
      const planned = ["--chain", CHAIN, "--salt", salt, "--owner", settings.owner];
      for (const name of contracts)
        await node(url, join("contracts", "bin", "verify.mjs"), ...planned, "--contract", name);
    };
    await all(chain.rpcUrl); // compiles
    for (let round = 0; round < rounds; round++) {
      for (const latencyMs of [0, 100]) {
        const proxy = await startRpcProxy(chain.rpcUrl, { latencyMs });
        const note = async (what: string, work: () => Promise<void>): Promise<void> => {
          const began = performance.now();
          await work();
          const name = `${latencyMs} ms, ${what}`;
          samples.set(name, [...(samples.get(name) ?? []), performance.now() - began]);
        };
        await note("one after the other", () => oneByOne(proxy.rpcUrl));
        await note("meridian verify", () => all(proxy.rpcUrl));
        await note("meridian verify --concurrency 1", () => all(proxy.rpcUrl, "--concurrency", "1"));
        await proxy.close();
      }
    }
  } finally {
    await chain.close();
    rmSync(journal, { recursive: true, force: true });
  }
  const cases = [...samples].map(([name, ms]) => ({
    name,
    medianMs: Math.round(median(ms)),
    samplesMs: ms.map(Math.round),
  }));
  await writeResult(
    "verify.json",
    JSON.stringify({ command: `npm run bench -- verify --rounds ${rounds}`, ...machine(), cases }),
  );
  const rows = cases.map(({ name, medianMs, samplesMs }) => [name, `${medianMs} ms`, samplesMs.join(" ")]);
  process.stdout.write(`${formatTable([["nine contracts", "median", "rounds"], ...rows])}\n`);
  return 0;
}
