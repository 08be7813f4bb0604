import { setTimeout as delay } from "node:timers/promises";
import type { Hex } from "viem";
import { hexToBigInt, hexToNumber } from "viem/utils";
import type { ChainClient } from "../client";
import { ContractsError } from "../errors";
import type { SignedLine } from "./journal-lines";
import { send } from "./send";

/** What came of a sent transaction; `replaced` when another one of the same nonce was mined. */
export type Mined =
  | { readonly kind: "success" | "reverted"; readonly block: number; readonly gasUsed: bigint }
  | { readonly kind: "replaced" };

/** The transaction was not mined in time. */
export class NotMinedError extends ContractsError {
  constructor(line: SignedLine, timeoutMs: number, mined: number) {
    const queue =
      mined < line.nonce ? `It waits behind nonce ${mined}.` : "It is the next in line: the chain may have halted.";
    super(
      `The transaction ${line.hash} of ${line.name} (nonce ${line.nonce}) is not in a block after ${timeoutMs / 1000} s. ${queue}`,
      "See whether the chain makes blocks, and run this again: it goes on where it stopped.",
    );
  }
}

const FIRST_POLL_MS = 30;
const LONGEST_POLL_MS = 500;
/** Every so many polls the pool is asked as well, and a transaction that it dropped is sent again. */
const POLLS_PER_POOL_CHECK = 6;

async function receiptOf(client: ChainClient, hash: Hex): Promise<Mined | undefined> {
  const receipt = await client.request({ method: "eth_getTransactionReceipt", params: [hash] });
  if (receipt === null) return undefined;
  const kind = receipt.status === "0x1" ? "success" : "reverted";
  return { kind, block: hexToNumber(receipt.blockNumber), gasUsed: hexToBigInt(receipt.gasUsed) };
}

/**
 * Waits until a transaction is in a block. Holds no lock.
 * @param deadline moment in milliseconds since 1970
 * @throws {NotMinedError}
 */
export async function waitUntilMined(client: ChainClient, line: SignedLine, deadline: number): Promise<Mined> {
  const began = Date.now();
  let pause = FIRST_POLL_MS;
  for (let poll = 1; ; poll++) {
    const receipt = await receiptOf(client, line.hash);
    if (receipt !== undefined) return receipt;

    const checksPool = poll % POLLS_PER_POOL_CHECK === 0;
    if (checksPool || Date.now() >= deadline) {
      const mined = hexToNumber(
        await client.request({ method: "eth_getTransactionCount", params: [line.sender, "latest"] }),
      );
      if (mined > line.nonce) return (await receiptOf(client, line.hash)) ?? { kind: "replaced" };
      if (Date.now() >= deadline) throw new NotMinedError(line, Date.now() - began, mined);
      const known = await client.request({ method: "eth_getTransactionByHash", params: [line.hash] });
      if (known === null) await send(client, line);
    }
    await delay(Math.min(pause, Math.max(deadline - Date.now(), 1)));
    pause = Math.min(pause * 1.5, LONGEST_POLL_MS);
  }
}
