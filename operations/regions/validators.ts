import type { Address, Hex } from "viem";
import { publicKeyToAddress } from "viem/utils";

import { type ParallelCounters, parallelCounters } from "../../besu/parallel-counters";
import { roundOf } from "../../besu/rounds";
import { limit } from "../abort";
import { jsonRpcBatch } from "../json-rpc";
import type { OperatedValidator } from "./network";

/** A block, as a validator tells it. */
export interface SeenBlock {
  readonly number: number;
  readonly hash: string;
  readonly timestampMs: number;
  readonly proposer: string;
  /** The round in which it was agreed on; undefined where its header does not tell. */
  readonly round: number | undefined;
}

/** What a validator says of itself and of the chain. */
export interface ValidatorSight {
  readonly region: string;
  readonly ordinal: number;
  readonly head: SeenBlock;
  /** When that was, in milliseconds of the epoch: others may be waited for long after it. */
  readonly seenAtMs: number;
  readonly syncing: boolean;
  readonly peers: number;
}

/** The same, and what takes a second question. */
export interface ValidatorReport extends ValidatorSight {
  /** `besu/v26.8.0/…` */
  readonly version: string;
  readonly genesisHash: string;
  /** The account that signs its blocks; undefined where the node does not tell its key. */
  readonly address: Address | undefined;
  /** The newest blocks, newest first, the head included. */
  readonly blocks: readonly SeenBlock[];
  /** How it executes blocks; undefined where its metrics cannot be read. */
  readonly parallel: ParallelCounters | undefined;
}

/** The validators' side of the operations. Both calls fail when there is no answer. */
export interface Validators {
  /** One request: for waiting. */
  readonly look: (validator: OperatedValidator, signal: AbortSignal) => Promise<ValidatorSight>;
  /** Two requests, and one for its metrics: for the status. @param window how many of the newest blocks, at least 1 */
  readonly report: (validator: OperatedValidator, window: number, signal: AbortSignal) => Promise<ValidatorReport>;
}

/** Most blocks of a report: one batch of Besu's takes 1,024 calls. */
const WIDEST_WINDOW = 512;

const block = (number: string) => ({ method: "eth_getBlockByNumber", params: [number, false] });
const looking = [block("latest"), { method: "eth_syncing" }, { method: "net_peerCount" }];

/**
 * Validators by JSON-RPC over HTTP. Needs no more than the APIs ETH, NET and WEB3, which every validator has.
 *
 * @param now milliseconds of the epoch, by which the age of a block is judged
 */
export const rpcValidatorsAt = (now: () => number): Validators => ({
  look: async (validator, signal) => sightOf(validator, await jsonRpcBatch(validator.url, looking, signal), now()),
  report: async (validator, window, signal) => {
    const more = [{ method: "web3_clientVersion" }, { method: "net_enode" }, block("0x0")];
    const [answers, parallel] = await Promise.all([
      jsonRpcBatch(validator.url, [...looking, ...more], signal),
      validator.metricsUrl === undefined ? undefined : readCounters(validator.metricsUrl, signal),
    ]);
    const sight = sightOf(validator, answers, now());
    const [version, enode, genesis] = answers.slice(looking.length);
    const count = Math.min(window, WIDEST_WINDOW, sight.head.number + 1) - 1;
    const numbers = Array.from({ length: count }, (_, i) => block(`0x${(sight.head.number - 1 - i).toString(16)}`));
    const older = count === 0 ? [] : await jsonRpcBatch(validator.url, numbers, signal);
    return {
      ...sight,
      version: typeof version === "string" ? version : "unknown",
      genesisHash: blockOf(genesis)?.hash ?? "unknown",
      address: addressOf(enode),
      blocks: [sight.head, ...older.flatMap((answer) => blockOf(answer) ?? [])],
      parallel,
    };
  },
});

/** By this machine's clock. */
export const rpcValidators: Validators = rpcValidatorsAt(Date.now);

/** Metrics are no condition of a status: a network may let nobody but its collector read them. */
const METRICS_TIMEOUT_MS = 2_000;

async function readCounters(url: string, signal: AbortSignal): Promise<ParallelCounters | undefined> {
  const limited = limit(METRICS_TIMEOUT_MS, signal);
  try {
    const response = await fetch(url, { signal: limited.signal });
    return response.ok ? parallelCounters(await response.text()) : undefined;
  } catch {
    return undefined;
  } finally {
    limited.dispose();
  }
}

function sightOf(
  { region, ordinal }: OperatedValidator,
  [latest, syncing, peers]: readonly unknown[],
  seenAtMs: number,
): ValidatorSight {
  const head = blockOf(latest);
  if (head === undefined) throw new Error("The node has no newest block.");
  return { region, ordinal, head, seenAtMs, syncing: syncing !== false, peers: Number(peers ?? 0) };
}

function blockOf(answer: unknown): SeenBlock | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  const { number, hash, timestamp, miner, extraData } = answer as Readonly<Record<string, unknown>>;
  if (typeof number !== "string" || typeof hash !== "string") return undefined;
  return {
    number: Number(number),
    hash,
    timestampMs: Number(timestamp) * 1000,
    proposer: String(miner).toLowerCase(),
    round: typeof extraData === "string" ? roundOf(extraData as Hex) : undefined,
  };
}

/** The account of a node: that of the public key in its enode. */
function addressOf(enode: unknown): Address | undefined {
  const [, key] = typeof enode === "string" ? (/^enode:\/\/([0-9a-f]{128})@/i.exec(enode) ?? []) : [];
  return key === undefined ? undefined : (publicKeyToAddress(`0x04${key}`).toLowerCase() as Address);
}
