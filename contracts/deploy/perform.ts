import type { Address, Hex } from "viem";
import { hexToBigInt, numberToHex } from "viem/utils";
import { decodeReturned } from "../batch/signature";
import type { AbiValue } from "../batch/values";
import type { PlannedCall, PlannedCheck } from "../calls";
import { genesisHashOf, requireChain, rpcMessageOf, type ChainClient } from "../client";
import { ContractsError } from "../errors";
import { causeOf } from "../preflight/cause";
import type { Progress } from "../program";
import type { Signer } from "../signers/signer";
import { describeRevert, revertDataOf, revertValues } from "../simulate";
import { deliver, isDelivered, type DeliverRequest } from "./deliver";
import type { Journal } from "./journal";
import type { Parcel } from "./parcel";
import { policyOf, type SendPolicy } from "./policy";

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
  readonly progress: Progress;
}

/** A read that tells whether a call is needed gives nothing of its types, or reverts. */
export class ReadFailedError extends ContractsError {}

/** The call would revert. */
export class CallRevertedError extends ContractsError {}

/** The call was mined, and the reads say that it is needed still. */
export class CallWithoutEffectError extends ContractsError {}

/**
 * Makes a call after deployment, unless a read says that it is not needed. May be ended at any moment and run again: a
 * transaction that was signed is the one that is sent again, until it is mined; after that the reads decide alone.
 *
 * @throws {ReadFailedError}, {CallRevertedError} before anything is sent, {CallWithoutEffectError}, and what deliver throws
 */
export async function perform(request: PerformRequest): Promise<PerformResult> {
  const { client, planned, journal, policy = policyOf() } = request;
  const { chainId } = planned;
  const delivery: DeliverRequest = { ...request, chainId, policy, deadline: Date.now() + request.timeoutMs };
  const [genesis] = await Promise.all([genesisHashOf(client), requireChain(client, chainId, planned.chain)]);
  journal.claim(chainId, genesis);
  const parcel = callParcel(request, await minedOf(request)); // before the read, so that the read knows their effect
  if (await isDelivered(delivery, [parcel])) return notNeeded(request);

  const [receipt] = await deliver(delivery, [parcel]);
  if (receipt === undefined) return notNeeded(request);
  const { name, call, chain, to: address } = planned;
  const { line, block, gasUsed } = receipt;
  const sent = { transaction: line.hash, nonce: line.nonce, block, gasUsed: Number(gasUsed) };
  return { name, call, chain, address, done: false, ...sent };
}

/** @param minedBefore hashes of its transactions that were in a block before it was asked whether it is needed */
function callParcel({ client, planned }: PerformRequest, minedBefore: ReadonlySet<string>): Parcel {
  return {
    intent: planned,
    isDone: (block) => isDone(client, planned, block),
    attempt: (from) => requireGood(client, planned, from),
    withoutEffect({ line: { hash }, block, kind }) {
      if (minedBefore.has(hash)) {
        const why = `it was made in block ${block}, and is needed again`;
        return Promise.resolve({ why, void: "mined, and undone by somebody since" });
      }
      const reads = planned.doneWhen.map(({ words }) => words).join(", ");
      throw new CallWithoutEffectError(
        `${planned.signature} of ${planned.name} was mined in block ${block} as ${hash} (${kind}), and ${reads} still gives something else.`,
        "Correct doneWhen or the arguments in the suite; or somebody else has undone it.",
      );
    },
  };
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
  const reads = planned.doneWhen.map(async (check) => same(await read(client, planned, check, block), check.gives));
  return (await Promise.all(reads)).some(Boolean);
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
