import type { Hex } from "viem";
import { numberToHex } from "viem/utils";

import type { BlockAccessList } from "../block-access-list";
import { type BalanceReads, codeScanner } from "../code-scan";
import { type ExecutedSlots, executedSlots, type Instruction } from "../instructions";
import type { Method, RecordedBlock, RecordedReceipt, RecordedTransaction, TracedDiff, TracedState } from "../recorded";
import type { TraceAnswer, TraceClient } from "./client";
import { AnalysisError } from "./errors";
import { inParallel } from "./parallel";

const TRACER = { tracer: "prestateTracer" };
const MODES = [TRACER, { ...TRACER, tracerConfig: { diffMode: true } }] as const;

type Traces = Pick<RecordedBlock, "prestate" | "diff" | "accessList">;

/** How a method gives a block's traces; a text says why it cannot. */
type Adapter = (client: TraceClient, block: RecordedBlock["block"]) => Promise<Traces | string>;

const byBlock =
  (method: Method, idOf: (block: RecordedBlock["block"]) => Hex): Adapter =>
  async (client, block) => {
    const answers = [];
    for (const mode of MODES) answers.push(await client.ask({ method, params: [idOf(block), mode] }));
    return tracesOf(answers.map((answer) => unwrapped(answer, block.transactions.length)));
  };

const byTransaction: Adapter = async (client, { transactions }) => {
  const answers: (readonly unknown[] | string)[] = [];
  for (const mode of MODES) {
    const each = await inParallel(transactions, async ({ hash }) => {
      const answer = await client.ask({ method: "debug_traceTransaction", params: [hash, mode] });
      return answer.ok && !isObject(answer.result) ? { ok: false as const, why: "no object" } : answer;
    });
    const refusals = each.flatMap((answer) => (answer.ok ? [] : [answer.why]));
    answers.push(refusals[0] ?? each.flatMap((answer) => (answer.ok ? [answer.result] : [])));
  }
  return tracesOf(answers);
};

const byList: Adapter = async (client, { number }) => {
  const answer = await client.ask({ method: "eth_getBlockAccessList", params: [number] });
  if (!answer.ok) return answer.why;
  const list = Array.isArray(answer.result) ? { accountChanges: answer.result as unknown[] } : answer.result;
  return isObject(list) && Array.isArray(list.accountChanges)
    ? { accessList: list as unknown as BlockAccessList }
    : "the answer is no block access list";
};

const ADAPTERS: Readonly<Record<Method, Adapter>> = {
  debug_traceBlockByNumber: byBlock("debug_traceBlockByNumber", ({ number }) => number),
  debug_traceBlockByHash: byBlock("debug_traceBlockByHash", ({ hash }) => hash),
  debug_traceTransaction: byTransaction,
  eth_getBlockAccessList: byList,
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The traces in a block's answer: one object a transaction, bare or in `result`. */
function unwrapped(answer: TraceAnswer, transactions: number): unknown[] | string {
  if (!answer.ok) return answer.why;
  const { result } = answer;
  if (!Array.isArray(result)) return "the answer is no list of traces";
  if (result.length !== transactions) return `${result.length} traces for ${transactions} transactions`;
  const traces = result.map((one: unknown) => (isObject(one) && "result" in one ? one.result : one));
  return traces.every(isObject) ? traces : "a trace is no object";
}

/** Both modes, or why not. A tracer that does not know `diffMode` gives the same twice, without `pre` and `post`. */
function tracesOf([all, changed]: readonly (readonly unknown[] | string)[]): Traces | string {
  if (typeof all === "string") return all;
  if (typeof changed === "string") return changed;
  const diff = (changed ?? []) as readonly Partial<TracedDiff>[];
  if (diff.some((one) => Object.keys(one).length > 0 && (one.pre === undefined || one.post === undefined))) {
    return "the node's prestateTracer has no diffMode";
  }
  return {
    prestate: all as readonly TracedState[],
    diff: diff.map(({ pre = {}, post = {} }) => ({ pre, post })),
  };
}

/** Asks a node for a block and for its transactions' accesses, by the first of some methods that it offers. */
export async function recordBlock(
  client: TraceClient,
  number: number,
  methods: readonly Method[],
): Promise<{ readonly recorded: RecordedBlock; readonly method: Method }> {
  const block = await blockOf(client, number);
  const receipts = await receiptsOf(client, block);
  const refused: string[] = [];
  for (const method of methods) {
    const traces = await ADAPTERS[method](client, block);
    if (typeof traces === "string") {
      refused.push(`${method}: ${traces}`);
      continue;
    }
    const recorded = { block, receipts, ...traces };
    return { method, recorded: { ...recorded, ...(await byInstructions(client, recorded)) } };
  }
  throw new AnalysisError(`The node does not tell what the transactions of block ${number} touched.`, {
    hint: `${refused.map((why) => `  ${why}\n`).join("")}Take a node that offers one of these, and has the states of these blocks: Besu with the API DEBUG, geth, reth, or anvil.`,
  });
}

async function blockOf(client: TraceClient, number: number): Promise<RecordedBlock["block"]> {
  const answer = await client.ask({ method: "eth_getBlockByNumber", params: [numberToHex(number), true] });
  const block = answer.ok ? (answer.result as RecordedBlock["block"] | null) : null;
  if (block === null || !Array.isArray(block.transactions)) {
    throw new AnalysisError(`The node has no block ${number}${answer.ok ? "" : ` (${answer.why})`}.`, {
      hint: "Give blocks that it has: --blocks latest is its newest.",
    });
  }
  const { hash, miner, baseFeePerGas } = block;
  const transactions = block.transactions as readonly RecordedTransaction[];
  return { number: block.number, hash, miner, baseFeePerGas, transactions: transactions.map(neededOf) };
}

/** The rest of a transaction, its signature for one, is of no use in a recording. */
function neededOf(transaction: RecordedTransaction): RecordedTransaction {
  const { hash, from, to, input, value, gas, gasPrice, maxFeePerGas, authorizationList } = transaction;
  return { hash, from, to, input, value, gas, gasPrice, maxFeePerGas, authorizationList };
}

async function receiptsOf(client: TraceClient, block: RecordedBlock["block"]): Promise<RecordedReceipt[]> {
  const whole = await client.ask({ method: "eth_getBlockReceipts", params: [block.number] });
  const all = whole.ok && Array.isArray(whole.result) ? (whole.result as RecordedReceipt[]) : undefined;
  const receipts =
    all?.length === block.transactions.length
      ? all
      : await inParallel(block.transactions, async ({ hash }) => {
          const one = await client.ask({ method: "eth_getTransactionReceipt", params: [hash] });
          if (one.ok && isObject(one.result)) return one.result as unknown as RecordedReceipt;
          throw new AnalysisError(`The node has no receipt of ${hash} (${one.ok ? "null" : one.why}).`, {
            hint: "Take a node that keeps the receipts of these blocks.",
          });
        });
  return receipts.map(({ transactionHash, gasUsed, effectiveGasPrice, status, contractAddress }) => ({
    ...{ transactionHash, gasUsed, effectiveGasPrice, status, contractAddress },
  }));
}

/**
 * What the tracer does not tell and the instructions do: whether code that could look at a balance did, and which storage
 * was used by code that could, where the tracer told none (Besu 26.4 tells none at all).
 */
async function byInstructions(
  client: TraceClient,
  { block, receipts, prestate, diff = [] }: RecordedBlock,
): Promise<Pick<RecordedBlock, "balanceReads" | "slots">> {
  if (prestate === undefined) return {};
  const scan = codeScanner();
  const told = await inParallel(block.transactions, async (transaction, index) => {
    const { pre = {}, post = {} } = diff[index] ?? {};
    const accounts = [prestate[index] ?? {}, pre, post].flatMap((state) => Object.values(state));
    const input = transaction.to == null ? [transaction.input ?? "0x"] : [];
    const { balances, storage } = scan([...accounts.flatMap(({ code }) => code ?? []), ...input]);
    const lacksStorage = storage && !accounts.some((one) => Object.keys(one.storage ?? {}).length > 0);
    if (balances === "none" && !lacksStorage) return { reads: balances, slots: NO_SLOTS };
    const logs = await instructionsOf(client, transaction.hash, lacksStorage);
    const { status, contractAddress } = receipts[index] ?? {};
    const slots = (all: readonly Instruction[]) =>
      lacksStorage ? executedSlots(all, transaction.to ?? contractAddress ?? "0x", status !== "0x0") : NO_SLOTS;
    return logs === null
      ? { reads: balances === "none" ? balances : null, slots: lacksStorage ? null : NO_SLOTS }
      : { reads: executedReads(logs), slots: slots(logs) };
  });
  return { balanceReads: told.map(({ reads }) => reads), slots: told.map(({ slots }) => slots) };
}

const NO_SLOTS: ExecutedSlots = { read: {}, written: {} };

/** Null where the node does not tell: an empty list is no answer, since code was there (anvil without --steps-tracing). */
async function instructionsOf(client: TraceClient, hash: Hex, stack: boolean): Promise<readonly Instruction[] | null> {
  const options = { disableStack: !stack, disableStorage: true, disableMemory: true, enableMemory: false };
  const answer = await client.ask({ method: "debug_traceTransaction", params: [hash, options] });
  const logs = answer.ok && isObject(answer.result) ? answer.result.structLogs : undefined;
  return Array.isArray(logs) && logs.length > 0 ? (logs as readonly Instruction[]) : null;
}

function executedReads(logs: readonly Instruction[]): BalanceReads {
  const executed = new Set(logs.map(({ op }) => op));
  return executed.has("BALANCE") ? "any" : executed.has("SELFBALANCE") ? "own" : "none";
}
