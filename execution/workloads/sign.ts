import secp256k1 from "secp256k1";

import { keccak256, rlp } from "../state/hash";
import { fromHex, type Hex, toBytes, toHex } from "../state/hex";

/** A transaction to be signed. */
export interface Unsigned {
  readonly nonce: bigint;
  readonly gasPrice: bigint;
  readonly gasLimit: bigint;
  /** Undefined makes a contract. */
  readonly to?: Hex | undefined;
  readonly value?: bigint | undefined;
  readonly data?: Hex | undefined;
}

/** A legacy transaction with replay protection (EIP-155), signed by libsecp256k1. */
export function sign(
  { nonce, gasPrice, gasLimit, to = "0x", value = 0n, data = "0x" }: Unsigned,
  key: Uint8Array,
  chainId: bigint,
): Uint8Array {
  const fields = [toBytes(nonce), toBytes(gasPrice), toBytes(gasLimit), fromHex(to), toBytes(value), fromHex(data)];
  const none = new Uint8Array(0);
  const { signature, recid } = secp256k1.ecdsaSign(keccak256(rlp([...fields, toBytes(chainId), none, none])), key);
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)].map((half) => toBytes(BigInt(toHex(half)))) as [
    Uint8Array,
    Uint8Array,
  ];
  return rlp([...fields, toBytes(chainId * 2n + 35n + BigInt(recid)), r, s]);
}

/** Address of a private key. */
export const addressOf = (key: Uint8Array): Hex =>
  toHex(keccak256(secp256k1.publicKeyCreate(key, false).subarray(1)).subarray(12));
