/** Bytes as `0x` and lower-case hexadecimal digits. */
export type Hex = `0x${string}`;

const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** `0x` and two digits a byte. */
export function toHex(bytes: Uint8Array): Hex {
  let text: Hex = "0x";
  for (const byte of bytes) text += digits[byte] ?? "";
  return text;
}

/** @param hex an even number of digits after `0x` */
export const fromHex = (hex: string): Uint8Array => {
  const bytes = new Uint8Array((hex.length - 2) / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(hex.slice(2 + at * 2, 4 + at * 2), 16);
  return bytes;
};

/** A number as big-endian bytes without leading zeros; none for 0. */
export function toBytes(value: bigint): Uint8Array {
  if (value === 0n) return none;
  const text = value.toString(16);
  return fromHex(`0x${text.length % 2 === 0 ? text : `0${text}`}`);
}

/** The number that big-endian bytes are. */
export const toNumber = (bytes: Uint8Array): bigint => (bytes.length === 0 ? 0n : BigInt(toHex(bytes)));

const none = new Uint8Array(0);
