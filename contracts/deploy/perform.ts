import { setTimeout as delay } from "node:timers/promises";
import type { Address, Hex } from "viem";
import { hexToBigInt, numberToHex } from "viem/utils";
import { decodeReturned } from "../batch/signature";
import type { AbiValue } from "../batch/values";
import type { PlannedCall, PlannedCheck } from "../calls";
import { genesisHashOf, requireChain, rpcMessageOf, type ChainClient } from "../client";
import { ContractsError } from "../errors";
import { withLock } from "../file-lock";
import { causeOf } from "../preflight/cause";
import type { Signer } from "../signers/signer";
import { describeRevert, revertDataOf, revertValues } from "../simulate";
import type { Journal } from "./journal";
import type { MinedLine, VoidLine } from "./journal-lines";
import { killPoint } from "./kill-points";
import { place } from "./place";
import { policyOf, type SendPolicy } from "./policy";
import { waitUntilMined } from "./receipt";
import { replaceStuck } from "./replace";
import { settle } from "./settle";

/** What a call after deployment says on stdout, as one line of JSON. */
export interface PerformResult {
  readonly name: string;
  readonly call: string;
  readonly chain: string;
  readonly address: Address;
  /** Whether a read said that it is not needed, so that nothing was sent. */
  readonly done: boolean;
  readonly transaction: Hex | null;
  readonly nonce: number | null;
  readonly block: number | null;
  readonly gasUsed: number | null;
}

export interface PerformRequest {
  readonly client: ChainClient;
  readonly planned: PlannedCall;
  readonly journal: Journal;
  /** Asked for only when there is something to sign. */
  readonly account: () => Promise<Signer>;
  /** Fees, their replacement, and the depth that counts. @default policyOf({}) */
  readonly policy?: SendPolicy;
  readonly timeoutMs: number;
  readonly progress: (line: string) => void;
}

/** A read that tells whether a call is needed gives nothing of its types, or reverts. */
export class ReadFailedError extends ContractsError {}

/** The call would revert. */
export class CallRevertedError extends ContractsError {}

/** The call was mined, and the reads say that it is needed still. */
export class CallWithoutEffectError extends ContractsError {}

/** Foreign transactions of the same key are awaited this long, before ours queues up behind them. */
const FOREIGN_PATIENCE_MS = 15_000;
const WAIT_POLL_MS = 100;

/**
 * Makes a call after deployment, unless a read says that it is not needed. May be ended at any moment and run again: a
 * transaction that was signed is the one that is sent again, until it is mined; after that the reads decide alone.
 *
 * @throws {ReadFailedError}, {CallRevertedError} before anything is sent, {CallWithoutEffectError}, and what place throws
 */
export async function perform(request: PerformRequest): Promise<PerformResult> {
  const { client, planned, journal, progress, policy = policyOf() } = request;
  const deadline = Date.now() + request.timeoutMs;
  await requireChain(client, planned.chainId, planned.chain);
  journal.claim(planned.chainId, await genesisHashOf(client));
  const minedBefore = await minedOf(request); // before the read, so that the read knows their effect
  const stays = async (): Promise<boolean> => {
    const done = (block: Hex | "latest"): Promise<boolean> => isDone(client, planned, block);
    if ((await settle(client, planned.name, done, policy.confirmations, deadline)) === "settled") return true;
    progress("its block was dropped by a reorganisation; going on");
    return false;
  };
  if ((await isDone(client, planned)) && (await stays())) return notNeeded(request);

  const account = await request.account();
  const context = { client, journal, account, planned, policy, progress };
  const lock = journal.lockPath(account.address);
  const patientUntil = Math.min(Date.now() + FOREIGN_PATIENCE_MS, deadline);
  let waited = "";
  for (;;) {
    const placed = await withLock(lock, Math.max(deadline - Date.now(), 1), async () => {
      if (await isDone(client, planned)) return undefined;
      await requireGood(client, planned, account.address);
      return place(context, Date.now() < patientUntil);
    });
    if (placed === undefined) {
      if (await stays()) return notNeeded(request);
      continue;
    }
    if (placed.kind === "wait") {
      if (placed.reason !== waited) progress(`${placed.reason}; waiting`);
      waited = placed.reason;
      await delay(WAIT_POLL_MS);
      continue;
    }

    const { line } = placed;
    progress(`sent as ${line.hash} (nonce ${line.nonce}); waiting for its block`);
    const mined = await waitUntilMined({
      client,
      journal,
      line,
      deadline,
      replaceAfterBlocks: policy.replaceAfterBlocks,
      onStuck: (stuck) => withLock(lock, Math.max(deadline - Date.now(), 1), () => replaceStuck(context, stuck)),
    });
    killPoint("after-receipt");
    if (mined.kind === "replaced") {
      const reason = `another transaction of nonce ${line.nonce} was mined`;
      progress(`${reason}; looking again`);
      journal.append<VoidLine>({ type: "void", hash: line.hash, reason });
      continue;
    }
    const { block, kind: status, gasUsed } = mined;
    const { hash: transaction, nonce } = mined.line;
    if (minedBefore.has(transaction) && !(await isDone(client, planned))) {
      progress(`it was made in block ${block}, and is needed again`);
      journal.append<VoidLine>({ type: "void", hash: transaction, reason: "mined, and undone by somebody since" });
      continue;
    }
    const there = await isDone(client, planned);
    if (there && !(await stays())) continue;
    journal.append<MinedLine>({ type: "mined", name: line.name, hash: transaction, block, status });
    if (there) {
      const { name, call, chain, to: address } = planned;
      return { name, call, chain, address, done: false, transaction, nonce, block, gasUsed: Number(gasUsed) };
    }
    const reads = planned.doneWhen.map(({ words }) => words).join(", ");
    throw new CallWithoutEffectError(
      `${planned.signature} of ${planned.name} was mined in block ${block} as ${transaction} (${status}), and ${reads} still gives something else.`,
      "Correct doneWhen or the arguments in the suite; or somebody else has undone it.",
    );
  }
}

/** Hashes of the call's own transactions that are in a block by now. */
async function minedOf({ client, planned, journal }: PerformRequest): Promise<ReadonlySet<string>> {
  const hashes = journal
    .read()
    .flatMap((line) => (line.type === "signed" && line.call === planned.digest ? [line.hash] : []));
  const receipts = await Promise.all(
    hashes.map((hash) => client.request({ method: "eth_getTransactionReceipt", params: [hash] })),
  );
  return new Set(hashes.filter((_, index) => receipts[index] !== null));
}

/** Whether a read gives what it gives when the call is not needed any more. @throws {ReadFailedError} */
export async function isDone(
  client: ChainClient,
  planned: PlannedCall,
  block: Hex | "latest" = "latest",
): Promise<boolean> {
  for (const check of planned.doneWhen) if (same(await read(client, planned, check, block), check.gives)) return true;
  return false;
}

async function read(
  client: ChainClient,
  { name }: PlannedCall,
  check: PlannedCheck,
  block: Hex | "latest",
): Promise<AbiValue> {
  try {
    const data = await client.request({
      method: "eth_call",
      params: [{ to: check.address, data: check.data }, block],
    });
    return decodeReturned(check.fn, data);
  } catch (error) {
    throw new ReadFailedError(
      `${name} cannot tell whether it is needed: ${check.words} at ${check.address} fails (${rpcMessageOf(error).split("\n")[0] ?? ""}).`,
      "Nothing was sent. Correct doneWhen in the suite, or see whether the contract is there.",
    );
  }
}

/** Both are in the one form of {@link AbiValue}. */
const same = (one: AbiValue, other: AbiValue): boolean =>
  Array.isArray(one) && Array.isArray(other)
    ? one.length === other.length && one.every((value: AbiValue, index) => same(value, other[index] as AbiValue))
    : one === other;

/** Makes the call without a transaction, for the reason of its revert. @throws {CallRevertedError} */
async function requireGood(client: ChainClient, planned: PlannedCall, from: Address): Promise<void> {
  const { to, data, value, artifact } = planned;
  try {
    await client.request({ method: "eth_call", params: [{ from, to, data, value: numberToHex(value) }, "latest"] });
  } catch (error) {
    const revert = revertDataOf(error);
    if (revert === undefined && !/revert/i.test(rpcMessageOf(error))) throw error;
    const reason = describeRevert(revert ?? "0x", artifact);
    const cause = causeOf(planned.arguments, revertValues(revert ?? "0x", artifact));
    throw new CallRevertedError(
      `${planned.signature} of ${planned.name} reverts: ${reason}.`,
      `${cause} It would be sent by ${from}. Nothing was sent.`,
    );
  }
}

/** The result for a call that is not needed, with its transaction if the journal knows it. */
async function notNeeded({ client, planned, journal, progress }: PerformRequest): Promise<PerformResult> {
  progress("is not needed: a read says that it is done");
  const { name, call, chain, to: address } = planned;
  const none = { transaction: null, nonce: null, block: null, gasUsed: null };
  for (const line of journal.read().toReversed()) {
    if (line.type !== "signed" || line.call !== planned.digest) continue;
    const receipt = await client.request({ method: "eth_getTransactionReceipt", params: [line.hash] });
    if (receipt?.status !== "0x1") continue;
    const [block, gasUsed] = [hexToBigInt(receipt.blockNumber), hexToBigInt(receipt.gasUsed)].map(Number);
    return {
      name,
      call,
      chain,
      address,
      done: true,
      transaction: line.hash,
      nonce: line.nonce,
      block: block ?? null,
      gasUsed: gasUsed ?? null,
    };
  }
  return { name, call, chain, address, done: true, ...none };
}
