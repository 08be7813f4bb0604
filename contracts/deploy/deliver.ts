import { setTimeout as delay } from "node:timers/promises";
import type { Hex } from "viem";
import { withLock } from "../file-lock";
import type { Signer } from "../signers/signer";
import type { MinedLine, VoidLine } from "./journal-lines";
import { killPoint } from "./kill-points";
import { isReceipt, type Delivered, type Parcel } from "./parcel";
import { place, type Sent } from "./place";
import { receiptOf, waitUntilMined, type Receipt } from "./receipt";
import { replaceStuck } from "./replace";
import { settle } from "./settle";
import type { SignContext } from "./sign";

/** What a delivery needs beside the parcels. */
export interface DeliverRequest extends Omit<SignContext, "account"> {
  /** Asked for only when there is something to sign. */
  readonly account: () => Promise<Signer>;
  /** Moment in milliseconds since 1970. */
  readonly deadline: number;
}

/** Foreign transactions of the same key are awaited this long, before ours queues up behind them. */
const FOREIGN_PATIENCE_MS = 15_000;
const WAIT_POLL_MS = 100;

const allDone =
  (parcels: readonly Parcel[]) =>
  async (block: Hex | "latest"): Promise<boolean> =>
    (await Promise.all(parcels.map(({ isDone }) => isDone(block)))).every(Boolean);

/** Whether all parcels are done, and get as deep as the policy wants. */
export const isDelivered = async (request: DeliverRequest, parcels: readonly Parcel[]): Promise<boolean> =>
  (await allDone(parcels)("latest")) && stays(request, parcels);

/** Waits until parcels that are done stand deep enough; false when a reorganisation took them away. */
async function stays(request: DeliverRequest, parcels: readonly Parcel[]): Promise<boolean> {
  const { client, policy, progress, deadline } = request;
  const names = parcels.map(({ intent }) => intent.name).join(", ");
  if ((await settle(client, names, allDone(parcels), policy.confirmations, deadline)) === "settled") return true;
  progress("its block was dropped by a reorganisation; going on", parcels.length === 1 ? names : undefined);
  return false;
}

/**
 * Gets parcels done, all at once. May be ended at any moment and run again: the transaction that was signed once is the
 * one that is sent again, and nothing is sent twice.
 *
 * @param parcels in an order in which they can be done
 * @returns what became of each, in the same order
 * @throws what the parcels throw, and the errors of this folder
 */
export async function deliver(request: DeliverRequest, parcels: readonly Parcel[]): Promise<Delivered[]> {
  const { client, journal, policy, progress, deadline } = request;
  const account = await request.account();
  const context: SignContext = { ...request, account };
  const underLock = <T>(work: () => Promise<T>): Promise<T> =>
    withLock(journal.lockPath(account.address), Math.max(deadline - Date.now(), 1), work);
  const receipts = new Map<Parcel, Receipt>();
  const patientUntil = Math.min(Date.now() + FOREIGN_PATIENCE_MS, deadline);
  let waited = "";
  for (;;) {
    const placed = await underLock(() => place(context, parcels, Date.now() < patientUntil));
    if (placed.kind === "wait") {
      if (placed.reason !== waited) progress(`${placed.reason}; waiting`);
      waited = placed.reason;
      await delay(WAIT_POLL_MS);
      continue;
    }
    if (placed.kind === "done") {
      if (await stays(request, parcels)) return finish(request, parcels, receipts);
      continue;
    }

    const { sent } = placed;
    for (const { line } of sent) {
      progress(`sent as ${line.hash} (nonce ${line.nonce}); waiting for its block`, line.name);
    }
    const mined = await waitUntilMined({
      client,
      journal,
      lines: sent.map(({ line }) => line),
      deadline,
      replaceAfterBlocks: policy.replaceAfterBlocks,
      onStuck: (stuck) => underLock(() => replaceStuck(context, stuck)),
    });
    for (const [index, each] of sent.entries()) {
      killPoint("after-receipt");
      const found = mined[index];
      if (found !== undefined && isReceipt(found)) receipts.set(each.parcel, found);
      else giveUp(request, each, `another transaction of nonce ${each.line.nonce} was mined`);
    }
    const done = await Promise.all(sent.map(({ parcel }) => parcel.isDone("latest")));
    await Promise.all(
      sent.filter((_, index) => done[index] !== true).map(({ parcel }) => again(request, parcel, receipts)),
    );
    if (done.every(Boolean) && (await stays(request, parcels))) return finish(request, parcels, receipts);
  }
}

function giveUp({ journal, progress }: DeliverRequest, { line }: Sent, reason: string): void {
  progress(`${reason}; looking again`, line.name);
  journal.append<VoidLine>({ type: "void", hash: line.hash, reason });
}

/** Its transaction is in a block, and it is not done. */
async function again(request: DeliverRequest, parcel: Parcel, receipts: Map<Parcel, Receipt>): Promise<void> {
  const receipt = receipts.get(parcel);
  receipts.delete(parcel);
  if (receipt === undefined) return;
  try {
    const { why, void: reason } = await parcel.withoutEffect(receipt);
    request.progress(why, parcel.intent.name);
    if (reason !== undefined) request.journal.append<VoidLine>({ type: "void", hash: receipt.line.hash, reason });
  } catch (error) {
    record(request, [receipt]);
    throw error;
  }
}

/** Writes down the blocks; a reorganisation may have put a transaction into another one. */
async function finish(
  request: DeliverRequest,
  parcels: readonly Parcel[],
  receipts: ReadonlyMap<Parcel, Receipt>,
): Promise<Delivered[]> {
  const { client, policy } = request;
  const found = await Promise.all(
    parcels.map(async (parcel) => {
      const receipt = receipts.get(parcel);
      if (receipt === undefined || policy.confirmations <= 1) return receipt;
      return (await receiptOf(client, [receipt.line])) ?? receipt;
    }),
  );
  record(
    request,
    found.filter((receipt) => receipt !== undefined),
  );
  return found;
}

/** Writes blocks down, unless another process that waited for the same transactions has. */
function record({ journal }: DeliverRequest, receipts: readonly Receipt[]): void {
  const known = new Set(
    journal.read().flatMap((line) => (line.type === "mined" ? [`${line.hash} ${line.block}`] : [])),
  );
  const fresh = receipts.filter(({ line, block }) => !known.has(`${line.hash} ${block}`));
  journal.appendAll<MinedLine>(
    fresh.map(({ line: { name, hash }, block, kind: status }) => ({ type: "mined", name, hash, block, status })),
  );
}
