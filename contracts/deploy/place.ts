import { ContractsError } from "../errors";
import { isAbout, isCall } from "./intent";
import { standing, versionsOf, type SignedLine, type VoidLine } from "./journal-lines";
import { killPoint } from "./kill-points";
import { look, type Look } from "./look";
import { decideNonces, nextNonces } from "./nonces";
import type { Parcel } from "./parcel";
import { send, TransactionRefusedError } from "./send";
import { DeploymentWouldFailError, signAgain, signAll, signNothing, type SignContext } from "./sign";

/** A parcel whose transaction is on its way. */
export interface Sent {
  readonly parcel: Parcel;
  readonly line: SignedLine;
}

/** All is done, or what is not is on its way, or something has to happen first and it is worth coming back. */
export type Placed =
  | { readonly kind: "done" }
  | { readonly kind: "sent"; readonly sent: readonly Sent[] }
  | { readonly kind: "wait"; readonly reason: string };

/** Other people's transactions may win the race for a nonce this many times before we give up. */
const MAX_ATTEMPTS = 8;

/**
 * Gets the transactions of all parcels that are not done into the pool: to be called under the sender's lock. A standing
 * transaction of the journal is sent again; the others are signed with the next nonces, all written down, and then
 * sent at once.
 *
 * @param parcels in an order in which they can be done: the nonces rise in it
 * @param patient whether to wait for transactions of somebody else with this key, instead of queueing behind them: one
 * of them may be this very deployment, sent before the journal was lost
 */
export async function place(context: SignContext, parcels: readonly Parcel[], patient: boolean): Promise<Placed> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const [done, first] = await Promise.all([
      Promise.all(parcels.map(({ isDone }) => isDone("latest"))),
      look(context),
    ]);
    const due = parcels.filter((_, index) => done[index] !== true);
    if (due.length === 0) return { kind: "done" };
    const { resend } = decideNonces(first.nonces);
    await Promise.all(resend.map((line) => sendAgain(context, line)));
    const now = resend.length === 0 ? first : await look(context);
    const { gaps, foreign, above } = decideNonces(now.nonces);

    const own = await standingOwn(context, due, now.nonces.mined);
    const fresh = due.filter((parcel) => !own.has(parcel));
    // What stands above a gap waits for it; what is new fills gaps by itself.
    if (own.size > 0) for (const nonce of gaps) await closeGap(context, nonce);
    if (fresh.length === 0) return sentOf(due, own);
    if (patient && foreign.length > 0) {
      return { kind: "wait", reason: `the key has other transactions under way (nonce ${foreign.join(", ")})` };
    }
    const nonces = nextNonces({ gaps: own.size > 0 ? [] : gaps, above }, fresh.length);
    const lines = await signFresh(context, fresh, nonces, now);
    if (lines === undefined) return { kind: "wait", reason: "somebody else is deploying it" };
    const inPool = await Promise.all(lines.map((line) => sendFirst(context, line)));
    for (const [index, parcel] of fresh.entries()) {
      const line = lines[index];
      if (line !== undefined && inPool[index] === true) own.set(parcel, line);
    }
    if (own.size === due.length) return sentOf(due, own);
  }
  throw new ContractsError(
    `${context.account.address} lost the race for a nonce ${MAX_ATTEMPTS} times.`,
    "Something else sends with the deployer's key without pause: stop it, and run this again.",
  );
}

const sentOf = (parcels: readonly Parcel[], lines: ReadonlyMap<Parcel, SignedLine>): Placed => ({
  kind: "sent",
  sent: parcels.flatMap((parcel) => {
    const line = lines.get(parcel);
    return line === undefined ? [] : [{ parcel, line }];
  }),
});

const ours = ({ journal, account }: SignContext): SignedLine[] => standing(journal.read(), account.address);

function giveUp({ journal, progress }: SignContext, { hash, nonce, name }: SignedLine, reason: string): void {
  progress(`the transaction of ${name} (nonce ${nonce}) is void: ${reason}`, name);
  journal.append<VoidLine>({ type: "void", hash, reason });
}

/** The parcels' own transactions that stand, and are under way or were mined with success. */
async function standingOwn(
  context: SignContext,
  parcels: readonly Parcel[],
  mined: number,
): Promise<Map<Parcel, SignedLine>> {
  const { client, journal } = context;
  const found = new Map<Parcel, SignedLine>();
  const lines = ours(context);
  const all = journal.read();
  const judge = async (parcel: Parcel): Promise<void> => {
    for (const line of lines.filter((each) => isAbout(each, parcel.intent))) {
      if (line.nonce >= mined) return void found.set(parcel, line);
      const versions = versionsOf(all, line);
      const receipts = await Promise.all(
        versions.map(({ hash }) => client.request({ method: "eth_getTransactionReceipt", params: [hash] })),
      );
      const created = versions.find((_, index) => receipts[index]?.status === "0x1");
      if (created !== undefined) return void found.set(parcel, created);
      const failed = receipts.some((receipt) => receipt !== null);
      giveUp(context, line, failed ? "it was mined and failed" : "somebody else used its nonce");
    }
  };
  await Promise.all(parcels.map(judge));
  return found;
}

/** Signs what is new; undefined when one of its contracts appeared meanwhile, so that its gas cannot be estimated. */
async function signFresh(
  context: SignContext,
  fresh: readonly Parcel[],
  nonces: readonly number[],
  now: Look,
): Promise<SignedLine[] | undefined> {
  await Promise.all(fresh.map(async ({ attempt }) => attempt?.(context.account.address)));
  try {
    return await signAll(context, fresh, nonces, now);
  } catch (error) {
    if (!(error instanceof DeploymentWouldFailError)) throw error;
    const { client } = context;
    for (const { intent } of fresh) {
      if (isCall(intent)) continue;
      const code = await client.request({ method: "eth_getCode", params: [intent.address, "latest"] });
      if (code !== "0x") return undefined;
    }
    throw error;
  }
}

/** Sends a transaction for the first time; whether it is in the pool, as far as anybody knows. */
async function sendFirst(context: SignContext, line: SignedLine): Promise<boolean> {
  const outcome = await send(context.client, line);
  killPoint("after-send");
  switch (outcome) {
    case "accepted":
    case "unknown":
      return true;
    case "feeTooLow":
      return false; // The line stands: the next attempt signs this nonce anew with new fees.
    case "nonceUsed":
    case "taken":
      giveUp(context, line, "somebody else used its nonce meanwhile");
      return false;
  }
}

/** Sends a standing transaction of ours, of whatever contract, once more. */
async function sendAgain(context: SignContext, line: SignedLine): Promise<void> {
  context.progress(`sending the transaction of ${line.name} (nonce ${line.nonce}) again`, line.name);
  try {
    const outcome = await send(context.client, line);
    if (outcome === "taken") giveUp(context, line, "another transaction holds its nonce");
    if (outcome === "feeTooLow") await send(context.client, await signAgain(context, line));
    // Otherwise it is in the pool, or in a block, or another one is: who waits for it finds out.
  } catch (error) {
    if (!(error instanceof TransactionRefusedError)) throw error;
    // Nobody else has it, so its nonce is free for the next one.
    giveUp(context, line, error.message);
  }
}

async function closeGap(context: SignContext, nonce: number): Promise<void> {
  context.progress(`nonce ${nonce} was never used: closing the gap with an empty transaction`);
  await send(context.client, await signNothing(context, nonce));
}
