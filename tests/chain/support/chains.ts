import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toHex, type Address, type Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { createGenesis } from "../../../besu/genesis";
import { mainnetStandIn, startChain, type Chain, type ChainOptions } from "../../../rehearsal/chains";

/** anvil's second well-known development key: no secret. */
export const deployerKey: Hex = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
export const deployer = privateKeyToAccount(deployerKey);
export const owner: Address = "0x000000000000000000000000000000000000c0de";

const validators = [1, 2, 3, 4].map((number): Address => `0x${String(number).padStart(40, "0")}`);

/** The genesis that Besu would get for chain 138. */
export const genesis138 = createGenesis({ chainId: 138, validators, blockPeriodSeconds: 2 });

/** Chain 138 without fees; a block for each transaction unless a time is given. */
export const startChain138 = (options: Partial<ChainOptions> = {}): Promise<Chain> =>
  startChain({ name: "chain138", genesis: genesis138, zeroFee: true, blockTimeSeconds: 0, ...options });

/** The stand-in for mainnet, with fees and a deployer who can pay them. */
export const startChain1 = (options: Partial<ChainOptions> = {}): Promise<Chain> =>
  startChain({ name: "chain1", genesis: mainnetStandIn([deployer.address]), blockTimeSeconds: 0, ...options });

/** Runs `work` with a folder that is gone afterwards. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "meridian-chain-test-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs `work` with a chain that is ended afterwards. */
export async function withChain<T>(starting: Promise<Chain>, work: (chain: Chain) => Promise<T>): Promise<T> {
  const chain = await starting;
  try {
    return await work(chain);
  } finally {
    await chain.close();
  }
}

/** One JSON-RPC request. */
export async function rpc<T = any>(chain: Pick<Chain, "rpcUrl">, method: string, ...params: unknown[]): Promise<T> {
  const response = await fetch(chain.rpcUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const answer = (await response.json()) as { result: T; error?: { message: string } };
  if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`);
  return answer.result;
}

/** Polls until `check` gives a value; bounded, so that a test fails instead of hanging. */
export async function eventually<T>(what: string, check: () => Promise<T | undefined>, withinMs = 60_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await check();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

type PoolTransaction = Record<"from" | "nonce" | "hash", Hex> & { readonly to: Hex | null };

export interface SentTransaction {
  readonly nonce: number;
  readonly to: string | null;
  readonly succeeded: boolean;
}

/** Every transaction of an account that is in a block, in the order of the blocks. */
export async function transactionsOf(chain: Chain, account: Address): Promise<SentTransaction[]> {
  const head = Number(await rpc<Hex>(chain, "eth_blockNumber"));
  const found: SentTransaction[] = [];
  for (let number = 0; number <= head; number++) {
    const block = await rpc<{ transactions: PoolTransaction[] }>(chain, "eth_getBlockByNumber", toHex(number), true);
    for (const { from, nonce, to, hash } of block.transactions) {
      if (from.toLowerCase() !== account.toLowerCase()) continue;
      const receipt = await rpc<{ status: Hex }>(chain, "eth_getTransactionReceipt", hash);
      found.push({ nonce: Number(nonce), to, succeeded: receipt.status === "0x1" });
    }
  }
  return found;
}
