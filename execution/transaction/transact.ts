import { Capability, type EIP7702CompatibleTx, getCalldataFloorGas, type TypedTransaction } from "@ethereumjs/tx";
import { Address, createAddressFromString, equalsBytes } from "@ethereumjs/util";

import type { BlockEnvironment, Log } from "../block";
import { noCode } from "../state/flat-state";
import { fromHex, type Hex } from "../state/hex";
import { authorize } from "./authorize";
import type { FlatEvm } from "./flat-evm";

/** The transaction cannot be in a block after those before it. */
export class InvalidTransactionError extends Error {
  override readonly name = "InvalidTransactionError";
}

export interface Executed {
  readonly type: number;
  readonly succeeded: boolean;
  readonly gasUsed: bigint;
  readonly logs: readonly Log[];
}

/** A block as the EVM wants it. */
export const blockOf = (environment: BlockEnvironment) => ({
  header: {
    number: environment.number,
    timestamp: environment.timestamp,
    coinbase: createAddressFromString(environment.coinbase),
    gasLimit: environment.gasLimit,
    prevRandao: fromHex(environment.prevRandao),
    baseFeePerGas: environment.baseFeePerGas,
    difficulty: 0n,
    getBlobGasPrice: () => 1n,
  },
});
export type EvmBlock = ReturnType<typeof blockOf>;

export const delegationMark = Uint8Array.of(0xef, 0x01, 0x00);

/**
 * Executes one transaction on the EVM's state: the rules of a transaction since Cancun (yellow paper 6; EIP-1559, 2930,
 * 3529, 3607, 3651, 6780, 7623, 7702). The fee is paid in without a look at the receiver's balance, so that it joins no
 * two transactions.
 *
 * @throws {InvalidTransactionError}; and what the state throws
 */
export async function transact(
  evm: FlatEvm,
  tx: TypedTransaction,
  sender: Address,
  block: EvmBlock,
): Promise<Executed> {
  const { state, journal, common } = evm;
  const { header } = block;
  const from = sender.toString();
  journal.cleanJournal();
  evm.transientStorage.clear();
  const price = gasPriceOf(tx, header.baseFeePerGas);
  const intrinsicGas = tx.getIntrinsicGas();
  const floorGas = getCalldataFloorGas(tx, sender);
  checkGas(tx, intrinsicGas > floorGas ? intrinsicGas : floorGas, header.gasLimit);
  await checkSender(evm, tx, sender);

  await state.checkpoint();
  const account = await state.getAccount(sender);
  account.balance -= tx.gasLimit * price.paid;
  account.nonce += 1n;
  await journal.putAccount(sender, account);
  warm(evm, tx, from, header.coinbase.toString());
  const authorityRefund = tx.supports(Capability.EIP7702EOACode) ? await authorize(evm, tx as EIP7702CompatibleTx) : 0n;

  const { execResult } = await evm.runCall({
    block,
    gasPrice: price.paid,
    caller: sender,
    gasLimit: tx.gasLimit - intrinsicGas,
    ...(tx.to !== undefined && { to: tx.to }),
    value: tx.value,
    data: tx.data,
    skipNonceIncrement: true,
  });

  const spent = execResult.executionGasUsed + intrinsicGas;
  const refundable = authorityRefund + (execResult.gasRefund ?? 0n);
  const mostRefund = spent / common.param("maxRefundQuotient");
  const afterRefund = spent - (refundable < mostRefund ? refundable : mostRefund);
  const gasUsed = afterRefund < floorGas ? floorGas : afterRefund;

  const payer = await state.getAccount(sender);
  payer.balance += (tx.gasLimit - gasUsed) * price.paid;
  await state.putAccount(sender, payer);
  const tip = gasUsed * price.tip;
  if (tip > 0n) state.credit(header.coinbase.toString(), tip);
  for (const [address] of execResult.selfdestruct ?? [])
    if (execResult.createdAddresses?.has(address) === true) await state.deleteAccount(createAddressFromString(address));
  await state.commit();

  const logs = (execResult.logs ?? []).map(([address, topics, data]) => ({ address, topics, data }));
  return { type: tx.type, succeeded: execResult.exceptionError === undefined, gasUsed, logs };
}

/** What a unit of gas costs the sender, and what of it goes to the block's coinbase (EIP-1559). */
function gasPriceOf(tx: TypedTransaction, baseFee: bigint): { readonly paid: bigint; readonly tip: bigint } {
  if (!("maxFeePerGas" in tx)) {
    if (tx.gasPrice < baseFee) throw new InvalidTransactionError("the gas price is below the block's base fee");
    return { paid: tx.gasPrice, tip: tx.gasPrice - baseFee };
  }
  if (tx.maxFeePerGas < baseFee) throw new InvalidTransactionError("the gas price is below the block's base fee");
  const most = tx.maxFeePerGas - baseFee;
  const tip = tx.maxPriorityFeePerGas < most ? tx.maxPriorityFeePerGas : most;
  return { paid: baseFee + tip, tip };
}

function checkGas(tx: TypedTransaction, needed: bigint, blockGasLimit: bigint): void {
  if ("blobVersionedHashes" in tx) throw new InvalidTransactionError("blob transactions are not executed here");
  if (tx.gasLimit < needed) throw new InvalidTransactionError(`its gas limit is below the ${needed} that it needs`);
  if (tx.gasLimit > blockGasLimit) throw new InvalidTransactionError("its gas limit is above the block's");
}

async function checkSender({ state }: FlatEvm, tx: TypedTransaction, sender: Address): Promise<void> {
  const from = sender.toString();
  const nonce = state.nonce(from);
  if (nonce !== tx.nonce) throw new InvalidTransactionError(`its nonce is ${tx.nonce}, the sender's next is ${nonce}`);
  if (state.codeHash(from) !== noCode) {
    const code = await state.getCode(sender);
    if (!equalsBytes(code.subarray(0, 3), delegationMark))
      throw new InvalidTransactionError("its sender is a contract (EIP-3607)");
  }
  const most = tx.value + tx.gasLimit * ("maxFeePerGas" in tx ? tx.maxFeePerGas : tx.gasPrice);
  if (state.balance(from) < most) throw new InvalidTransactionError("its sender cannot pay for it");
}

/** Addresses and slots that are warm from the start (EIP-2929, 2930, 3651). */
function warm({ journal, precompiles }: FlatEvm, tx: TypedTransaction, from: Hex, coinbase: Hex): void {
  for (const address of precompiles.keys()) journal.addAlwaysWarmAddress(address);
  journal.addAlwaysWarmAddress(from);
  if (tx.to !== undefined) journal.addAlwaysWarmAddress(tx.to.toString());
  journal.addAlwaysWarmAddress(coinbase);
  if (!("accessList" in tx)) return;
  for (const [addressBytes, slots] of tx.accessList) {
    const address = new Address(addressBytes).toString();
    journal.addAlwaysWarmAddress(address);
    for (const slot of slots) journal.addAlwaysWarmSlot(address, Buffer.from(slot).toString("hex"));
  }
}
