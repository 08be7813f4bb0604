import type { Hex } from "viem";
import type { Artifact } from "../compile";

/** First difference between the code on the chain and the code that the constructor leaves. */
export type Difference =
  | { readonly kind: "length"; readonly found: number; readonly expected: number }
  | { readonly kind: "immutable"; readonly at: number; readonly found: Hex; readonly expected: Hex }
  | { readonly kind: "code"; readonly at: number; readonly found: Hex; readonly expected: Hex };

const bytesOf = (code: Hex): Buffer => Buffer.from(code.slice(2), "hex");
const hexOf = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString("hex")}`;

/**
 * Compares the code on the chain with what a run of the constructor leaves, byte by byte. A difference outside the
 * immutables is told first, because it says more.
 */
export function differenceOf(
  found: Hex,
  expected: Hex,
  { immutables }: Pick<Artifact, "immutables">,
): Difference | undefined {
  const [is, ought] = [bytesOf(found), bytesOf(expected)];
  if (is.length !== ought.length) return { kind: "length", found: is.length, expected: ought.length };

  const immutableAt = (at: number) => immutables.find(({ start, length }) => at >= start && at < start + length);
  const different = [...is.keys()].filter((at) => is[at] !== ought[at]);
  const codeAt = different.find((at) => immutableAt(at) === undefined);
  if (codeAt !== undefined) {
    const byte = (bytes: Buffer): Hex => hexOf(bytes.subarray(codeAt, codeAt + 1));
    return { kind: "code", at: codeAt, found: byte(is), expected: byte(ought) };
  }
  const range = different[0] === undefined ? undefined : immutableAt(different[0]);
  if (range === undefined) return undefined;
  const value = (bytes: Buffer): Hex => hexOf(bytes.subarray(range.start, range.start + range.length));
  return { kind: "immutable", at: range.start, found: value(is), expected: value(ought) };
}

/** A sentence for a difference. */
export function describeDifference(difference: Difference): string {
  switch (difference.kind) {
    case "length":
      return `the code has ${difference.found} bytes, the source gives ${difference.expected}`;
    case "immutable":
      return `the immutable at byte ${difference.at} is ${difference.found}, the constructor gives ${difference.expected}`;
    case "code":
      return `byte ${difference.at} of the code is ${difference.found}, the source gives ${difference.expected}`;
  }
}
