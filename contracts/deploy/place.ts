import { ContractsError } from "../errors";
import { transactionCount } from "./count";
import { isAbout, isCall } from "./intent";
import { standing, versionsOf, type SignedLine, type VoidLine } from "./journal-lines";
import { killPoint } from "./kill-points";
import { decideNonces, type NonceView } from "./nonces";
import { send, TransactionRefusedError } from "./send";
import { DeploymentWouldFailError, signAgain, signDeployment, signNothing, type SignContext } from "./sign";

/** The contract's transaction is on its way, or something has to happen first and it is worth coming back. */
export type Placed =
  { readonly kind: "sent"; readonly line: SignedLine } | { readonly kind: "wait"; readonly reason: string };

/** Other people's transactions may win the race for a nonce this many times before we give up. */
const MAX_ATTEMPTS = 8;

/**
 * Gets the contract's transaction into the pool: to be called under the sender's lock. A standing transaction of the
 * journal is sent again; otherwise one is signed with the next nonce, written down, and sent.
 *
 * @param patient whether to wait for transactions of somebody else with this key, instead of queueing behind them: one
 * of them may be this very deployment, sent before the journal was lost
 */
export async function place(context: SignContext, patient: boolean): Promise<Placed> {
  const { client, account } = context;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const found = decideNonces(await viewNonces(context));
    for (const line of found.resend) await sendAgain(context, line);
    const { gaps, foreign, next } = found.resend.length === 0 ? found : decideNonces(await viewNonces(context));

    const own = await standingOwn(context);
    if (own !== undefined) {
      for (const nonce of gaps) await closeGap(context, nonce);
      return { kind: "sent", line: own };
    }
    if (patient && foreign.length > 0) {
      return { kind: "wait", reason: `the key has other transactions under way (nonce ${foreign.join(", ")})` };
    }
    const line = await signNext(context, next);
    if (line === undefined) return { kind: "wait", reason: "somebody else is deploying it" };
    const outcome = await send(client, line);
    killPoint("after-send");
    switch (outcome) {
      case "accepted":
      case "unknown":
        return { kind: "sent", line };
      case "feeTooLow":
        break; // The line stands: the next attempt signs this nonce anew with new fees.
      case "nonceUsed":
      case "taken":
        giveUp(context, line, "somebody else used its nonce meanwhile");
    }
  }
  throw new ContractsError(
    `${account.address} lost the race for a nonce ${MAX_ATTEMPTS} times.`,
    "Something else sends with the deployer's key without pause: stop it, and run this again.",
  );
}

const ours = ({ journal, account }: SignContext): SignedLine[] => standing(journal.read(), account.address);

function giveUp({ journal, progress }: SignContext, { hash, nonce, name }: SignedLine, reason: string): void {
  progress(`the transaction of ${name} (nonce ${nonce}) is void: ${reason}`);
  journal.append<VoidLine>({ type: "void", hash, reason });
}

async function viewNonces(context: SignContext): Promise<NonceView> {
  const { client, account } = context;
  const mined = await transactionCount(client, account.address, "latest");
  const pooled = await transactionCount(client, account.address, "pending");
  return { mined, pooled, standing: ours(context).filter(({ nonce }) => nonce >= mined) };
}

/** This contract's or call's own transaction, if one stands that is under way or was mined with success. */
async function standingOwn(context: SignContext): Promise<SignedLine | undefined> {
  const { client, account, planned } = context;
  for (const line of ours(context).filter((line) => isAbout(line, planned))) {
    const mined = await transactionCount(client, account.address, "latest");
    if (line.nonce >= mined) return line;
    const versions = versionsOf(context.journal.read(), line);
    const receipts = await Promise.all(
      versions.map(({ hash }) => client.request({ method: "eth_getTransactionReceipt", params: [hash] })),
    );
    const created = versions.find((_, index) => receipts[index]?.status === "0x1");
    if (created !== undefined) return created;
    const failed = receipts.some((receipt) => receipt !== null);
    giveUp(context, line, failed ? "it was mined and failed" : "somebody else used its nonce");
  }
  return undefined;
}

/** Signs the deployment; undefined when its contract appeared meanwhile, so that the gas cannot be estimated. */
async function signNext(context: SignContext, nonce: number): Promise<SignedLine | undefined> {
  try {
    return await signDeployment(context, nonce);
  } catch (error) {
    if (!(error instanceof DeploymentWouldFailError)) throw error;
    const { client, planned } = context;
    if (isCall(planned)) throw error;
    const code = await client.request({ method: "eth_getCode", params: [planned.address, "latest"] });
    if (code === "0x") throw error;
    return undefined;
  }
}

/** Sends a standing transaction of ours, of whatever contract, once more. */
async function sendAgain(context: SignContext, line: SignedLine): Promise<void> {
  context.progress(`sending the transaction of ${line.name} (nonce ${line.nonce}) again`);
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
