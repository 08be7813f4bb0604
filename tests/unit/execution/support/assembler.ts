import { fromHex, type Hex, toHex } from "../../../../execution/state/hex";

/** The instructions that the test contracts use. */
const codes: Readonly<Record<string, number>> = {
  ...{ STOP: 0x00, ADD: 0x01, SUB: 0x03, LT: 0x10, EQ: 0x14, ISZERO: 0x15, KECCAK256: 0x20, ADDRESS: 0x30 },
  ...{ BALANCE: 0x31, CALLER: 0x33, CALLVALUE: 0x34, CALLDATALOAD: 0x35, CALLDATASIZE: 0x36, CODECOPY: 0x39 },
  ...{ EXTCODESIZE: 0x3b, EXTCODEHASH: 0x3f, COINBASE: 0x41, SELFBALANCE: 0x47, POP: 0x50, MLOAD: 0x51, MSTORE: 0x52 },
  ...{ SLOAD: 0x54, SSTORE: 0x55, JUMP: 0x56, JUMPI: 0x57, GAS: 0x5a, JUMPDEST: 0x5b, TLOAD: 0x5c, TSTORE: 0x5d },
  ...{ DUP1: 0x80, DUP2: 0x81, SWAP1: 0x90, LOG1: 0xa1, CREATE: 0xf0, CALL: 0xf1, RETURN: 0xf3, DELEGATECALL: 0xf4 },
  ...{ CREATE2: 0xf5, STATICCALL: 0xfa, REVERT: 0xfd, SELFDESTRUCT: 0xff },
};

/** Code from names of instructions and numbers to push (`0x2a`), separated by spaces. */
export function assemble(source: string): Uint8Array {
  const bytes = source
    .trim()
    .split(/\s+/)
    .flatMap((word) => {
      if (word.startsWith("0x")) {
        const value = fromHex(word);
        return [0x5f + value.length, ...value];
      }
      const code = codes[word];
      if (code === undefined) throw new Error(`no instruction ${word}`);
      return [code];
    });
  return Uint8Array.from(bytes);
}

/** Init code that deploys code of at most 255 bytes. */
export const deploying = (code: Uint8Array): Uint8Array =>
  Uint8Array.from([0x60, code.length, 0x60, 12, 0x60, 0, 0x39, 0x60, code.length, 0x60, 0, 0xf3, ...code]);

/** A number as a word of 32 bytes. */
export const word = (value: bigint | Hex): string => BigInt(value).toString(16).padStart(64, "0");

/** Call data of whole words. */
export const words = (...values: readonly (bigint | Hex)[]): Hex => `0x${values.map(word).join("")}`;

/** Code whose bytes are pushed and stored in memory at 0, left-aligned; at most 32 bytes. */
export const storing = (code: Uint8Array): string =>
  `${toHex(Uint8Array.from([...code, ...new Uint8Array(32 - code.length)]))} 0x00 MSTORE`;
