import type { Address, Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { isHex, size } from "viem/utils";

import { MeridianError } from "../errors";

/** Order of secp256k1's group (SEC 2, section 2.4.1): a private key lies in [1, order - 1]. */
const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** The public half of a node's key. */
export interface NodeIdentity {
  /** Lower case, as Besu writes it in extraData. */
  readonly address: Address;
  /** Uncompressed, 64 bytes: what an enode carries, without the leading 04. */
  readonly publicKey: Hex;
}

/** A private key that no node can use. Its message never contains the key. */
export class InvalidPrivateKeyError extends MeridianError {
  override readonly name = "InvalidPrivateKeyError";
}

/**
 * Derives what others may know of a node.
 *
 * @param privateKey 32 bytes in hex
 * @throws {InvalidPrivateKeyError} unless it is 32 bytes between 1 and the order of secp256k1 less 1.
 */
export function nodeIdentity(privateKey: Hex): NodeIdentity {
  if (!isHex(privateKey) || size(privateKey) !== 32 || privateKey.length !== 66) {
    throw new InvalidPrivateKeyError("The private key is not 32 bytes of hex. Give 0x and 64 hex digits.");
  }
  const scalar = BigInt(privateKey);
  if (scalar === 0n || scalar >= SECP256K1_ORDER) {
    throw new InvalidPrivateKeyError("The private key is outside secp256k1's range. Generate another one.");
  }
  const { address, publicKey } = privateKeyToAccount(privateKey);
  return { address: address.toLowerCase() as Address, publicKey: `0x${publicKey.slice("0x04".length)}` };
}
