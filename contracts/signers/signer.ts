import type { Address, Hex, TransactionSerializableEIP1559 } from "viem";

/** Who signs deployments. viem's local accounts are signers; so is a key in Azure Key Vault. */
export interface Signer {
  readonly address: Address;
  /** Signs a transaction and gives it serialized, ready to be sent. */
  signTransaction(transaction: TransactionSerializableEIP1559): Promise<Hex>;
}
