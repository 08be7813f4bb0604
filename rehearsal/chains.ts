import { existsSync } from "node:fs";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { gunzipSync } from "node:zlib";
import type { Address, Hex } from "viem";
import { CREATE2_FACTORY_ADDRESS, CREATE2_FACTORY_CODE, type GenesisAccount } from "../besu/genesis";
import { MeridianError } from "../errors";
import { projectRoot } from "../toolchain/paths";
import { AnvilError, startAnvil, type AnvilProcess } from "./anvil-process";

/** A genesis as anvil takes it: what Besu takes, of which anvil uses chain id, time, gas limit and alloc. */
export interface ChainGenesis {
  readonly config: { readonly chainId: number };
  readonly gasLimit: Hex;
  readonly alloc: Readonly<Record<Address, GenesisAccount>>;
}

export interface ChainOptions {
  /** For messages. */
  readonly name: string;
  readonly genesis: ChainGenesis;
  /** Whether transactions cost nothing, as on a Besu chain with `zeroBaseFee`. @default false */
  readonly zeroFee?: boolean;
  /** Seconds from block to block; 0 makes a block for each transaction and no others. @default 1 */
  readonly blockTimeSeconds?: number;
  /** Where the chain lives on over restarts; without it, it ends with the process. */
  readonly stateFile?: string;
  /** @default a free one */
  readonly port?: number;
  /** Path of the anvil binary. @default that of the npm package */
  readonly anvil?: string;
  readonly signal?: AbortSignal;
}

/** A running chain on this machine. */
export interface Chain {
  readonly name: string;
  readonly rpcUrl: string;
  readonly port: number;
  /** Of anvil itself. */
  readonly pid: number;
  readonly ended: Promise<void>;
  /** Ends it the gentle way, so that it keeps its state. */
  readonly close: () => Promise<void>;
}

/** The file of a chain's state cannot be used. */
export class ChainStateError extends MeridianError {}

const READY_TIMEOUT_MS = 20_000;
const READY_POLL_MS = 10;
/** anvil writes its state this often, so that even its SIGKILL loses a second at most. */
const STATE_INTERVAL_SECONDS = 1;

/** Path of the anvil binary of the npm package for this platform. @throws {AnvilError} */
export function anvilBinary(given?: string): string {
  if (given !== undefined) return given;
  const name = `@foundry-rs/anvil-${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
  try {
    const manifest = createRequire(join(projectRoot, "package.json")).resolve(`${name}/package.json`);
    return join(dirname(manifest), "bin", "anvil");
  } catch (cause) {
    throw new AnvilError(`The npm package ${name} is not installed.`, {
      hint: "Run npm ci without --omit=optional.",
      cause,
    });
  }
}

/** Alloc entry of the CREATE2 factory, for a genesis that besu/genesis.ts did not make. */
export const factoryAlloc: Readonly<Record<Address, GenesisAccount>> = {
  [CREATE2_FACTORY_ADDRESS]: { balance: "0x0", nonce: "0x1", code: CREATE2_FACTORY_CODE },
};

/** Genesis of the local stand-in for mainnet: the factory, and a deployer with funds. */
export function mainnetStandIn(funded: readonly Address[]): ChainGenesis {
  const thousandEther: Hex = "0x3635c9adc5dea00000";
  const accounts = funded.map((address): [Address, GenesisAccount] => [address, { balance: thousandEther }]);
  return {
    config: { chainId: 1 },
    gasLimit: "0x3938700", // 60 million, mainnet's since November 2025.
    alloc: { ...factoryAlloc, ...Object.fromEntries(accounts) },
  };
}

/**
 * Starts a chain, or goes on with the one in `stateFile`, and waits until it answers.
 *
 * anvil injects the CREATE2 factory and funded accounts by itself: both are off, so that the genesis is what is tested.
 * The genesis gets the time of its start, so that a chain begun anew has another genesis hash.
 *
 * @throws {AnvilError}, {ChainStateError}
 */
export async function startChain(options: ChainOptions): Promise<Chain> {
  const { name, stateFile, genesis, signal } = options;
  if (stateFile !== undefined && !existsSync(stateFile)) await createState(options, stateFile);
  if (stateFile !== undefined) await restoreState(name, stateFile);

  const blockTime = options.blockTimeSeconds ?? 1;
  const mining = blockTime > 0 ? ["--block-time", String(blockTime)] : [];
  const run = (source: readonly string[]): Promise<AnvilProcess> =>
    startAnvil(
      anvilBinary(options.anvil),
      [...commonFlags(options), ...mining, ...source, "--port", String(options.port ?? 0)],
      signal,
    );
  const anvil =
    stateFile === undefined
      ? await withGenesisFile(genesis, (path) => run(["--init", path]))
      : await run(["--state", stateFile, "--state-interval", String(STATE_INTERVAL_SECONDS)]);
  const rpcUrl = `http://127.0.0.1:${anvil.port}`;
  await requireReady(rpcUrl, options, anvil);
  return { name, rpcUrl, port: anvil.port, pid: anvil.pid, ended: anvil.ended, close: anvil.close };
}

const commonFlags = ({ genesis, zeroFee = false }: ChainOptions): string[] => [
  "--no-create2",
  "--accounts",
  "0",
  "--hardfork",
  "osaka",
  "--enable-tx-gas-limit",
  "--chain-id",
  String(genesis.config.chainId),
  "--gas-limit",
  String(Number(genesis.gasLimit)),
  ...(zeroFee ? ["--base-fee", "0", "--gas-price", "0", "--disable-min-priority-fee"] : []),
];

/**
 * Makes the first state of a chain. anvil refuses `--init` together with a state file, so it starts once with the
 * genesis and is asked for its state.
 */
async function createState(options: ChainOptions, stateFile: string): Promise<void> {
  await withGenesisFile(options.genesis, async (path) => {
    const flags = [...commonFlags(options), "--init", path, "--port", "0"];
    const anvil = await startAnvil(anvilBinary(options.anvil), flags, options.signal);
    try {
      const url = `http://127.0.0.1:${anvil.port}`;
      await requireReady(url, options, anvil);
      const dump = (await rpc(url, "anvil_dumpState")) as string;
      const state = gunzipSync(Buffer.from(dump.slice(2), "hex")).toString();
      const genesisBlock = (JSON.parse(state) as AnvilState).blocks.find(isGenesis);
      await replaceFile(genesisFile(stateFile), JSON.stringify(genesisBlock));
      await replaceFile(stateFile, state);
    } finally {
      await anvil.close();
    }
  });
}

/** What is of use here of the state that anvil writes. */
interface AnvilState {
  readonly blocks: readonly { readonly header: { readonly number: Hex } }[];
}
const isGenesis = ({ header }: AnvilState["blocks"][number]): boolean => Number(header.number) === 0;

/** The first block of a chain, beside its state. */
const genesisFile = (stateFile: string): string => `${stateFile}.genesis`;

/**
 * Makes the state as it was written fit to be loaded. At every start anvil makes a block 0 of its own, which it adds to
 * the state; loading several, it takes any of them for the genesis (1.7.1 goes by the order of a hash map).
 */
async function restoreState(name: string, stateFile: string): Promise<void> {
  let state: AnvilState;
  let blocks: AnvilState["blocks"];
  try {
    state = JSON.parse(await readFile(stateFile, "utf8")) as AnvilState;
    const first: unknown = JSON.parse(await readFile(genesisFile(stateFile), "utf8"));
    blocks = state.blocks.filter((block) => !isGenesis(block) || isDeepStrictEqual(block, first));
    if (!blocks.some(isGenesis)) throw new Error("its first block is not among its blocks");
  } catch (cause) {
    throw new ChainStateError(`The state of ${name} in ${stateFile} is damaged.`, {
      hint: "It was being written when the machine or anvil was killed. Begin anew: npm start -- --fresh.",
      cause,
    });
  }
  if (blocks.length < state.blocks.length) await replaceFile(stateFile, JSON.stringify({ ...state, blocks }));
}

async function replaceFile(path: string, content: string): Promise<void> {
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
}

async function withGenesisFile<T>(genesis: ChainGenesis, work: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "meridian-genesis-"));
  try {
    const path = join(folder, "genesis.json");
    const timestamp = `0x${Math.floor(Date.now() / 1000).toString(16)}`;
    await writeFile(path, JSON.stringify({ ...genesis, timestamp }));
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function requireReady(url: string, { name, genesis, signal }: ChainOptions, anvil: AnvilProcess): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    signal?.throwIfAborted();
    const chainId = await rpc(url, "eth_chainId").catch(() => undefined);
    if (chainId !== undefined && Number(chainId) === genesis.config.chainId) return;
    if (Date.now() >= deadline) {
      await anvil.close();
      throw new AnvilError(`${name} does not answer at ${url}.`, { hint: "Look whether anvil runs on this machine." });
    }
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
}

async function rpc(url: string, method: string): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: [] }),
  });
  return ((await response.json()) as { result?: unknown }).result;
}
