import { setTimeout as delay } from "node:timers/promises";
import { hexToBigInt, hexToNumber } from "viem/utils";
import type { ChainClient } from "../client";
import { ContractsError } from "../errors";
import { transactionCount } from "./count";
import type { Journal } from "./journal";
import { standing, versionsOf, type SignedLine } from "./journal-lines";
import { StuckWatch } from "./replace";
import { send } from "./send";

/** What came of a sent transaction; `replaced` when another one of the same nonce was mined. */
export type Mined =
  | {
      readonly kind: "success" | "reverted";
      /** The one that was mined, of all that were signed for this nonce and call. */
      readonly line: SignedLine;
      readonly block: number;
      readonly gasUsed: bigint;
    }
  | { readonly kind: "replaced" };

/** What is waited for. */
export interface WaitRequest {
  readonly client: ChainClient;
  readonly journal: Journal;
  readonly line: SignedLine;
  /** Moment in milliseconds since 1970. */
  readonly deadline: number;
  readonly replaceAfterBlocks: number;
  /** Called when one of ours has been next in line for that many blocks. */
  readonly onStuck: (line: SignedLine) => Promise<void>;
}

/** The transaction was not mined in time. */
export class NotMinedError extends ContractsError {
  constructor(line: SignedLine, timeoutMs: number, mined: number) {
    const queue =
      mined < line.nonce
        ? `It waits behind nonce ${mined}.`
        : "It is the next in line: the chain may have halted, or want higher fees than are allowed.";
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

async function receiptOf(client: ChainClient, versions: readonly SignedLine[]): Promise<Mined | undefined> {
  for (const line of versions.toReversed()) {
    const receipt = await client.request({ method: "eth_getTransactionReceipt", params: [line.hash] });
    if (receipt === null) continue;
    const kind = receipt.status === "0x1" ? "success" : "reverted";
    return { kind, line, block: hexToNumber(receipt.blockNumber), gasUsed: hexToBigInt(receipt.gasUsed) };
  }
  return undefined;
}

/**
 * Waits until a transaction, or one that replaced it with higher fees, is in a block. Holds no lock.
 * @throws {NotMinedError}
 */
export async function waitUntilMined(request: WaitRequest): Promise<Mined> {
  const { client, journal, line, deadline } = request;
  const began = Date.now();
  const watch = new StuckWatch(request.replaceAfterBlocks);
  let versions: readonly SignedLine[] = [line];
  let pause = FIRST_POLL_MS;
  for (let poll = 1; ; poll++) {
    const receipt = await receiptOf(client, versions);
    if (receipt !== undefined) return receipt;

    const checksPool = poll % POLLS_PER_POOL_CHECK === 0;
    if (checksPool || Date.now() >= deadline) {
      const lines = journal.read();
      versions = versionsOf(lines, line);
      const mined = await transactionCount(client, line.sender, "latest");
      if (mined > line.nonce) return (await receiptOf(client, versions)) ?? { kind: "replaced" };
      if (Date.now() >= deadline) throw new NotMinedError(line, Date.now() - began, mined);
      const ours = standing(lines, line.sender);
      const newest = ours.find(({ nonce }) => nonce === line.nonce) ?? line;
      const known = await client.request({ method: "eth_getTransactionByHash", params: [newest.hash] });
      if (known === null) await send(client, newest);
      const next = ours.find(({ nonce }) => nonce === mined);
      const head = hexToNumber(await client.request({ method: "eth_blockNumber" }));
      if (next !== undefined && watch.isStuck(next.hash, head)) await request.onStuck(next);
    }
    await delay(Math.min(pause, Math.max(deadline - Date.now(), 1)));
    pause = Math.min(pause * 1.5, LONGEST_POLL_MS);
  }
}
