import { setTimeout as delay } from "node:timers/promises";
import type { Hex } from "viem";
import { hexToNumber, numberToHex } from "viem/utils";
import type { ChainClient } from "../client";
import { ContractsError } from "../errors";

/** It is there, but the block that has it did not get deep enough in time. */
export class NotDeepEnoughError extends ContractsError {}

const POLL_MS = 200;

/**
 * Waits until something stands `confirmations` deep: in the block that many below the next one.
 *
 * @param name of the contract or call, for the error
 * @param isThere asks for it at a block, or at the newest one
 * @param confirmations 1 is the newest block: then there is nothing to wait for
 * @param deadline moment in milliseconds since 1970
 * @returns `vanished` when a reorganisation took it away again
 * @throws {NotDeepEnoughError}
 */
export async function settle(
  client: ChainClient,
  name: string,
  isThere: (block: Hex | "latest") => Promise<boolean>,
  confirmations: number,
  deadline: number,
): Promise<"settled" | "vanished"> {
  if (confirmations <= 1) return "settled";
  for (;;) {
    const head = hexToNumber(await client.request({ method: "eth_blockNumber" }));
    const deep = head - confirmations + 1;
    if (deep >= 0 && (await isThere(numberToHex(deep)))) return "settled";
    if (!(await isThere("latest"))) return "vanished";
    if (Date.now() >= deadline) {
      throw new NotDeepEnoughError(
        `${name} is on the chain, but not yet under ${confirmations} blocks.`,
        "See whether the chain makes blocks, and run this again: nothing is sent twice.",
      );
    }
    await delay(POLL_MS);
  }
}
