import { setTimeout as delay } from "node:timers/promises";
import type { Address, Hex } from "viem";
import { hexToNumber, numberToHex } from "viem/utils";
import type { ChainClient } from "../client";
import { ContractsError } from "../errors";

/** The contract is there, but the block that has it did not get deep enough in time. */
export class NotDeepEnoughError extends ContractsError {}

const POLL_MS = 200;

/**
 * Waits until a contract's code stands `confirmations` deep: in the block that many below the next one.
 *
 * @param confirmations 1 is the newest block: then there is nothing to wait for
 * @param deadline moment in milliseconds since 1970
 * @returns `vanished` when a reorganisation took it away again
 * @throws {NotDeepEnoughError}
 */
export async function settle(
  client: ChainClient,
  { name, address }: { readonly name: string; readonly address: Address },
  confirmations: number,
  deadline: number,
): Promise<"settled" | "vanished"> {
  if (confirmations <= 1) return "settled";
  const codeAt = (block: Hex): Promise<Hex> =>
    client.request({ method: "eth_getCode", params: [address, block] } as never);
  for (;;) {
    const head = hexToNumber(await client.request({ method: "eth_blockNumber" }));
    const deep = head - confirmations + 1;
    if (deep >= 0 && (await codeAt(numberToHex(deep))) !== "0x") return "settled";
    if ((await codeAt("latest" as Hex)) === "0x") return "vanished";
    if (Date.now() >= deadline) {
      throw new NotDeepEnoughError(
        `${name} is on the chain, but not yet under ${confirmations} blocks.`,
        "See whether the chain makes blocks, and run this again: nothing is sent twice.",
      );
    }
    await delay(POLL_MS);
  }
}
