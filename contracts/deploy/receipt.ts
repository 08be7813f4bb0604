import { setTimeout as delay } from "node:timers/promises";
import { hexToBigInt, hexToNumber } from "viem/utils";
import type { ChainClient } from "../client";
import { ContractsError } from "../errors";
import { transactionCount } from "./count";
import type { Journal } from "./journal";
import { standing, versionsOf, type SignedLine } from "./journal-lines";
import { StuckWatch } from "./replace";
import { send } from "./send";

/** A transaction in a block. */
export interface Receipt {
  readonly kind: "success" | "reverted";
  /** The one that was mined, of all that were signed for this nonce and call. */
  readonly line: SignedLine;
  readonly block: number;
  readonly gasUsed: bigint;
}

/** What came of a sent transaction; `replaced` when another one of the same nonce was mined. */
export type Mined = Receipt | { readonly kind: "replaced" };

/** What is waited for. */
export interface WaitRequest {
  readonly client: ChainClient;
  readonly journal: Journal;
  /** Of one sender. */
  readonly lines: readonly SignedLine[];
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
const LONGEST_POLL_MS = 250;
/** Every so many polls the pool is asked as well, and a transaction that it dropped is sent again. */
const POLLS_PER_POOL_CHECK = 10;

/** The one of some versions of a transaction that is in a block, if one is; the newest is looked for first. */
export async function receiptOf(client: ChainClient, versions: readonly SignedLine[]): Promise<Receipt | undefined> {
  const found = await Promise.all(
    versions.toReversed().map(async (line): Promise<Receipt | undefined> => {
      const receipt = await client.request({ method: "eth_getTransactionReceipt", params: [line.hash] });
      if (receipt === null) return undefined;
      const kind = receipt.status === "0x1" ? "success" : "reverted";
      return { kind, line, block: hexToNumber(receipt.blockNumber), gasUsed: hexToBigInt(receipt.gasUsed) };
    }),
  );
  return found.find((receipt) => receipt !== undefined);
}

/**
 * Waits until transactions, or those that replaced them with higher fees, are in blocks. Holds no lock.
 * @returns what came of each, in the order of the lines
 * @throws {NotMinedError}
 */
export async function waitUntilMined(request: WaitRequest): Promise<Mined[]> {
  const { client, journal, lines, deadline } = request;
  const began = Date.now();
  const watch = new StuckWatch(request.replaceAfterBlocks);
  const found = new Map<SignedLine, Mined>();
  const open = (): SignedLine[] => lines.filter((line) => !found.has(line));
  const versions = new Map<SignedLine, readonly SignedLine[]>(lines.map((line) => [line, [line]]));
  const look = async (of: readonly SignedLine[]): Promise<void> => {
    const receipts = await Promise.all(of.map((line) => receiptOf(client, versions.get(line) ?? [line])));
    for (const [index, line] of of.entries()) {
      const receipt = receipts[index];
      if (receipt !== undefined) found.set(line, receipt);
    }
  };
  let pause = FIRST_POLL_MS;
  for (let poll = 1; ; poll++) {
    await look(open());
    const [first] = open();
    if (first === undefined) return lines.map((line) => found.get(line) ?? { kind: "replaced" });

    if (poll % POLLS_PER_POOL_CHECK === 0 || Date.now() >= deadline) {
      const written = journal.read();
      for (const line of open()) versions.set(line, versionsOf(written, line));
      const mined = await transactionCount(client, first.sender, "latest");
      const past = open().filter(({ nonce }) => nonce < mined);
      await look(past);
      for (const line of past) if (!found.has(line)) found.set(line, { kind: "replaced" });
      const [waiting] = open();
      if (waiting === undefined) continue;
      if (Date.now() >= deadline) throw new NotMinedError(waiting, Date.now() - began, mined);
      const ours = standing(written, first.sender);
      await Promise.all(open().map((line) => sendIfDropped(client, ours, line)));
      const next = ours.find(({ nonce }) => nonce === mined);
      const head = hexToNumber(await client.request({ method: "eth_blockNumber" }));
      if (next !== undefined && watch.isStuck(next.hash, head)) await request.onStuck(next);
    }
    await delay(Math.min(pause, Math.max(deadline - Date.now(), 1)));
    pause = Math.min(pause * 1.5, LONGEST_POLL_MS);
  }
}

/** Sends the newest version of a transaction that the node does not know. */
async function sendIfDropped(client: ChainClient, ours: readonly SignedLine[], line: SignedLine): Promise<void> {
  const newest = ours.find(({ nonce }) => nonce === line.nonce) ?? line;
  const known = await client.request({ method: "eth_getTransactionByHash", params: [newest.hash] });
  if (known === null) await send(client, newest);
}
