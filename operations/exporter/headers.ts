import type { Address, Hex } from "viem";

import { type BlockConsensus, decodeExtraData } from "../../besu/extra-data";
import { jsonRpcBatch } from "../json-rpc";

/** A block's header, as far as consensus goes. */
export interface BlockHeader extends Pick<BlockConsensus, "validators" | "round"> {
  readonly number: number;
  readonly hash: string;
  readonly timestampMs: number;
  /** Lower case. */
  readonly proposer: Address;
}

/** Most blocks of one request: Besu takes 1,024 calls, and an answer has to come within seconds. */
export const MOST_HEADERS = 256;

/**
 * Asks a node for blocks by number, in one request.
 *
 * @param numbers at most {@link MOST_HEADERS}
 * @returns in their order, as far as the node has them: what follows the first that it lacks is left out
 * @throws Error when the node is not there, answers late, or tells of a block whose header is not QBFT's
 */
export async function readHeaders(
  url: string,
  numbers: readonly number[],
  signal?: AbortSignal,
): Promise<BlockHeader[]> {
  const calls = numbers.map((number) => ({
    method: "eth_getBlockByNumber",
    params: [`0x${number.toString(16)}`, false],
  }));
  const answers = calls.length === 0 ? [] : await jsonRpcBatch(url, calls, signal);
  const lacking = answers.findIndex((answer) => typeof answer !== "object" || answer === null);
  return answers.slice(0, lacking < 0 ? undefined : lacking).map(headerOf);
}

function headerOf(answer: unknown): BlockHeader {
  const { number, hash, timestamp, miner, extraData } = answer as Readonly<Record<string, unknown>>;
  const consensus = typeof extraData === "string" ? decodeExtraData(extraData as Hex) : undefined;
  if (consensus === undefined || typeof number !== "string" || typeof hash !== "string") {
    throw new Error(`Block ${String(number)} has no header of QBFT.`);
  }
  const { validators, round } = consensus;
  return {
    ...{ number: Number(number), hash, validators, round },
    timestampMs: Number(timestamp) * 1000,
    proposer: String(miner).toLowerCase() as Address,
  };
}
