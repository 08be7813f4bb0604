/** A node that is starting or busy answers late; one that is down refuses at once. */
const TIMEOUT_MS = 5_000;

/**
 * One JSON-RPC request.
 *
 * @throws Error when the node is not there, answers late, or answers with an error
 */
export async function jsonRpc<T>(url: string, method: string, ...params: readonly unknown[]): Promise<T> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const answer = (await response.json()) as { readonly result: T; readonly error?: { readonly message: string } };
  if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`);
  return answer.result;
}
