import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A node's front that counts, and answers some methods by itself. */
export interface Proxy {
  readonly rpcUrl: string;
  /** Methods in order of arrival. */
  readonly methods: string[];
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

/**
 * Runs `work` with a proxy before a node.
 * @param instead answers a method by an error of these words, or not at all (undefined)
 */
export async function withProxy<T>(
  target: string,
  work: (proxy: Proxy) => Promise<T>,
  instead: (method: string) => { readonly code: number; readonly message: string } | undefined = () => undefined,
): Promise<T> {
  const methods: string[] = [];
  const server = createServer((request, response) => {
    const forward = async (): Promise<void> => {
      const body = await read(request);
      const asked = JSON.parse(body) as Asked | readonly Asked[];
      const [first, ...others] = Array.isArray(asked) ? (asked as readonly Asked[]) : [asked as Asked];
      if (first === undefined) throw new Error("an empty batch");
      const { id, method } = first;
      methods.push(method, ...others.map((each) => each.method));
      const error = instead(method);
      if (error !== undefined) return void response.end(JSON.stringify({ jsonrpc: "2.0", id, error }));
      const answer = await fetch(target, { method: "POST", headers: { "content-type": "application/json" }, body });
      response.setHeader("content-type", "application/json");
      response.end(await answer.text());
    };
    forward().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await work({ rpcUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, methods });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
