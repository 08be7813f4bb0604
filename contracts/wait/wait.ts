import { setTimeout as delay } from "node:timers/promises";
import { hexToNumber } from "viem/utils";
import { requireChain, rpcMessageOf, WrongChainError, type ChainClient } from "../client";
import { ContractsError } from "../errors";

/** What a wait says on stdout, as one line of JSON. */
export interface ReadyResult {
  readonly chain: string;
  readonly chainId: number;
  /** The block that proved it. */
  readonly block: number;
}

/** The chain makes no blocks, or cannot be reached. */
export class ChainNotReadyError extends ContractsError {
  constructor(chain: string, timeoutMs: number, last: string) {
    super(
      `${chain} has made no new block in ${timeoutMs / 1000} s (${last}).`,
      "See whether enough validators run (quorum) and whether its RPC address can be reached, and run this again.",
    );
  }
}

const FIRST_POLL_MS = 50;
const LONGEST_POLL_MS = 1_000;

/**
 * Waits until a chain makes blocks: the node answers with the right chain id, and its block number grows.
 *
 * @param client without retries of its own, so that the time is bounded
 * @throws {ChainNotReadyError} after `timeoutMs`, {WrongChainError} at once
 */
export async function waitUntilReady(
  client: ChainClient,
  chain: string,
  chainId: number,
  timeoutMs: number,
  progress: (line: string) => void,
): Promise<ReadyResult> {
  const deadline = Date.now() + timeoutMs;
  let first: number | undefined;
  let last = "";
  let pause = FIRST_POLL_MS;
  for (;;) {
    const before = last;
    try {
      await requireChain(client, chainId, chain);
      const block = hexToNumber(await client.request({ method: "eth_blockNumber" }));
      first ??= block;
      if (block > first) return { chain, chainId, block };
      if (block < first) first = block; // The node was replaced by one that has to catch up.
      last = `it stands at block ${block}`;
    } catch (error) {
      if (error instanceof WrongChainError) throw error;
      last = rpcMessageOf(error);
    }
    if (last !== before) progress(last);
    if (Date.now() >= deadline) throw new ChainNotReadyError(chain, timeoutMs, last);
    await delay(Math.min(pause, Math.max(deadline - Date.now(), 1)));
    pause = Math.min(pause * 1.5, LONGEST_POLL_MS);
  }
}
