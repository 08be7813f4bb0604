import type { Hex } from "viem";
import { formatGwei, hexToBigInt, parseTransaction } from "viem/utils";
import type { ChainClient } from "../client";
import { ContractsError } from "../errors";

/** What a transaction offers for its gas, in wei. */
export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** The most that a transaction may offer, in wei a gas; the same two figures as {@link Fees}. */
export type FeeBounds = Fees;

/** The network wants more than the bound allows. */
export class FeeBoundError extends ContractsError {
  /** @param needed what the network wants for a gas, in wei */
  constructor(needed: bigint, bound: bigint) {
    super(
      `The network asks ${formatGwei(needed)} gwei for gas; at most ${formatGwei(bound)} is allowed.`,
      "Nothing was sent. Run this again when the fee has fallen, or raise maxFeeGwei (--max-fee-gwei).",
    );
  }
}

/** Doubling the base fee covers six full blocks in a row (EIP-1559: at most an eighth more a block). */
const BASE_FEE_FACTOR = 2n;

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/**
 * Fees within bounds: room for a rising base fee as far as the bound has it. A tip above its bound is cut to it, since
 * it only buys haste. Pure.
 *
 * @param baseFee of the newest block, in wei
 * @param tip that the node suggests, in wei
 * @throws {FeeBoundError} when not even the next block can be paid within the bound
 */
export function boundedFees(baseFee: bigint, tip: bigint, bounds: FeeBounds): Fees {
  const maxPriorityFeePerGas = least(tip, bounds.maxPriorityFeePerGas);
  const needed = baseFee + maxPriorityFeePerGas;
  if (needed > bounds.maxFeePerGas) throw new FeeBoundError(needed, bounds.maxFeePerGas);
  const roomy = baseFee * BASE_FEE_FACTOR + maxPriorityFeePerGas;
  return { maxFeePerGas: least(roomy, bounds.maxFeePerGas), maxPriorityFeePerGas };
}

/** What the network asks for, in wei a gas. */
export interface AskedFees {
  /** Of the newest block. */
  readonly baseFee: bigint;
  /** What the node suggests. */
  readonly tip: bigint;
}

/** What the network asks for; both figures are 0 on a chain without fees. One HTTP request. */
export async function askedFees(client: ChainClient): Promise<AskedFees> {
  const [block, price, tip] = await Promise.all([
    client.request({ method: "eth_getBlockByNumber", params: ["latest", false] }),
    client.request({ method: "eth_gasPrice" }),
    client.request({ method: "eth_maxPriorityFeePerGas" }).catch((error: unknown) => error as Error),
  ]);
  const baseFee = hexToBigInt(block?.baseFeePerGas ?? "0x0");
  if (baseFee === 0n && hexToBigInt(price) === 0n) return { baseFee, tip: 0n };
  if (tip instanceof Error) throw tip;
  return { baseFee, tip: hexToBigInt(tip) };
}

/**
 * Fees for now. On a chain with no base fee whose node asks for no price, nothing is offered: that is a zero-fee
 * chain, whose deployer needs no funds.
 *
 * @throws {FeeBoundError}
 */
export async function currentFees(client: ChainClient, bounds: FeeBounds): Promise<Fees> {
  const { baseFee, tip } = await askedFees(client);
  return boundedFees(baseFee, tip, bounds);
}

/** What a signed transaction offers. Pure. */
export function feesOf(transaction: Hex): Fees {
  const { maxFeePerGas, maxPriorityFeePerGas } = parseTransaction(transaction);
  return { maxFeePerGas: maxFeePerGas ?? 0n, maxPriorityFeePerGas: maxPriorityFeePerGas ?? 0n };
}

/** A tenth more, rounded up: what geth (`--txpool.pricebump`), Besu (`--tx-pool-price-bump`) and anvil want. */
const tenthMore = (fee: bigint): bigint => fee + most((fee + 9n) / 10n, 1n);

/**
 * Fees that replace a transaction in a node's pool: both at least a tenth above the old ones, and no less than what the
 * network asks. Pure.
 *
 * @returns undefined when the bounds, or a chain without fees, leave no room for more
 */
export function raisedFees(old: Fees, baseFee: bigint, tip: bigint, bounds: FeeBounds): Fees | undefined {
  if (old.maxFeePerGas === 0n) return undefined;
  const floor: Fees = {
    maxFeePerGas: tenthMore(old.maxFeePerGas),
    maxPriorityFeePerGas: tenthMore(old.maxPriorityFeePerGas),
  };
  if (floor.maxFeePerGas > bounds.maxFeePerGas || floor.maxPriorityFeePerGas > bounds.maxPriorityFeePerGas) {
    return undefined;
  }
  const maxPriorityFeePerGas = most(floor.maxPriorityFeePerGas, least(tip, bounds.maxPriorityFeePerGas));
  const wanted = most(floor.maxFeePerGas, baseFee * BASE_FEE_FACTOR + maxPriorityFeePerGas);
  const maxFeePerGas = least(wanted, bounds.maxFeePerGas);
  return { maxFeePerGas, maxPriorityFeePerGas: least(maxPriorityFeePerGas, maxFeePerGas) };
}

/** {@link raisedFees} for what the network asks now. */
export async function higherFees(client: ChainClient, old: Fees, bounds: FeeBounds): Promise<Fees | undefined> {
  const { baseFee, tip } = await askedFees(client);
  return raisedFees(old, baseFee, tip, bounds);
}
