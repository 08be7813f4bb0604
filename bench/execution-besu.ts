import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { getCreateAddress, type Hex, keccak256, numberToHex, stringToHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { EXECUTION_LOGGING, executionTimes } from "../besu/execution-times";
import { parallelCounters } from "../besu/parallel-counters";
import { accessOf } from "../execution/analyse/access-sets";
import { weigh } from "../execution/analyse/analysis";
import { speedUpBound } from "../execution/analyse/bound";
import { recordBlocks } from "../execution/analyse/node/record-blocks";
import { jsonRpc, jsonRpcBatch } from "../operations/json-rpc";
import { whenReady } from "../operations/local-network";
import { logFile, startNode, stopNode, tieToThisProcess, writeFiles } from "../operations/local-node";
import { type LocalPlan, planLocalNetwork } from "../operations/local-plan";
import { quantile } from "../rehearsal/forecast/forecast";
import { formatTable } from "../table";
import { findBesu } from "../toolchain/besu";
import { projectRoot } from "../toolchain/paths";
import { freePorts } from "../toolchain/ports";
import { ToolMissingError } from "../toolchain/tool";
import { machine, median } from "./machine";

const usage = `Usage: npm run bench -- execution-besu [--rounds N] [--transactions N] [--validators 1|4]

The same signed transactions into two QBFT networks of one genesis, one that executes blocks in parallel and one that does
not, in turns: independent calls, calls of which every second writes one slot, and calls that all do. Needs Besu (BESU_HOME
or PATH) and says so where there is none. Writes bench/results/execution-besu.json.
`;

const MODES = ["on", "off"] as const;
type Mode = (typeof MODES)[number];

/** By name: whether call number i writes the slot that others write, rather than its sender's own. */
const WORKLOADS: Readonly<Record<string, (i: number) => boolean>> = {
  independent: () => false,
  "half conflicting": (i) => i % 2 === 0,
  conflicting: () => true,
};

/** 1,000 rounds of Keccak, then a slot counted up: the caller's own, or with call data slot 0. */
const RUNTIME = "6103e85b60205f205f52600190038060035750333615028054600101905500";
const CREATION: Hex = `0x60${(RUNTIME.length / 2).toString(16)}600a5f3960${(RUNTIME.length / 2).toString(16)}5ff3${RUNTIME}`;
const GAS = 200_000n;
const CHAIN_ID = 138;

/** Transactions of the blocks that are traced for the bound. */
const TRACED = 12;

/** Attempts of a request that a busy node answers late: all of them may be repeated. */
const ATTEMPTS = 20;

interface Network {
  readonly mode: Mode;
  readonly plan: LocalPlan;
  readonly url: string;
  readonly metricsUrl: string;
}

/** One block with transactions. */
interface Sample {
  readonly workload: string;
  readonly mode: Mode;
  readonly block: number;
  readonly transactions: number;
  readonly gas: number;
  readonly executionMs: number;
}

export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "5" },
      transactions: { type: "string", default: "180" },
      validators: { type: "string", default: "1" },
      help: { type: "boolean" },
    },
  });
  const [rounds, transactions, validators] = [values.rounds, values.transactions, values.validators].map(Number);
  const good = [rounds, transactions, validators].every((n) => Number.isInteger(n) && Number(n) >= 1);
  if (
    values.help === true ||
    !good ||
    Number(transactions) < TRACED ||
    Number(transactions) > 1000 ||
    Number(validators) > 8
  ) {
    process.stdout.write(usage);
    return values.help === true ? 0 : 2;
  }
  try {
    await findBesu();
  } catch (error) {
    if (!(error instanceof ToolMissingError)) throw error;
    process.stdout.write(`Not measured: ${error.message}\n${error.hint ?? ""}\n`);
    return 0;
  }
  return measure(rounds ?? 1, transactions ?? 1, validators ?? 1);
}

async function measure(rounds: number, transactions: number, validators: number): Promise<number> {
  const besu = await findBesu();
  const folder = mkdtempSync(join(tmpdir(), "meridian-bench-besu-"));
  const logging = join(folder, "log4j2.xml");
  writeFileSync(logging, EXECUTION_LOGGING);
  // Besu's start script hands both on; the property goes before Besu's own configuration of log4j.
  process.env.LOG4J_CONFIGURATION_FILE = logging;
  const keys = Array.from({ length: validators }, (_, i) => keccak256(stringToHex(`bench validator ${i}`)));
  const networks: Network[] = [];
  for (const mode of MODES) networks.push(await networkOf(join(folder, mode), mode, keys));
  const nodes = networks.flatMap(({ plan }) => plan.nodes);
  const untie = tieToThisProcess(nodes);
  try {
    for (const { plan } of networks) {
      writeFiles(plan.files);
      for (const node of plan.nodes) await startNode(node, besu);
    }
    for (const { plan } of networks) await whenReady(plan);
    const result = await compare(networks, rounds, transactions);
    const command = `npm run bench -- execution-besu --rounds ${rounds} --transactions ${transactions} --validators ${validators}`;
    write({ command, machine: machine(), besu: besu.version, validators, ...result });
    return 0;
  } finally {
    await Promise.all(nodes.map((node) => stopNode(node)));
    untie();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same keys make the same genesis; only the flag differs, and that the bench may trace. */
async function networkOf(folder: string, mode: Mode, keys: readonly Hex[]): Promise<Network> {
  const free = await freePorts(4 * keys.length);
  const ports = keys.map((_, i) => {
    const [rpc = 0, p2p = 0, metrics = 0, admin = 0] = free.slice(4 * i);
    return { rpc, p2p, metrics, admin };
  });
  const plan = planLocalNetwork({ folder, keys, ports, chainId: CHAIN_ID, blockPeriodSeconds: 2 });
  const more = [
    `--bonsai-parallel-tx-processing-enabled=${String(mode === "on")}`,
    "--rpc-http-api=ETH,NET,WEB3,DEBUG",
    "--tx-pool-max-future-by-sender=2000",
  ];
  const nodes = plan.nodes.map((node) => ({ ...node, args: [...node.args, ...more] }));
  const [first] = nodes;
  const metricsUrl = `http://127.0.0.1:${first?.ports.metrics ?? 0}/metrics`;
  return { mode, plan: { ...plan, nodes }, url: first?.rpcUrl ?? "", metricsUrl };
}

async function compare(networks: readonly Network[], rounds: number, transactions: number) {
  const deployer = privateKeyToAccount(keccak256(stringToHex("bench deployer")));
  const senders = Array.from({ length: transactions }, (_, i) => privateKeyToAccount(keccak256(numberToHex(i + 1))));
  const to = getCreateAddress({ from: deployer.address, nonce: 0n });
  const common = { type: "legacy", gasPrice: 0n, gas: GAS, chainId: CHAIN_ID } as const;
  const creation = await deployer.signTransaction({ ...common, data: CREATION, nonce: 0 });
  for (const network of networks) await send(network, [creation]);
  const metrics = (network: Network) => patiently(() => countersOf(network));

  const blocks = new Map<string, { readonly workload: string; readonly mode: Mode; readonly numbers: number[] }>();
  const counters: Record<string, unknown>[] = [];
  const bounds: Record<string, unknown>[] = [];
  const stateRoots: { round: number; workload: string; equal: boolean }[] = [];
  const nonces = senders.map(() => 0);
  const sign = (conflicts: (i: number) => boolean, count: number) =>
    Promise.all(
      senders.slice(0, count).map((sender, i) => {
        const nonce = nonces[i] ?? 0;
        nonces[i] = nonce + 1;
        return sender.signTransaction({ ...common, to, nonce, ...(conflicts(i) && { data: "0x01" }) });
      }),
    );
  for (const [workload, conflicts] of Object.entries(WORKLOADS)) {
    // A small block first: to warm up, and to be traced, which for a full one takes a node very long.
    const few = await sign(conflicts, TRACED);
    const [traced] = await Promise.all(networks.map((network) => send(network, few)));
    if (networks[0] !== undefined) bounds.push({ workload, ...(await boundOf(networks[0], traced?.numbers ?? [])) });
    const before = await Promise.all(networks.map(metrics));
    for (let round = 0; round < rounds; round++) {
      const signed = await sign(conflicts, transactions);
      const order = round % 2 === 0 ? networks : [...networks].reverse();
      const roots = new Set<string>();
      for (const network of order) {
        const { numbers, stateRoot } = await send(network, signed);
        const key = `${workload}/${network.mode}`;
        const known = blocks.get(key) ?? { workload, mode: network.mode, numbers: [] };
        known.numbers.push(...numbers);
        blocks.set(key, known);
        roots.add(stateRoot);
      }
      stateRoots.push({ round, workload, equal: roots.size === 1 });
      process.stderr.write(`${workload}, round ${round + 1} of ${rounds}\n`);
    }
    const after = await Promise.all(networks.map(metrics));
    networks.forEach(({ mode }, i) => {
      const [was, is] = [before[i], after[i]];
      const grown = (key: "parallelized" | "conflicted") => (is?.[key] ?? 0) - (was?.[key] ?? 0);
      counters.push({ workload, mode, parallelized: grown("parallelized"), conflicted: grown("conflicted") });
    });
  }
  const samples: Sample[] = [];
  for (const { workload, mode, numbers } of blocks.values()) {
    const network = networks.find((one) => one.mode === mode);
    if (network !== undefined) samples.push(...(await samplesOf(network, workload, numbers)));
  }
  return { rounds, transactions, stateRootsEqual: stateRoots.every(({ equal }) => equal), counters, bounds, samples };
}

/** Sends signed transactions and waits for all of them: which blocks they are in, and the state after the last. */
async function send({ url }: Network, signed: readonly Hex[]) {
  const all = async (method: string, params: readonly Hex[]): Promise<readonly unknown[]> => {
    const calls = params.map((one) => ({ method, params: [one] }));
    const answers = [];
    for (let at = 0; at < calls.length; at += 50) {
      answers.push(...(await patiently(() => jsonRpcBatch(url, calls.slice(at, at + 50)))));
    }
    return answers;
  };
  await all("eth_sendRawTransaction", signed);
  for (;;) {
    const receipts = await all(
      "eth_getTransactionReceipt",
      signed.map((raw) => keccak256(raw)),
    );
    const mined = receipts.filter((one) => one != null) as { blockNumber: Hex; status: Hex }[];
    if (mined.some(({ status }) => status !== "0x1")) throw new Error("A transaction of the workload failed.");
    if (mined.length === signed.length) {
      const numbers = [...new Set(mined.map(({ blockNumber }) => Number(blockNumber)))].sort((a, b) => a - b);
      const { stateRoot } = await blockOf<{ stateRoot: string }>(url, numbers.at(-1) ?? 0);
      return { numbers, stateRoot };
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

const blockOf = <Block>(url: string, number: number): Promise<Block> =>
  patiently(() => jsonRpc<Block>(url, "eth_getBlockByNumber", numberToHex(number), false));

async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function countersOf({ metricsUrl }: Network) {
  return parallelCounters(await (await fetch(metricsUrl)).text());
}

async function samplesOf({ plan, mode, url }: Network, workload: string, numbers: readonly number[]) {
  const [node] = plan.nodes;
  const times = executionTimes(node === undefined ? "" : readFileSync(logFile(node), "utf8"));
  const samples: Sample[] = [];
  for (const block of numbers) {
    const found = await blockOf<{ gasUsed: Hex; transactions: Hex[] }>(url, block);
    const executionMs = times.get(block);
    if (executionMs === undefined) throw new Error(`Besu's log does not tell how long block ${block} took.`);
    const { length } = found.transactions;
    samples.push({ workload, mode, block, transactions: length, gas: Number(found.gasUsed), executionMs });
  }
  return samples;
}

/** What parallel execution could give on this machine's cores, by `meridian execution analyse`. */
async function boundOf({ url }: Network, numbers: readonly number[]) {
  const cores = Number(machine().cores);
  const weighed = [];
  let method = "";
  for (const number of numbers) {
    const { blocks } = await recordBlocks({ rpcUrl: url, blocks: String(number) });
    for await (const one of blocks) {
      method = one.method;
      weighed.push(weigh(accessOf(one.recorded).transactions));
    }
  }
  return { method, cores, bound: speedUpBound(weighed, cores), bound16: speedUpBound(weighed, 16) };
}

function write(result: Awaited<ReturnType<typeof compare>> & Readonly<Record<string, unknown>>): void {
  const { samples, counters, bounds } = result;
  const summary = Object.keys(WORKLOADS).flatMap((workload) =>
    MODES.map((mode) => {
      const own = samples.filter((sample) => sample.workload === workload && sample.mode === mode);
      const times = own.map(({ executionMs }) => executionMs);
      const speeds = own.map(({ gas, executionMs }) => gas / executionMs / 1000);
      const [p50Ms, p95Ms] = [quantile(times, 0.5), quantile(times, 0.95)];
      return { workload, mode, blocks: own.length, p50Ms, p95Ms, megagasPerSecond: median(speeds) };
    }),
  );
  const rows = summary.map(({ workload, mode, blocks, p50Ms, p95Ms, megagasPerSecond }) => {
    const count = counters.find((one) => one.workload === workload && one.mode === mode);
    const bound = bounds.find((one) => one.workload === workload);
    return [
      ...[workload, mode, String(blocks), `${p50Ms.toFixed(0)} ms`, `${p95Ms.toFixed(0)} ms`],
      megagasPerSecond.toFixed(1),
      mode === "on" ? `${String(count?.parallelized)} / ${String(count?.conflicted)}` : "-",
      `${Number(bound?.bound).toFixed(2)}x / ${Number(bound?.bound16).toFixed(2)}x`,
    ];
  });
  const heading = ["workload", "parallel", "blocks", "p50", "p95", "Mgas/s", "taken / again", "bound here / 16 cores"];
  process.stdout.write(`${formatTable([heading, ...rows])}\n`);
  process.stdout.write(`State roots ${result.stateRootsEqual ? "are equal after every round" : "DIFFER"}.\n`);
  const file = join(projectRoot, "bench", "results", "execution-besu.json");
  mkdirSync(join(projectRoot, "bench", "results"), { recursive: true });
  const { command, machine: where, besu, validators, rounds, transactions, stateRootsEqual } = result;
  const document = { command, machine: where, besu, validators, rounds, transactions, stateRootsEqual };
  writeFileSync(file, `${JSON.stringify({ ...document, summary, counters, bounds, samples }, null, 2)}\n`);
  process.stdout.write(`${file}\n`);
}
