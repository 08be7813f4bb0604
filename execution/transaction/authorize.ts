import type { EIP7702CompatibleTx } from "@ethereumjs/tx";
import { concatBytes, eoaCode7702RecoverAuthority, equalsBytes, SECP256K1_ORDER_DIV_2 } from "@ethereumjs/util";

import { noCode } from "../state/flat-state";
import { toNumber } from "../state/hex";
import type { FlatEvm } from "./flat-evm";

const MOST_NONCE = 2n ** 64n - 1n;
const mark = Uint8Array.of(0xef, 0x01, 0x00);
const nobody = new Uint8Array(20);

/**
 * Writes the delegations that a transaction carries (EIP-7702). What is wrong with one skips it.
 * @returns gas to refund, for authorities that were there already
 */
export async function authorize({ state, journal, common }: FlatEvm, tx: EIP7702CompatibleTx): Promise<bigint> {
  const refund = common.param("perEmptyAccountCost") - common.param("perAuthBaseGas");
  let refunded = 0n;
  for (const item of tx.authorizationList) {
    const [chainId, delegate, nonceBytes, yParity, , s] = item;
    const chain = toNumber(chainId);
    const nonce = toNumber(nonceBytes);
    if (chain !== 0n && chain !== common.chainId()) continue;
    if (nonce >= MOST_NONCE || toNumber(s) > SECP256K1_ORDER_DIV_2 || toNumber(yParity) > 1n) continue;
    let authority;
    try {
      authority = eoaCode7702RecoverAuthority(item);
    } catch {
      continue;
    }
    const address = authority.toString();
    journal.addAlwaysWarmAddress(address);
    const code = state.codeHash(address) === noCode ? nobody : await state.getCode(authority);
    if (state.codeHash(address) !== noCode && !equalsBytes(code.subarray(0, 3), mark)) continue;
    if (state.nonce(address) !== nonce) continue;
    if (!state.isEmpty(address)) refunded += refund;
    const account = await state.getAccount(authority);
    account.nonce += 1n;
    await journal.putAccount(authority, account);
    const clears = equalsBytes(delegate, nobody);
    await state.putCode(authority, clears ? new Uint8Array(0) : concatBytes(mark, delegate));
  }
  return refunded;
}
