import type { Address } from "viem";
import { hexToNumber } from "viem/utils";
import type { ChainClient } from "../client";

/** Transactions of a sender: in blocks (`latest`), or in blocks and without a break behind them in the pool. */
export const transactionCount = async (
  client: ChainClient,
  sender: Address,
  at: "latest" | "pending",
): Promise<number> => hexToNumber(await client.request({ method: "eth_getTransactionCount", params: [sender, at] }));
