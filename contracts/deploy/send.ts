import { rpcMessageOf, type ChainClient } from "../client";
import { ContractsError } from "../errors";
import type { SignedLine } from "./journal-lines";

/**
 * What became of sending: `accepted` also when the node had it already; `unknown` after a lost connection, when only
 * looking the hash up can tell; `nonceUsed` when a transaction of this nonce is in a block, ours or another; `taken`
 * when another one of this nonce waits in the pool; `feeTooLow` when the node wants more by now.
 */
export type SendOutcome = "accepted" | "unknown" | "nonceUsed" | "taken" | "feeTooLow";

/** The node refuses a transaction for a reason that sending again does not cure. */
export class TransactionRefusedError extends ContractsError {
  constructor(name: string, words: string) {
    super(
      `The node refuses the transaction for ${name}: ${words}.`,
      "It stands in the journal and is sent again by the next run, once the cause is gone.",
    );
  }
}

/** Words of geth, Besu and anvil (2026), in the order in which they are tried. */
const refusals: readonly (readonly [RegExp, SendOutcome])[] = [
  [/already (known|imported)|known transaction/i, "accepted"],
  [/nonce too low|nonce .*below/i, "nonceUsed"],
  [/replacement|too low to replace/i, "taken"],
  [/less than block base fee|underpriced|gas price (too low|below)|fee .*(too low|less than)/i, "feeTooLow"],
];

/** Errors in which the node spoke; everything else is a connection that failed. */
const isAnswer = (error: unknown): boolean => {
  const code = (error as { code?: unknown }).code ?? (error as { cause?: { code?: unknown } }).cause?.code;
  return typeof code === "number";
};

/** Sends a signed transaction; sending it once more does no harm. @throws {TransactionRefusedError} */
export async function send(client: ChainClient, line: SignedLine): Promise<SendOutcome> {
  try {
    await client.request({ method: "eth_sendRawTransaction", params: [line.transaction] }, { retryCount: 0 });
    return "accepted";
  } catch (error) {
    const words = rpcMessageOf(error);
    const outcome = refusals.find(([pattern]) => pattern.test(words))?.[1];
    if (outcome !== undefined) return outcome;
    if (!isAnswer(error)) return "unknown";
    throw new TransactionRefusedError(line.name, words);
  }
}
