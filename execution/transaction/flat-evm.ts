import type { Common } from "@ethereumjs/common";
import { EVM, EVMError, type EVMMockBlockchainInterface, type Message, NobleBN254 } from "@ethereumjs/evm";
import type { Account, Address } from "@ethereumjs/util";

/* eslint-disable @typescript-eslint/no-deprecated, @typescript-eslint/only-throw-error -- EthereumJS's class is made to be extended, and its errors are not Errors */
import { fromHex, type Hex } from "../state/hex";
import { installFastLoop } from "./interpreter";
import type { TransactionState } from "./transaction-state";

/** Hashes of the blocks before the one that is executed, by number. */
export type BlockHashes = (number: bigint) => Hex | undefined;

const chainOf = (hashes: BlockHashes): EVMMockBlockchainInterface => {
  const chain: EVMMockBlockchainInterface = {
    getBlock: (number) => {
      const hash = hashes(BigInt(number));
      return Promise.resolve({ hash: () => (hash === undefined ? new Uint8Array(32) : fromHex(hash)) });
    },
    putBlock: () => Promise.resolve(),
    shallowCopy: () => chain,
  };
  return chain;
};

/**
 * EthereumJS's EVM on a {@link TransactionState}. Paying in does not read the balance it adds to, and a call without
 * value reads no balance at all.
 */
export class FlatEvm extends EVM {
  /** What is known of code that has run; marks the EVM for the fast loop. */
  readonly fast = new WeakMap<Uint8Array, never>();

  private constructor(
    common: Common,
    readonly state: TransactionState,
    hashes: BlockHashes,
  ) {
    // createEVM would make EthereumJS's own class; what it adds to the options is here.
    super({ common, stateManager: state, blockchain: chainOf(hashes), bn254: new NobleBN254() });
  }

  static async create(common: Common, state: TransactionState, hashes: BlockHashes): Promise<FlatEvm> {
    await installFastLoop(
      (opcode) =>
        new EVM({ common, stateManager: state, blockchain: chainOf(hashes), customOpcodes: [opcode as never] }),
    );
    return new FlatEvm(common, state, hashes);
  }

  protected override async _reduceSenderBalance(account: Account, message: Message): Promise<void> {
    if (message.value === 0n) return;
    if (account.balance < message.value) throw new EVMError(EVMError.errorMessages.INSUFFICIENT_BALANCE);
    account.balance -= message.value;
    await this.journal.putAccount(message.caller, account);
  }

  protected override async _addToBalance(toAccount: Account, message: Message & { to: Address }): Promise<void> {
    await this.journal.putAccount(message.to, toAccount); // a new contract's nonce
    if (message.value > 0n && !this.state.credit(message.to.toString(), message.value))
      throw new EVMError(EVMError.errorMessages.VALUE_OVERFLOW);
  }
}
