/** A request or an answer of JSON-RPC, as far as it matters here. */
interface Message {
  readonly id?: unknown;
}

/** A node answers some requests of a batch, and not the others. */
class PartialAnswerError extends Error {}

/** Statuses that say "later" or "not now", and nothing of the batch's size. */
const passing = new Set([408, 429]);

/**
 * A fetch for a client that puts what is asked at one moment into one JSON-RPC batch: a batch of one goes without its
 * brackets, answers come in the order of the requests, and a batch that the node refuses (a single error for it, or
 * HTTP 4xx) is halved until it does not, in the order of its requests. An answer that leaves requests out is a
 * connection that failed.
 *
 * @param send @default the global fetch
 */
export function batchingFetch(send: typeof fetch = (input, init) => fetch(input, init)): typeof fetch {
  const post = async (input: Parameters<typeof fetch>[0], init: RequestInit, batch: readonly Message[]) => {
    const [only] = batch;
    const response = await send(input, { ...init, body: JSON.stringify(batch.length === 1 ? only : batch) });
    if (!response.ok && (batch.length === 1 || response.status >= 500 || passing.has(response.status))) return response;
    const answers: unknown = response.ok ? await response.json() : undefined;
    if (batch.length === 1) return json([answers]);
    if (Array.isArray(answers)) return json(inOrder(batch, answers as Message[]));

    const half = Math.ceil(batch.length / 2);
    const first: Response = await post(input, init, batch.slice(0, half));
    if (!first.ok) return first;
    const second: Response = await post(input, init, batch.slice(half));
    if (!second.ok) return second;
    return json([...((await first.json()) as unknown[]), ...((await second.json()) as unknown[])]);
  };
  return (input, init = {}) => {
    const batch: unknown = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
    return Array.isArray(batch) ? post(input, init, batch as Message[]) : send(input, init);
  };
}

const json = (body: unknown): Response =>
  new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } });

function inOrder(batch: readonly Message[], answers: readonly Message[]): Message[] {
  const byId = new Map(answers.map((answer) => [String(answer.id), answer]));
  return batch.map(({ id }) => {
    const answer = byId.get(String(id));
    if (answer === undefined) throw new PartialAnswerError("The node left requests of a batch without an answer.");
    return answer;
  });
}
