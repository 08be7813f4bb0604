import { asJson, asText } from "./decoded";
import type { AbiValue } from "./values";

/** How far an integer may be off: at most `numerator / denominator`, of one or of the expected value. */
export interface Tolerance {
  readonly numerator: bigint;
  readonly denominator: bigint;
  readonly relative: boolean;
}

/** What an item wants of its call. */
export type Expectation =
  | { readonly kind: "success" }
  | { readonly kind: "exact" | "unordered"; readonly value: AbiValue }
  | { readonly kind: "tolerance"; readonly value: AbiValue; readonly tolerance: Tolerance }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "regex"; readonly pattern: RegExp }
  | { readonly kind: "revert"; readonly reason?: string };

/** `"5"`, `"0.5"` or `"0.5%"`; undefined for anything else. */
export function parseTolerance(text: string): Tolerance | undefined {
  const match = /^(\d+)(?:\.(\d+))?(%?)$/.exec(text);
  if (match?.[1] === undefined) return undefined;
  const [, whole, fraction = "", percent] = match;
  const relative = percent === "%";
  const denominator = 10n ** BigInt(fraction.length) * (relative ? 100n : 1n);
  return { numerator: BigInt(whole + fraction), denominator, relative };
}

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

const isNear = (expected: bigint, actual: bigint, { numerator, denominator, relative }: Tolerance): boolean =>
  magnitude(expected - actual) * denominator <= numerator * (relative ? magnitude(expected) : 1n);

const exact = (expected: bigint, actual: bigint): boolean => expected === actual;

/** The places where two values differ, one line each: `[2]: expected 5, got 6`. Empty when they are equal. */
export function differences(expected: AbiValue, actual: AbiValue, equal = exact, path = ""): string[] {
  const at = path === "" ? "" : `${path}: `;
  if (Array.isArray(expected) && Array.isArray(actual)) {
    const [wanted, found] = [expected as readonly AbiValue[], actual as readonly AbiValue[]];
    const lines = wanted.flatMap((value, index) => {
      const other = found[index];
      const place = `${path}[${index}]`;
      if (other === undefined) return [`${place}: expected ${asText(value)}, got nothing`];
      return differences(value, other, equal, place);
    });
    const more = found.slice(wanted.length).map((value, index) => {
      return `${path}[${wanted.length + index}]: expected nothing, got ${asText(value)}`;
    });
    return [...lines, ...more];
  }
  const same =
    typeof expected === "bigint" && typeof actual === "bigint" ? equal(expected, actual) : expected === actual;
  return same ? [] : [`${at}expected ${asText(expected)}, got ${asText(actual)}`];
}

/** A list in an order of its own, so that two lists of the same elements become equal. */
function sorted(value: AbiValue): AbiValue {
  if (typeof value !== "object") return value;
  const keyed = value.map((element) => ({ element, key: JSON.stringify(asJson(element)) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key))).map(({ element }) => element);
}

/** What is wrong with a value that a call gave; empty when it is as expected. Pure. */
export function unmet(expectation: Exclude<Expectation, { kind: "revert" }>, actual: AbiValue): string[] {
  switch (expectation.kind) {
    case "success":
      return [];
    case "exact":
      return differences(expectation.value, actual);
    case "unordered":
      return differences(sorted(expectation.value), sorted(actual));
    case "tolerance": {
      const { tolerance } = expectation;
      return differences(expectation.value, actual, (expected, found) => isNear(expected, found, tolerance));
    }
    case "text":
      return expectation.text === asText(actual) ? [] : [`expected ${expectation.text}, got ${asText(actual)}`];
    case "regex":
      return expectation.pattern.test(asText(actual))
        ? []
        : [`expected ${String(expectation.pattern)}, got ${asText(actual)}`];
  }
}
