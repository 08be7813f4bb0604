import { hexToBigInt } from "viem/utils";
import type { ChainClient } from "../client";

/** What a transaction offers for its gas, in wei. */
export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** Doubling the base fee covers six full blocks in a row (EIP-1559: at most an eighth more a block). */
const BASE_FEE_FACTOR = 2n;

/**
 * Fees for now. On a chain with no base fee whose node asks for no price, nothing is offered: that is a zero-fee
 * chain, whose deployer needs no funds.
 */
export async function currentFees(client: ChainClient): Promise<Fees> {
  const [block, price] = await Promise.all([
    client.request({ method: "eth_getBlockByNumber", params: ["latest", false] }),
    client.request({ method: "eth_gasPrice" }),
  ]);
  const baseFee = hexToBigInt(block?.baseFeePerGas ?? "0x0");
  if (baseFee === 0n && hexToBigInt(price) === 0n) return { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n };
  const tip = hexToBigInt(await client.request({ method: "eth_maxPriorityFeePerGas" }));
  return { maxFeePerGas: baseFee * BASE_FEE_FACTOR + tip, maxPriorityFeePerGas: tip };
}
