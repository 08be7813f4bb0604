import { createBlock } from "@ethereumjs/block";
import { createCustomCommon, Hardfork, Mainnet } from "@ethereumjs/common";
import { MerkleStateManager } from "@ethereumjs/statemanager";
import { createTxFromRLP } from "@ethereumjs/tx";
import { createAccount, createAddressFromString } from "@ethereumjs/util";
import { createVM, runTx } from "@ethereumjs/vm";

import type { BlockInput } from "../../../../execution/block";
import type { FlatState } from "../../../../execution/state/flat-state";
import { fromHex, type Hex, toBytes, toHex } from "../../../../execution/state/hex";

/** What plain EthereumJS, with its own state, trie and transaction rules, makes of a block. */
export async function executePlainly(before: FlatState, { environment, transactions }: BlockInput) {
  const common = createCustomCommon({ chainId: 138 }, Mainnet, { hardfork: Hardfork.Prague });
  const stateManager = new MerkleStateManager({ common });
  for (const [hex, { balance, nonce, codeHash }] of before.accounts) {
    const address = createAddressFromString(hex);
    await stateManager.putAccount(address, createAccount({ balance, nonce }));
    const code = before.code(codeHash);
    if (code !== undefined && code.length > 0) await stateManager.putCode(address, code);
    for (const [slot, value] of before.slots.get(hex) ?? [])
      await stateManager.putStorage(address, fromHex(slot), toBytes(value));
  }
  const vm = await createVM({ common, stateManager });
  const { number, timestamp, coinbase, gasLimit, baseFeePerGas } = environment;
  const header = { number, timestamp, coinbase, gasLimit, baseFeePerGas };
  const block = createBlock({ header }, { common });
  const receipts: { succeeded: boolean; gasUsed: bigint; logs: unknown; bloom: Hex }[] = [];
  for (const bytes of transactions) {
    const { receipt, totalGasSpent, bloom } = await runTx(vm, {
      tx: createTxFromRLP(bytes, { common }),
      block,
      skipHardForkValidation: true,
    });
    const succeeded = (receipt as { status: number }).status === 1;
    receipts.push({ succeeded, gasUsed: totalGasSpent, logs: receipt.logs, bloom: toHex(bloom.bitvector) });
  }
  return { receipts, stateRoot: toHex(await stateManager.getStateRoot()) };
}
