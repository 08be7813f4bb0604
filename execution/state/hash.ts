import { keccak256 as viemKeccak256, toRlp } from "viem/utils";

/** Keccak-256; 32 bytes. */
export const keccak256 = (bytes: Uint8Array): Uint8Array => viemKeccak256(bytes, "bytes");

/** A byte string, or a list of them. */
export type RlpItem = Uint8Array | readonly RlpItem[];

/** Recursive Length Prefix (yellow paper, B). */
export const rlp = (item: RlpItem): Uint8Array => toRlp(item as Uint8Array, "bytes");
