import { createBlock } from "@ethereumjs/block";
import { type Common, createCustomCommon, Hardfork, Mainnet } from "@ethereumjs/common";
import { MerkleStateManager } from "@ethereumjs/statemanager";
import { createTxFromRLP } from "@ethereumjs/tx";
import { createAccount, createAddressFromString } from "@ethereumjs/util";
import { createVM, runBlock, type VM } from "@ethereumjs/vm";

import type { BlockInput } from "../block";
import type { FlatState } from "../state/flat-state";
import { fromHex, type Hex, toBytes, toHex } from "../state/hex";

/** EthereumJS as it comes: runBlock on its Merkle state manager, recovery and roots included. */
export class PlainEthereum {
  private constructor(
    private readonly vm: VM,
    private readonly common: Common,
  ) {}

  /** Cancun: later forks would have runBlock call system contracts, which the others here do not. */
  static async create(state: FlatState, chainId: number): Promise<PlainEthereum> {
    const common = createCustomCommon({ chainId }, Mainnet, { hardfork: Hardfork.Cancun });
    const stateManager = new MerkleStateManager({ common });
    for (const [hex, { balance, nonce, codeHash }] of state.accounts) {
      const address = createAddressFromString(hex);
      await stateManager.putAccount(address, createAccount({ balance, nonce }));
      const code = state.code(codeHash);
      if (code !== undefined && code.length > 0) await stateManager.putCode(address, code);
      for (const [slot, value] of state.slots.get(hex) ?? [])
        await stateManager.putStorage(address, fromHex(slot), toBytes(value));
    }
    await stateManager.flush();
    return new PlainEthereum(await createVM({ common, stateManager }), common);
  }

  /** @returns root of the state after the block */
  async execute({ environment, transactions }: BlockInput): Promise<Hex> {
    const { common } = this;
    const { number, timestamp, coinbase, gasLimit, baseFeePerGas } = environment;
    const header = { number, timestamp, coinbase, gasLimit, baseFeePerGas };
    const block = createBlock(
      { header, transactions: transactions.map((bytes) => createTxFromRLP(bytes, { common })) },
      { common },
    );
    const options = { block, generate: true, skipBlockValidation: true, skipHeaderValidation: true };
    return toHex((await runBlock(this.vm, options)).stateRoot);
  }
}
