import { toHex, type Hex } from "../state/hex";
import { Blocks, workloads } from "../workloads/workloads";
import type { World } from "../workloads/world";
import { ExecutionError } from "../errors";
import { spread, type Spread } from "./measure";

/** Starts anvil with arguments; on a port of its own choice. */
export type StartNative = (args: readonly string[]) => Promise<{ readonly port: number; close(): Promise<void> }>;

/** What a native client achieved on plain transfers, one after the other. */
export interface Native {
  readonly client: "anvil";
  readonly workload: "transfers";
  /** Execution and roots of a block, without recovery of senders, which it does on receipt. */
  readonly transactionsPerSecond: Spread;
  /** Receipt included: it takes transactions as JSON over HTTP, which is most of it. */
  readonly withReceiptPerSecond: Spread;
}

const PER_REQUEST = 200;

/** Sends the workload of plain transfers to anvil, and has it make a block of each set. */
export async function measureNative(
  start: StartNative,
  world: World,
  { transactions, rounds, seed }: { readonly transactions: number; readonly rounds: number; readonly seed: number },
): Promise<Native> {
  const workload = workloads.find(({ name }) => name === "transfers");
  if (workload === undefined) throw new Error("there are no transfers");
  const flags = ["--no-mining", "--order", "fifo", "--chain-id", "138", "--gas-limit", "1000000000", "--base-fee", "0"];
  const node = await start([...flags, "--accounts", "1"]);
  const ask = async (requests: readonly { method: string; params: readonly unknown[] }[]): Promise<void> => {
    for (let from = 0; from < requests.length; from += PER_REQUEST) {
      const body = requests.slice(from, from + PER_REQUEST).map((request, id) => ({ jsonrpc: "2.0", id, ...request }));
      const response = await fetch(`http://127.0.0.1:${node.port}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      const failed = ((await response.json()) as { error?: { message: string } }[]).find(
        ({ error }) => error !== undefined,
      );
      if (failed !== undefined)
        throw new ExecutionError(`anvil says: ${failed.error?.message ?? "no"}`, { exitCode: 1 });
    }
  };
  try {
    const rich: Hex = toHex(Uint8Array.of(0xff, ...new Uint8Array(10)));
    await ask(world.users.map(({ address }) => ({ method: "anvil_setBalance", params: [address, rich] })));
    const blocks = new Blocks(world, workload, transactions, seed);
    const executed: number[] = [];
    const received: number[] = [];
    for (let round = -1; round < rounds; round++) {
      const block = blocks.next();
      const began = performance.now();
      await ask(block.transactions.map((bytes) => ({ method: "eth_sendRawTransaction", params: [toHex(bytes)] })));
      const sent = performance.now();
      await ask([{ method: "evm_mine", params: [] }]);
      const ended = performance.now();
      if (round < 0) continue;
      executed.push((transactions / (ended - sent)) * 1000);
      received.push((transactions / (ended - began)) * 1000);
    }
    return {
      client: "anvil",
      workload: "transfers",
      transactionsPerSecond: spread(executed),
      withReceiptPerSecond: spread(received),
    };
  } finally {
    await node.close();
  }
}
