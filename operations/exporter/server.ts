import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { limit, manyListeners } from "../abort";
import { pause } from "../regions/watch";
import type { Exporter } from "./exporter";

export interface ServeOptions {
  readonly exporter: Exporter;
  /** Address to listen at: loopback on a desk, all of a pod's. */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Between two polls, in milliseconds. */
  readonly intervalMs: number;
  readonly signal?: AbortSignal;
}

export interface ExporterServer {
  /** `http://127.0.0.1:9645` */
  readonly url: string;
  /** Ends polling and listening. */
  readonly close: () => Promise<void>;
}

/** Polls, and answers `/metrics`, `/healthz` (it polls) and `/readyz` (a validator answered). Read-only: GET and HEAD. */
export async function serveExporter(options: ServeOptions): Promise<ExporterServer> {
  const { exporter, host, port, intervalMs, signal } = options;
  const ended = manyListeners();
  const outer = limit(Infinity, signal);
  outer.signal.addEventListener("abort", () => ended.abort(), { once: true });
  let lastPollMs = Date.now();
  const polling = (async () => {
    while (!ended.signal.aborted) {
      await exporter.poll(ended.signal).catch(() => undefined);
      lastPollMs = Date.now();
      await pause(intervalMs, ended.signal);
    }
  })();
  // Three polls that did not end in their time: it hangs, and a restart may help.
  const alive = (): boolean => Date.now() - lastPollMs < 3 * (intervalMs + POLL_LIMIT_MS);
  const server = createServer((request, response) => void answer(request, response, exporter, alive));
  // Slow callers keep no connection from others.
  Object.assign(server, { requestTimeout: 10_000, headersTimeout: 5_000, maxConnections: 64 });
  server.listen(port, host);
  await once(server, "listening");
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    close: async () => {
      ended.abort();
      outer.dispose();
      await closeServer(server);
      await polling;
    },
  };
}

/** Longer than any poll takes: its questions end after 5 s each. */
const POLL_LIMIT_MS = 20_000;

async function answer(
  { method, url = "/" }: IncomingMessage,
  response: ServerResponse,
  exporter: Exporter,
  alive: () => boolean,
): Promise<void> {
  const say = (status: number, text: string, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { "content-type": "text/plain; charset=utf-8", ...headers });
    response.end(method === "HEAD" ? undefined : text);
  };
  if (method !== "GET" && method !== "HEAD") {
    say(405, "GET and HEAD alone\n", { allow: "GET, HEAD" });
    return;
  }
  switch (url.split("?")[0]) {
    case "/metrics": {
      const { text, contentType } = await exporter.metrics.render();
      say(200, text, { "content-type": contentType });
      return;
    }
    case "/healthz":
      say(alive() ? 200 : 503, alive() ? "ok\n" : "no poll has ended in time\n");
      return;
    case "/readyz":
      say(exporter.ready ? 200 : 503, exporter.ready ? "ok\n" : "no validator answers\n");
      return;
    default:
      say(404, "/metrics, /healthz or /readyz\n");
  }
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
