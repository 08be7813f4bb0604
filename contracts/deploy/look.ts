import { hexToBigInt } from "viem/utils";
import { transactionCount } from "./count";
import { askedFees, type AskedFees } from "./fees";
import { standing } from "./journal-lines";
import type { NonceView } from "./nonces";
import type { SignContext } from "./sign";

/** What has to be known before something is signed. */
export interface Look {
  readonly nonces: NonceView;
  readonly asked: AskedFees;
  /** The deployer's, in wei. */
  readonly balance: bigint;
}

/** Looks at the sender's nonces and funds and at the fees: one HTTP request. */
export async function look({ client, journal, account: { address } }: SignContext): Promise<Look> {
  const [mined, pooled, asked, balance] = await Promise.all([
    transactionCount(client, address, "latest"),
    transactionCount(client, address, "pending"),
    askedFees(client),
    client.request({ method: "eth_getBalance", params: [address, "latest"] }),
  ]);
  const ours = standing(journal.read(), address).filter(({ nonce }) => nonce >= mined);
  return { nonces: { mined, pooled, standing: ours }, asked, balance: hexToBigInt(balance) };
}
