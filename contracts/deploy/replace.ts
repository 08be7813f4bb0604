import { transactionCount } from "./count";
import { feesOf, higherFees } from "./fees";
import { standing, type SignedLine, type VoidLine } from "./journal-lines";
import { killPoint } from "./kill-points";
import { send } from "./send";
import { signAgain, type SignContext } from "./sign";

/** Tells when a transaction has been next in line for so many blocks without being taken. Pure but for its memory. */
export class StuckWatch {
  private seen: { readonly hash: string; readonly block: number } | undefined;

  constructor(private readonly afterBlocks: number) {}

  /** @param hash of the transaction that is next in line, at the block `block` */
  isStuck(hash: string, block: number): boolean {
    if (this.seen?.hash !== hash) this.seen = { hash, block };
    return block - this.seen.block >= this.afterBlocks;
  }
}

/** Our newest transaction of the nonce that is next; undefined when the next one is not ours. */
export async function nextInLine(
  context: Pick<SignContext, "client" | "journal" | "account">,
): Promise<SignedLine | undefined> {
  const { client, journal, account } = context;
  const mined = await transactionCount(client, account.address, "latest");
  return standing(journal.read(), account.address).find(({ nonce }) => nonce === mined);
}

/**
 * Signs a stuck transaction anew: the same call and nonce with higher fees, so that only one of them can ever be mined.
 * To be called under the sender's lock; somebody else may have replaced it, or it may have been mined meanwhile.
 */
export async function replaceStuck(context: SignContext, stuck: SignedLine): Promise<void> {
  const { client, journal, policy } = context;
  const line = await nextInLine(context);
  if (line?.hash !== stuck.hash) return;
  const fees = await higherFees(client, feesOf(line.transaction), policy.bounds);
  if (fees === undefined) return;
  const { name, nonce } = line;
  context.progress(`the transaction of ${name} (nonce ${nonce}) is in no block; replacing it with higher fees`, name);
  const replacement = await signAgain(context, line, fees);
  const outcome = await send(client, replacement);
  killPoint("after-send");
  if (outcome === "taken" || outcome === "feeTooLow") {
    const reason = "the node wants a larger rise than a tenth";
    journal.append<VoidLine>({ type: "void", hash: replacement.hash, reason });
  }
}
