import type { AbiFunction } from "viem";
import { messageOf } from "../errors";
import { parseTolerance, type Expectation } from "./compare";
import { FieldError } from "./field-error";
import type { WrittenItem } from "./item";
import { resultType } from "./signature";
import { arrayOf, holdsInteger, ValueError, valueFrom, type AbiValue, type Json } from "./values";

/**
 * What an item expects, out of `expected`, `compare` and `expectRevert`. Pure.
 * @throws {FieldError}
 */
export function expectationOf(fn: AbiFunction, written: WrittenItem): Expectation {
  const { expectRevert, expected, compare } = written;
  if (expectRevert !== undefined && expectRevert !== false) {
    const other = expected !== undefined ? "expected" : compare !== undefined ? "compare" : undefined;
    if (other !== undefined) throw new FieldError(other, "cannot be given beside expectRevert");
    return expectRevert === true ? { kind: "revert" } : { kind: "revert", reason: expectRevert };
  }
  if (expected === undefined) {
    if (compare !== undefined) throw new FieldError("compare", "needs expected");
    return { kind: "success" };
  }
  if (compare === "regex") return { kind: "regex", pattern: patternOf(textOf(expected, compare)) };
  if (compare === "text") return { kind: "text", text: textOf(expected, compare) };

  const value = expectedValue(fn, expected);
  const type = resultType(fn);
  if (compare === "unordered") {
    if (type === undefined || arrayOf(type) === undefined) {
      throw new FieldError("compare", "is unordered, but the result is no array");
    }
    return { kind: "unordered", value };
  }
  if (compare === undefined || compare === "exact") return { kind: "exact", value };
  const tolerance = parseTolerance(compare.tolerance);
  if (tolerance === undefined) {
    throw new FieldError("compare.tolerance", `"${compare.tolerance}" is not like "5" or "0.1%"`);
  }
  if (type === undefined || !holdsInteger(type)) {
    throw new FieldError("compare.tolerance", "needs a result with integers");
  }
  return { kind: "tolerance", value, tolerance };
}

const textOf = (expected: Json, compare: string): string => {
  if (typeof expected !== "string") throw new FieldError("expected", `must be a string with compare "${compare}"`);
  return expected;
};

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text, "u");
  } catch (error) {
    throw new FieldError("expected", messageOf(error));
  }
}

/** Without result types, the expected result is bytes. */
function expectedValue(fn: AbiFunction, expected: Json): AbiValue {
  try {
    return valueFrom(resultType(fn) ?? { type: "bytes", name: "" }, expected);
  } catch (error) {
    if (error instanceof ValueError) throw new FieldError(`expected${error.path}`, error.problem);
    throw error;
  }
}
