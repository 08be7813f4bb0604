import type { AbiFunction, Address } from "viem";
import { numberToHex, toFunctionSignature } from "viem/utils";
import { rpcUrlVariable } from "../options";
import { BatchExecutor } from "./batch-executor";
import { BatchInputError } from "./errors";
import type { Executor } from "./executor";
import { parseBatch, readInput } from "./file";
import { EvmExecutor, threadsFor } from "./evm-executor";
import type { Backend, Isolation } from "./isolation";
import type { BatchItem } from "./item";
import { openNode, type BatchNode } from "./node";
import { REPORT_VERSION } from "./report";
import { failedBefore } from "./rerun";
import { runBatch } from "./run";
import { parseSignature } from "./signature";
import { onlyFailed, type Sink } from "./sinks/sink";
import { findTarget, type TargetOptions } from "./target";
import { MulticallExecutor, SimulateExecutor } from "./whole-executors";

/** Everything that `meridian call` and `meridian batch` can be told, but for the forms of output. */
export interface BatchCommand extends TargetOptions {
  /** `name(types)(types)`. */
  readonly function: string;
  /** The one item of a single call; not beside `batchArgs`. */
  readonly single?: Readonly<Record<string, unknown>>;
  /** Path of a batch file. */
  readonly batchArgs?: string;
  /** @default the chain's variable of the environment */
  readonly rpc?: string;
  readonly isolation: Isolation;
  /** `evm` runs independent items in worker threads of this process. @default "rpc" */
  readonly backend?: Backend;
  readonly concurrency: number;
  readonly timeoutMs: number;
  /** Multicall3 to use. @default the canonical address */
  readonly multicall?: string;
  readonly failedOnly: boolean;
  readonly failFast: boolean;
  /** Path of an earlier report. */
  readonly rerunFailed?: string;
}

/** Where mds1/multicall3 deployed Multicall3 on more than 250 chains (multicall3.com). */
const CANONICAL_MULTICALL3 = "0xcA11bde05977b3631167028862bE2a173976CA11";

/**
 * Runs a batch from beginning to end. Everything that was asked for is understood before the node is asked anything.
 *
 * @param makeSinks called when the input is known to be good, before anything is called
 * @returns the exit code: 0 when all passed, 1 when some did not
 * @throws {BatchInputError}, {NoConnectionError}: exit code 2
 */
export async function runBatchCommand(command: BatchCommand, makeSinks: () => readonly Sink[]): Promise<0 | 1> {
  if (command.backend === "evm" && command.isolation !== "independent") {
    throw new BatchInputError(
      `--backend evm is given with --isolation ${command.isolation}.`,
      "It runs items apart from each other: only --isolation independent is possible.",
    );
  }
  const target = findTarget(command);
  const fn = parseSignature(command.function, target.abi);
  const signature = signatureOf(fn);
  const all = itemsOf(command, fn);
  const items = command.rerunFailed === undefined ? all : failedBefore(all, command.rerunFailed, signature);
  const url = urlOf(command);
  const sinks = makeSinks();

  const node = await openNode(url);
  const chainId = command.suite.chains[command.chain]?.chainId;
  if (target.named && node.chainId !== chainId) {
    throw new BatchInputError(
      `The node is of chain ${node.chainId}, not of ${command.chain} (${chainId}).`,
      "Give --chain, or another --rpc.",
    );
  }
  const executor = await executorFor(command, url, node);
  const summary = await runBatch({
    header: {
      version: REPORT_VERSION,
      file: command.batchArgs ?? null,
      contract: command.contract,
      address: target.address,
      function: signature,
      chain_id: node.chainId,
      block: node.block,
      isolation: command.isolation,
      transport: executor.transport,
    },
    address: target.address,
    fn,
    abi: target.abi,
    items,
    block: numberToHex(node.block),
    executor,
    sinks: command.failedOnly ? sinks.map(onlyFailed) : sinks,
    failFast: command.failFast,
  });
  return summary.passed === summary.total ? 0 : 1;
}

/** `balanceOf(address)(uint256)`. */
export const signatureOf = (fn: AbiFunction): string => {
  const results = toFunctionSignature({ ...fn, name: "f", inputs: fn.outputs });
  return `${toFunctionSignature(fn)}${fn.outputs.length === 0 ? "" : results.slice(1)}`;
};

function itemsOf({ single, batchArgs, isolation }: BatchCommand, fn: AbiFunction): BatchItem[] {
  if (batchArgs !== undefined && single !== undefined) {
    throw new BatchInputError("--batch-args is given beside options of a single call.", "Give one or the other.");
  }
  if (batchArgs !== undefined) {
    return parseBatch(readInput(batchArgs, "The batch file"), batchArgs, fn, isolation);
  }
  return parseBatch(JSON.stringify([{ label: fn.name, ...single }]), "the call", fn, isolation);
}

function urlOf({ rpc, chain }: BatchCommand): string {
  const variable = rpcUrlVariable(chain);
  const url = rpc ?? process.env[variable];
  if (url !== undefined && /^https?:\/\//.test(url)) return url;
  const problem =
    url === undefined || url === "" ? "There is no RPC address." : "The RPC address is no http(s) address.";
  throw new BatchInputError(problem, `Give --rpc http://…, or set ${variable}.`);
}

async function executorFor(command: BatchCommand, url: string, node: BatchNode): Promise<Executor> {
  const { isolation, concurrency, timeoutMs } = command;
  switch (isolation) {
    case "independent":
      if (command.backend === "evm") {
        return new EvmExecutor({ url, chainId: node.chainId, threads: threadsFor(concurrency), timeoutMs });
      }
      return new BatchExecutor({ url, concurrency, timeoutMs });
    case "shared":
      return new SimulateExecutor(url, timeoutMs);
    case "multicall":
      return new MulticallExecutor(url, timeoutMs, await multicallAddress(command, node));
  }
}

/** The canonical Multicall3 where it is, else the suite's own. */
async function multicallAddress(command: BatchCommand, node: BatchNode): Promise<Address> {
  if (command.multicall === undefined && (await node.hasCode(CANONICAL_MULTICALL3))) return CANONICAL_MULTICALL3;
  const { address } = findTarget({ ...command, contract: command.multicall ?? "Multicall3" });
  if (await node.hasCode(address)) return address;
  throw new BatchInputError(`There is no Multicall3 at ${address}.`, "Deploy it, or give --multicall.");
}
