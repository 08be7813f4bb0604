import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { numberToHex, type Hex } from "viem";

import { startRpcProxy } from "../../rehearsal/rpc-proxy";
import { projectRoot } from "../../toolchain/paths";
import { BLOCK_SECONDS, type BenchChain } from "./cases";

/** A process to be started. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** @default the checkout */
  readonly folder?: string;
}

/** A way to deploy. */
export interface Tool {
  readonly name: string;
  /** Processes that deploy to a chain, all at once; each gets a node's address and an empty folder. */
  readonly programs: (chain: BenchChain) => readonly ((rpcUrl: string, scratch: string) => Program)[];
}

/** What a deployment took. */
export interface Outcome {
  readonly wallMs: number;
  /** Blocks with transactions, on the chain that has the most. */
  readonly blocks: number;
  /** HTTP requests to all nodes. */
  readonly requests: number;
}

/** Runs a process to its end. @throws with what it wrote when it fails */
export function runProgram({ command, args, environment, folder = projectRoot }: Program): Promise<void> {
  return new Promise((resolve, reject) => {
    const { PATH, HOME } = process.env;
    const child = spawn(command, args, {
      cwd: folder,
      env: { PATH, HOME, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let written = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (written += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ended with ${String(code)}:\n${written}`));
    });
  });
}

async function ask<T>(url: string, method: string, ...params: readonly unknown[]): Promise<T> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const response = await fetch(url, { method: "POST", headers, body });
  return ((await response.json()) as { result: T }).result;
}

/** Waits for the next block, and then for a part of the time to the one after. */
async function atPhase(url: string, phase: number): Promise<void> {
  const before = await ask<Hex>(url, "eth_blockNumber");
  while ((await ask<Hex>(url, "eth_blockNumber")) === before) await delay(5);
  await delay(phase * BLOCK_SECONDS * 1000);
}

async function blocksWithTransactions(url: string, from: number): Promise<number> {
  const head = Number(await ask<Hex>(url, "eth_blockNumber"));
  let count = 0;
  for (let number = from + 1; number <= head; number++) {
    const transactions = await ask<Hex>(url, "eth_getBlockTransactionCountByNumber", numberToHex(number));
    if (Number(transactions) > 0) count += 1;
  }
  return count;
}

/**
 * Deploys to chains at once, and puts them back.
 * @param phase where between two blocks of the first chain it begins, 0 to 1
 */
export async function runAll(
  tool: Tool,
  chains: readonly BenchChain[],
  { latencyMs, phase }: { readonly latencyMs: number; readonly phase: number },
): Promise<Outcome> {
  const scratch = mkdtempSync(join(tmpdir(), "meridian-bench-run-"));
  const urls = chains.map(({ chain }) => chain.rpcUrl);
  const snapshots = await Promise.all(urls.map((url) => ask<Hex>(url, "evm_snapshot")));
  const heads = await Promise.all(urls.map(async (url) => Number(await ask<Hex>(url, "eth_blockNumber"))));
  const proxies = await Promise.all(urls.map((url) => startRpcProxy(url, { latencyMs })));
  try {
    await atPhase(urls[0] ?? "", phase);
    const began = performance.now();
    const programs = chains.flatMap((chain, index) =>
      tool.programs(chain).map((program) => program(proxies[index]?.rpcUrl ?? "", scratch)),
    );
    await Promise.all(programs.map(runProgram));
    const wallMs = performance.now() - began;
    const blocks = await Promise.all(urls.map((url, index) => blocksWithTransactions(url, heads[index] ?? 0)));
    const requests = proxies.reduce((sum, proxy) => sum + proxy.requests(), 0);
    await requireDeployed(tool, chains);
    return { wallMs, blocks: Math.max(...blocks), requests };
  } finally {
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await Promise.all(urls.map((url, index) => ask(url, "evm_revert", snapshots[index])));
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** A deployment that left something out would be fast. */
async function requireDeployed(tool: Tool, chains: readonly BenchChain[]): Promise<void> {
  for (const { chain, plan } of chains) {
    const head = Number(await ask<Hex>(chain.rpcUrl, "eth_blockNumber"));
    let succeeded = 0;
    for (let number = Math.max(head - 60, 1); number <= head; number++) {
      const receipts = await ask<{ status: Hex }[]>(chain.rpcUrl, "eth_getBlockReceipts", numberToHex(number));
      succeeded += receipts.filter(({ status }) => status === "0x1").length;
    }
    if (succeeded !== plan.length) {
      throw new Error(`${tool.name} made ${succeeded} of ${plan.length} deployments on ${chain.name}`);
    }
  }
}
