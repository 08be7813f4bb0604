// A worker thread: runs calls in the EVM, on state that the main thread asks the node for. Started by start.mjs.
import { parentPort, workerData } from "node:worker_threads";
import { createCustomCommon, Hardfork, Mainnet, type Common } from "@ethereumjs/common";
import { createEVM } from "@ethereumjs/evm";
import { bytesToHex, createAddressFromString, hexToBytes } from "@ethereumjs/util";
import { hexToBigInt, type Hex } from "viem";
import { z } from "zod";
import type { TimelessOutcome } from "../json-rpc";
import { ForkedState, type StateReader } from "./forked-state";
import type { AskMessage, CallMessage, FromWorker, ToWorker } from "./messages";

const { chainId } = workerData as { readonly chainId: number };
const port = parentPort;
if (port === null) throw new Error("contracts/batch/evm/worker.ts runs in a worker thread only.");
const say = (message: FromWorker): void => port.postMessage(message);

/** What the main thread could not find out: nothing of the contract. */
class StateError extends Error {}

const asked = new Map<string, { resolve: (results: readonly unknown[]) => void; reject: (error: Error) => void }>();
const known = new Map<string, Promise<readonly unknown[]>>();
/** Milliseconds of the call under way that went into waiting for state. */
let waitedMs = 0;

async function ask(key: string, requests: AskMessage["requests"]): Promise<readonly unknown[]> {
  let results = known.get(key);
  if (results === undefined) {
    results = new Promise<readonly unknown[]>((resolve, reject) => {
      asked.set(key, { resolve, reject });
      say({ type: "ask", key, requests });
    });
    known.set(key, results);
    results.catch(() => known.delete(key));
  }
  const began = performance.now();
  try {
    return await results;
  } finally {
    waitedMs += performance.now() - began;
  }
}

const hex = z.custom<Hex>((value) => typeof value === "string" && value.startsWith("0x"));
const blockAnswer = z.object({
  number: hex,
  timestamp: hex,
  miner: hex,
  gasLimit: hex,
  mixHash: hex.optional(),
  baseFeePerGas: hex.optional(),
  difficulty: hex.optional(),
});

const readerAt = (block: string): StateReader => ({
  async account(address) {
    const params = [address, block];
    const requests = ["eth_getBalance", "eth_getTransactionCount", "eth_getCode"].map((method) => ({ method, params }));
    const [balance, nonce, code] = z.tuple([hex, hex, hex]).parse(await ask(`${block}/${address}`, requests));
    if (hexToBigInt(balance) === 0n && hexToBigInt(nonce) === 0n && code === "0x") return undefined;
    return { balance: hexToBigInt(balance), nonce: hexToBigInt(nonce), code };
  },
  async storage(address, slot) {
    const requests = [{ method: "eth_getStorageAt", params: [address, slot, block] }];
    return z.tuple([hex]).parse(await ask(`${block}/${address}/${slot}`, requests))[0];
  },
});

async function environmentAt(block: string) {
  const method = block.length === 66 ? "eth_getBlockByHash" : "eth_getBlockByNumber";
  const [found] = z.tuple([blockAnswer]).parse(await ask(`${block}/`, [{ method, params: [block, false] }]));
  return {
    number: hexToBigInt(found.number),
    timestamp: hexToBigInt(found.timestamp),
    coinbase: createAddressFromString(found.miner),
    gasLimit: hexToBigInt(found.gasLimit),
    prevRandao: hexToBytes(found.mixHash ?? `0x${"00".repeat(32)}`),
    baseFeePerGas: hexToBigInt(found.baseFeePerGas ?? "0x0"),
    difficulty: hexToBigInt(found.difficulty ?? "0x0"),
    getBlobGasPrice: () => 1n,
  };
}

const blockchain = {
  async getBlock(number: number | bigint | Uint8Array) {
    const params = [`0x${BigInt(number as number).toString(16)}`, false];
    const [found] = await ask(`hash/${String(number)}`, [{ method: "eth_getBlockByNumber", params }]);
    const { hash } = z.object({ hash: hex }).parse(found);
    return { hash: () => hexToBytes(hash) };
  },
  putBlock: () => Promise.resolve(),
  shallowCopy: () => blockchain,
};

/** The newest rules: contracts are compiled for these or older ones. */
const common: Common = createCustomCommon({ chainId }, Mainnet, { hardfork: Hardfork.Osaka });
// Asked several times an instruction, by a search through a list (10.1.3); the rules of a thread never change.
const isActivated = common.isActivatedEIP.bind(common);
const eips = new Map<number, boolean>();
common.isActivatedEIP = (eip) => {
  const found = eips.get(eip) ?? isActivated(eip);
  eips.set(eip, found);
  return found;
};

/** One EVM for all calls of the thread: making one takes longer than most calls. */
interface Machine {
  readonly evm: Awaited<ReturnType<typeof createEVM>>;
  readonly state: ForkedState;
}
let machine: Machine | undefined;

/** The thread's EVM as new: a call sees its block, and nothing of the calls before it. */
async function freshMachine(reader: StateReader): Promise<Machine> {
  if (machine === undefined) {
    const state = new ForkedState(common, reader);
    machine = { evm: await createEVM({ common, stateManager: state, blockchain }), state };
  }
  machine.evm.journal.cleanJournal();
  machine.evm.transientStorage.clear();
  machine.state.begin(reader);
  return machine;
}

/** Gas of a transaction before its first instruction (EIP-2028): what is left is what the contract may use. */
function intrinsicGas(data: Uint8Array): bigint {
  const zeros = data.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0);
  return 21_000n + BigInt(4 * zeros + 16 * (data.length - zeros));
}

async function run({ to, data, from, value, block }: CallMessage): Promise<TimelessOutcome> {
  try {
    const environment = await environmentAt(block);
    const { evm } = await freshMachine(readerAt(block));
    const input = hexToBytes(data);
    const caller = createAddressFromString(from);
    const { execResult } = await evm.runCall({
      caller,
      origin: caller,
      to: createAddressFromString(to),
      data: input,
      value,
      gasLimit: environment.gasLimit - intrinsicGas(input),
      gasPrice: 0n,
      block: { header: environment },
    });
    const { exceptionError, returnValue } = execResult;
    if (exceptionError === undefined) return { kind: "returned", data: bytesToHex(returnValue) };
    const words: string = exceptionError.error;
    if (words === "revert") return { kind: "reverted", data: bytesToHex(returnValue), message: "execution reverted" };
    if (/balance/i.test(words)) return { kind: "failed", reason: `the EVM says: ${words}` };
    return { kind: "reverted", data: "0x", message: `EVM error ${words}` };
  } catch (error) {
    machine = undefined; // it stopped in the middle of a call
    const words = error instanceof Error ? error.message : String(error);
    return { kind: "failed", reason: error instanceof StateError ? words : `the EVM says: ${words}` };
  }
}

/** One call after the other: a thread computes one thing at a time anyway. */
let last: Promise<void> = Promise.resolve();

port.on("message", (message: ToWorker) => {
  if (message.type === "state") {
    const { key, results, problem } = message;
    const waiting = asked.get(key);
    asked.delete(key);
    if (results === undefined) waiting?.reject(new StateError(problem));
    else waiting?.resolve(results);
    return;
  }
  last = last.then(async () => {
    waitedMs = 0;
    const began = performance.now();
    const outcome = await run(message);
    say({ type: "outcome", id: message.id, outcome, durationMs: performance.now() - began - waitedMs });
  });
});

say({ type: "ready" });
