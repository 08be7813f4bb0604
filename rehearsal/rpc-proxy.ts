import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** A node's front on this machine that counts what it is asked. */
export interface RpcProxy {
  readonly rpcUrl: string;
  /** Methods in order of arrival, those of batches one by one. */
  readonly methods: readonly string[];
  /** HTTP requests so far. */
  readonly requests: () => number;
  readonly close: () => Promise<void>;
}

/** How the proxy differs from the node behind it. */
export interface RpcProxyOptions {
  /** What every HTTP request takes longer, in milliseconds: the way there and back. @default 0 */
  readonly latencyMs?: number;
  /** Answers a method by an error of these words, or leaves it to the node (undefined). */
  readonly instead?: (method: string) => { readonly code: number; readonly message: string } | undefined;
}

interface Asked {
  readonly id: number;
  readonly method: string;
}

const read = async (request: IncomingMessage): Promise<string> => {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += String(chunk);
  return text;
};

/** Starts a proxy before a node, at a free port of loopback. */
export async function startRpcProxy(target: string, options: RpcProxyOptions = {}): Promise<RpcProxy> {
  const { latencyMs = 0, instead = () => undefined } = options;
  const methods: string[] = [];
  let requests = 0;

  const ask = async (messages: readonly Asked[], isBatch: boolean): Promise<unknown> => {
    const body = JSON.stringify(isBatch ? messages : messages[0]);
    const headers = { "content-type": "application/json" };
    return (await fetch(target, { method: "POST", headers, body })).json();
  };
  const answer = async (body: string): Promise<unknown> => {
    const asked = JSON.parse(body) as Asked | readonly Asked[];
    const messages = Array.isArray(asked) ? (asked as readonly Asked[]) : [asked as Asked];
    methods.push(...messages.map(({ method }) => method));
    const refused = messages.flatMap(({ id, method }) => {
      const error = instead(method);
      return error === undefined ? [] : [{ jsonrpc: "2.0", id, error }];
    });
    if (!Array.isArray(asked)) return refused[0] ?? ask(messages, false);
    const others = messages.filter(({ id }) => !refused.some((each) => each.id === id));
    return others.length === 0 ? refused : [...((await ask(others, true)) as unknown[]), ...refused];
  };
  const server = createServer((request, response) => {
    const serve = async (): Promise<void> => {
      requests += 1;
      const [body] = await Promise.all([read(request).then(answer), delay(latencyMs)]);
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(body));
    };
    serve().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    rpcUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    methods,
    requests: () => requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
