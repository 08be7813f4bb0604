import type { Hex } from "viem";
import { isHex, numberToHex } from "viem/utils";
import type { Outcome, PreparedCall } from "./executor";

/** One request of JSON-RPC. */
export interface RpcRequest {
  readonly jsonrpc: "2.0";
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** A node's answer to one request, as far as it could be understood. */
export interface RpcAnswer {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: null | { readonly code?: unknown; readonly message?: unknown; readonly data?: unknown };
}

type WithoutTime<T> = T extends unknown ? Omit<T, "durationMs"> : never;
/** An outcome before its time is known. */
export type TimelessOutcome = WithoutTime<Outcome>;

/** The transaction object of eth_call and eth_simulateV1. */
export const callObject = ({ from, to, data, value }: PreparedCall): object => ({
  ...(from === undefined ? {} : { from }),
  to,
  data,
  ...(value === undefined ? {} : { value: numberToHex(value) }),
});

/** Whether something is an answer object at all. */
export const isAnswer = (json: unknown): json is RpcAnswer =>
  typeof json === "object" && json !== null && !Array.isArray(json) && ("result" in json || "error" in json);

/** Words of an error answer. */
export const errorWords = ({ error }: RpcAnswer): string => {
  const { message, code } = error ?? {};
  if (typeof message === "string" && message !== "") return message;
  return typeof code === "number" ? `error ${code}` : "an error without words";
};

/** Whether an error answer asks to come back later (wording of Infura, Alchemy, QuickNode, geth proxies; 2026). */
export const asksToWait = (answer: RpcAnswer): boolean =>
  answer.error != null &&
  (answer.error.code === 429 || /rate.?limit|too many requests|throttl|capacity exceeded/i.test(errorWords(answer)));

/** Revert data of an error: geth, anvil and Besu put it into `data`. */
const revertData = (data: unknown): Hex | undefined => (isHex(data) ? data : undefined);

/** Errors in which the EVM ran and did not succeed; geth, Besu 26 and anvil 1.7. */
const evmFailure = /revert|invalid opcode|EVM error|execution failed|bad instruction|stack (under|over)flow/i;

/** What an answer to eth_call means. */
export function outcomeOf(answer: RpcAnswer): TimelessOutcome {
  const { result, error } = answer;
  if (error === undefined || error === null) {
    return isHex(result) ? { kind: "returned", data: result } : { kind: "failed", reason: "the answer is no data" };
  }
  const message = errorWords(answer);
  const data = revertData(error.data);
  if (error.code === 3 || data !== undefined || evmFailure.test(message)) {
    return { kind: "reverted", data: data ?? "0x", message };
  }
  return { kind: "failed", reason: `the node says: ${message}` };
}
