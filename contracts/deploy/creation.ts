import type { Hex } from "viem";
import { hexToNumber } from "viem/utils";
import type { ChainClient } from "../client";
import type { PlannedContract } from "../plan";
import type { Journal } from "./journal";

/** The transaction that created a contract. */
export interface Creation {
  readonly transaction: Hex;
  readonly nonce: number;
  readonly block: number;
  readonly gasUsed: number;
}

/**
 * Finds the transaction that created a contract: one of those that the journal has for its address, mined with
 * success. Undefined when the journal does not know it, because it was lost or somebody else deployed the contract.
 */
export async function findCreation(
  client: ChainClient,
  planned: Pick<PlannedContract, "address">,
  journal: Journal,
): Promise<Creation | undefined> {
  for (const line of journal.read()) {
    if (line.type !== "signed" || line.address !== planned.address) continue;
    const receipt = await client.request({ method: "eth_getTransactionReceipt", params: [line.hash] });
    if (receipt?.status !== "0x1") continue;
    const [block, gasUsed] = [hexToNumber(receipt.blockNumber), hexToNumber(receipt.gasUsed)];
    return { transaction: line.hash, nonce: line.nonce, block, gasUsed };
  }
  return undefined;
}
