import type { Abi, AbiFunction, Hex } from "viem";
import { describeRevert } from "../simulate";
import { unmet } from "./compare";
import { asJson } from "./decoded";
import type { Outcome } from "./executor";
import type { BatchItem } from "./item";
import type { ItemResult } from "./report";
import { decodeReturned } from "./signature";
import type { AbiValue } from "./values";

/** Milliseconds with microseconds. */
export const roundedMs = (ms: number): number => Math.round(ms * 1000) / 1000;

type Verdict = Pick<ItemResult, "status" | "result" | "success" | "error" | "diff">;

const error = (text: string): Verdict => ({ status: "error", result: null, success: false, error: text, diff: null });

/** Decides about one item: passed, failed or error. Pure. */
export function judge(fn: AbiFunction, abi: Abi, item: BatchItem, outcome: Outcome): ItemResult {
  const verdict = verdictOf(fn, abi, item, outcome);
  return {
    index: item.index,
    label: item.label,
    status: verdict.status,
    args: item.args.map(asJson),
    result: verdict.result,
    success: verdict.success,
    passed: verdict.status === "passed",
    error: verdict.error,
    expected: item.expected,
    diff: verdict.diff,
    duration_ms: roundedMs(outcome.durationMs),
  };
}

function verdictOf(fn: AbiFunction, abi: Abi, { expectation }: BatchItem, outcome: Outcome): Verdict {
  if (outcome.kind === "failed") return error(outcome.reason);
  if (outcome.kind === "reverted") {
    const reason = reasonOf(outcome.data, outcome.message, abi);
    if (expectation.kind !== "revert") return error(`reverted: ${reason}`);
    const wanted = expectation.reason;
    const met = wanted === undefined || reason.includes(wanted);
    const diff = met ? null : [`expected a revert with ${wanted}, got ${reason}`];
    return { status: met ? "passed" : "failed", result: null, success: false, error: `reverted: ${reason}`, diff };
  }

  let value: AbiValue;
  try {
    value = decodeReturned(fn, outcome.data);
  } catch {
    if (outcome.data === "0x") return error("returned nothing: is the contract there, and has it this function?");
    return error(`returned ${outcome.data}, which is not what the signature says`);
  }
  const diff =
    expectation.kind === "revert"
      ? [`expected a revert, got ${JSON.stringify(asJson(value))}`]
      : unmet(expectation, value);
  const passed = diff.length === 0;
  const status = passed ? "passed" : "failed";
  return { status, result: asJson(value), success: true, error: null, diff: passed ? null : diff };
}

/** The decoded reason of a revert; the node's own words when the data says nothing. */
function reasonOf(data: Hex, message: string, abi: Abi): string {
  return data === "0x" ? message : describeRevert(data, { abi });
}
