import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One request as the server sees it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** What the server does with one request: an answer, nothing at all, half an answer, or a closed connection. */
export type Reply =
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly json: unknown }
  | { readonly status?: number; readonly text: string }
  | "hang"
  | "stall"
  | "close";

export interface LocalService {
  readonly url: string;
  readonly seen: readonly Seen[];
}

/** Runs `work` with a server that replies as `reply` says, and is gone afterwards. */
export async function withService<T>(
  reply: (seen: Seen, index: number) => Reply,
  work: (service: LocalService) => Promise<T>,
): Promise<T> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part: string) => (body += part));
    request.on("end", () => {
      const { pathname, searchParams } = new URL(request.url!, "http://service");
      const one = { method: request.method!, path: pathname, query: searchParams, headers: request.headers, body };
      seen.push(one);
      send(response, reply(one, seen.length - 1));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await work({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply === "hang") return;
  if (reply === "stall") return void response.writeHead(200, { "content-length": "100" }).write('{"half":');
  if (reply === "close") return void response.destroy();
  const text = "text" in reply ? reply.text : JSON.stringify(reply.json);
  const headers = "headers" in reply ? reply.headers : {};
  response.writeHead(reply.status ?? 200, { "content-type": "application/json", ...headers }).end(text);
}
