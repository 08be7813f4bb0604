import type { Address, Hex } from "viem";
import { numberToHex, recoverAddress } from "viem/utils";

/** r and s of an ECDSA signature. */
export interface EcdsaSignature {
  readonly r: bigint;
  readonly s: bigint;
}

/** A signature as a transaction holds it: s in the lower half, and which of two points r stands for. */
export interface RecoverableSignature {
  readonly r: Hex;
  readonly s: Hex;
  readonly yParity: 0 | 1;
}

/** Bytes are no signature, or not one of that key. The message holds no secret: signatures are public. */
export class SignatureError extends Error {}

/** Order of secp256k1's group (SEC 2, version 2.0, 2.4.1). */
export const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const bigintOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);

/**
 * Reads a signature over secp256k1: 64 bytes r ‖ s (IEEE P1363, what Key Vault gives), else DER (RFC 3279, 2.2.3).
 * A DER signature of 64 bytes would need an r or s shorter than 29 bytes; such a one is taken for P1363.
 *
 * @throws {SignatureError}
 */
export function parseSignature(bytes: Uint8Array): EcdsaSignature {
  const signature =
    bytes.length === 64 ? { r: bigintOf(bytes.subarray(0, 32)), s: bigintOf(bytes.subarray(32)) } : parseDer(bytes);
  for (const [name, value] of Object.entries(signature)) {
    if (value <= 0n || value >= SECP256K1_ORDER) throw new SignatureError(`${name} is out of range`);
  }
  return signature;
}

function parseDer(bytes: Uint8Array): EcdsaSignature {
  const refuse = (why: string): SignatureError => new SignatureError(`neither r and s of 64 bytes nor DER: ${why}`);
  if (bytes[0] !== 0x30) throw refuse(`${bytes.length} bytes, no sequence`);
  if (bytes[1] !== bytes.length - 2) throw refuse("the length of the sequence is wrong");
  const integerAt = (at: number): { value: bigint; end: number } => {
    const length = bytes[at + 1] ?? 0;
    const content = bytes.subarray(at + 2, at + 2 + length);
    if (bytes[at] !== 0x02 || length === 0 || content.length !== length) throw refuse("an integer is cut off");
    const [first = 0, second = 0x80] = content;
    if (first >= 0x80) throw refuse("an integer is negative");
    if (first === 0 && second < 0x80 && length > 1) throw refuse("an integer has needless zeros");
    return { value: bigintOf(content), end: at + 2 + length };
  };
  const r = integerAt(2);
  const s = integerAt(r.end);
  if (s.end !== bytes.length) throw refuse("bytes are left over");
  return { r: r.value, s: s.value };
}

/** s in the lower half of the order, as Ethereum wants it (EIP-2); -s signs the same. */
export const lowS = ({ r, s }: EcdsaSignature): EcdsaSignature => ({
  r,
  s: s > SECP256K1_ORDER / 2n ? SECP256K1_ORDER - s : s,
});

/**
 * Finds which of the two points r stands for: the one from which the signer's address follows.
 *
 * @throws {SignatureError} when neither leads to the address: another key signed, or something else was signed
 */
export async function recoverable(hash: Hex, given: EcdsaSignature, address: Address): Promise<RecoverableSignature> {
  const { r, s } = lowS(given);
  const text = { r: numberToHex(r, { size: 32 }), s: numberToHex(s, { size: 32 }) };
  for (const yParity of [0, 1] as const) {
    const signature = { ...text, yParity };
    // Not every r has a point for both parities.
    const found = await recoverAddress({ hash, signature }).catch(() => undefined);
    if (found === address) return signature;
  }
  throw new SignatureError(`it is not of ${address}`);
}
