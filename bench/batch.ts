import { parseArgs } from "node:util";

import { numberToHex, type Hex } from "viem";
import type { TopLevelSpec } from "vega-lite";

import { lightColours, renderSvg } from "../cli/chart";
import { formatTable } from "../table";
import { BatchExecutor } from "../contracts/batch/batch-executor";
import { EvmExecutor } from "../contracts/batch/evm-executor";
import type { Executor, PreparedCall } from "../contracts/batch/executor";
import { mainnetStandIn, startChain, type Chain } from "../rehearsal/chains";
import { machine, median, writeResult } from "./machine";

const usage = `Usage: npm run bench -- batch [--rounds N]

1,000 reads by the batch's own transport beside bare JSON-RPC batches of 100, eight under way; 10,000 reads with what they
add to memory; and 256 items that compute (500 rounds of Keccak each) by the node and by 1, 2, … EVM threads here, up to
the number of cores, with the threads' start. Interleaved, on one anvil.
Writes bench/results/batch.json and bench/results/evm-threads.svg.
`;

const reader: Hex = "0x00000000000000000000000000000000000000f1";
const hasher: Hex = "0x00000000000000000000000000000000000000f2";
/** Slot 0 plus the argument. */
const reading = "0x6000546004350160005260206000f3";
/** Keccak of the argument, 500 times over. */
const hashing = "0x6004356000526101f45b60206000206000526001900380600957602060 00f3".replace(" ", "");

/** Items that compute. */
const HASHES = 256;
const threadsName = (threads: number): string => `${HASHES} hashes, evm, threads ${threads}`;

/** Items a second by threads, beside a straight line through the first point. */
function curveSpec(curve: readonly { readonly threads: number; readonly perSecond: number }[]): TopLevelSpec {
  const { paper, ink, faint, time, bound } = lightColours;
  const one = curve[0]?.perSecond ?? 0;
  const x = { field: "threads", type: "ordinal", title: "EVM threads", axis: { labelAngle: 0 } } as const;
  const y = (field: string) =>
    ({ field, type: "quantitative", title: "items of 500 Keccak rounds a second", scale: { zero: true } }) as const;
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: { text: "Batches computed here: threads' start included", anchor: "start", fontSize: 15, color: ink },
    width: 420,
    height: 260,
    background: paper,
    padding: 12,
    data: { values: curve.map((point) => ({ ...point, ideal: one * point.threads })) },
    layer: [
      { mark: { type: "line", strokeDash: [4, 4], color: bound }, encoding: { x, y: y("ideal") } },
      { mark: { type: "line", point: { color: time }, color: time }, encoding: { x, y: y("perSecond") } },
    ],
    config: {
      axis: { labelColor: ink, titleColor: ink, gridColor: faint, domainColor: faint, tickColor: faint },
      view: { stroke: null },
    },
  };
}

const callsTo = (to: Hex, count: number, block: string): PreparedCall[] =>
  Array.from({ length: count }, (_, n) => ({
    to,
    data: `0x00000000${numberToHex(n, { size: 32 }).slice(2)}` as const,
    block,
  }));

async function ask(chain: Chain, body: unknown): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(chain.rpcUrl, { method: "POST", headers, body: JSON.stringify(body) });
  return response.json();
}

/** Milliseconds that work takes. */
async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function drain(executor: Executor, calls: readonly PreparedCall[]): Promise<void> {
  for await (const outcome of executor.execute(calls)) {
    if (outcome.kind !== "returned") throw new Error(`a call did not return: ${JSON.stringify(outcome)}`);
  }
}

/** The same requests without anything of ours around them. */
async function bare(chain: Chain, calls: readonly PreparedCall[]): Promise<void> {
  const requests = calls.map(({ to, data, block }, id) => {
    return { jsonrpc: "2.0", id, method: "eth_call", params: [{ to, data }, block] };
  });
  const bodies = Array.from({ length: Math.ceil(requests.length / 100) }, (_, n) =>
    requests.slice(n * 100, n * 100 + 100),
  );
  const next = async (): Promise<void> => {
    for (let body = bodies.shift(); body !== undefined; body = bodies.shift()) await ask(chain, body);
  };
  await Promise.all(Array.from({ length: 8 }, next));
}

/** Runs the benchmark; prints a table and writes the results. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    process.stdout.write(usage);
    return 0;
  }
  const { values } = parseArgs({ args: [...args], options: { rounds: { type: "string" } } });
  const rounds = Number(values.rounds ?? 5);
  const chain = await startChain({ name: "bench", genesis: mainnetStandIn([]), blockTimeSeconds: 0 });
  const samples = new Map<string, number[]>();
  const growth: number[] = [];
  const note = (name: string, ms: number): void => void samples.set(name, [...(samples.get(name) ?? []), ms]);
  try {
    for (const [address, code] of [
      [reader, reading],
      [hasher, hashing],
    ]) {
      await ask(chain, { jsonrpc: "2.0", id: 1, method: "anvil_setCode", params: [address, code] });
    }
    const reads = callsTo(reader, 1000, "0x0");
    const hashes = callsTo(hasher, HASHES, "0x0");
    const many = callsTo(reader, 10_000, "0x0");
    const url = chain.rpcUrl;
    const timeoutMs = 60_000;
    const cores = Number(machine().cores);
    for (let round = 0; round < rounds; round++) {
      note("1,000 reads, bare", await timed(() => bare(chain, reads)));
      const byNode = (): Executor => new BatchExecutor({ url, concurrency: 8, timeoutMs });
      note("1,000 reads, meridian", await timed(() => drain(byNode(), reads)));
      const before = process.memoryUsage().rss;
      note("10,000 reads, meridian", await timed(() => drain(byNode(), many)));
      growth.push((process.memoryUsage().rss - before) / 1e6);
      note(`${HASHES} hashes, node`, await timed(() => drain(byNode(), hashes)));
      for (let threads = 1; threads <= cores; threads++) {
        const executor = new EvmExecutor({ url, chainId: 1, threads, timeoutMs });
        note(threadsName(threads), await timed(() => drain(executor, hashes)));
      }
    }
  } finally {
    await chain.close();
  }
  const cases = [...samples].map(([name, ms]) => ({
    name,
    medianMs: Math.round(median(ms)),
    samplesMs: ms.map(Math.round),
  }));
  const rssGrowthMb = growth.map((mb) => Math.round(mb * 10) / 10);
  const result = { command: `npm run bench -- batch --rounds ${rounds}`, ...machine(), cases, rssGrowthMb };
  await writeResult("batch.json", JSON.stringify(result));
  const curve = Array.from({ length: Number(machine().cores) }, (_, index) => ({
    threads: index + 1,
    perSecond: (HASHES / median(samples.get(threadsName(index + 1)) ?? [])) * 1000,
  }));
  await writeResult("evm-threads.svg", await renderSvg(curveSpec(curve)));
  const rows = cases.map(({ name, medianMs, samplesMs }) => [
    name,
    `${medianMs} ms`,
    `${Math.min(...samplesMs)} to ${Math.max(...samplesMs)}`,
  ]);
  process.stdout.write(`${formatTable([["what", "median", "range"], ...rows])}\n`);
  process.stdout.write(`10,000 reads add ${rssGrowthMb.join(", ")} MB of resident memory, round by round\n`);
  return 0;
}
