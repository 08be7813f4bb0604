import { limit } from "./abort";

/** A node that is starting or busy answers late; one that is down refuses at once. */
const TIMEOUT_MS = 5_000;

/** One call of a batch. */
export interface RpcCall {
  readonly method: string;
  readonly params?: readonly unknown[];
}

interface RpcAnswer {
  readonly id?: number | null;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/**
 * One JSON-RPC request.
 *
 * @throws Error when the node is not there, answers late, or answers with an error
 */
export async function jsonRpc<T>(url: string, method: string, ...params: readonly unknown[]): Promise<T> {
  const answer = (await post(url, { jsonrpc: "2.0", id: 1, method, params })) as RpcAnswer;
  if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`);
  return answer.result as T;
}

/**
 * Many calls in one request; a call that the node refuses is undefined.
 *
 * @param calls at most 1,024, Besu's limit
 * @param signal ends it before its 5 s
 * @returns the results in the order of the calls
 * @throws Error when the node is not there, answers late, or refuses them all
 */
export async function jsonRpcBatch(
  url: string,
  calls: readonly RpcCall[],
  signal?: AbortSignal,
): Promise<readonly unknown[]> {
  const requests = calls.map(({ method, params = [] }, id) => ({ jsonrpc: "2.0", id, method, params }));
  const answers = await post(url, requests, signal);
  if (!Array.isArray(answers)) {
    throw new Error((answers as RpcAnswer | null)?.error?.message ?? "The node answered a batch with one value.");
  }
  const byId = new Map((answers as readonly RpcAnswer[]).map(({ id, result }) => [id, result]));
  return calls.map((_, id) => byId.get(id) ?? undefined);
}

async function post(url: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
  const limited = limit(TIMEOUT_MS, signal);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: limited.signal,
    });
    return await response.json();
  } finally {
    limited.dispose();
  }
}
