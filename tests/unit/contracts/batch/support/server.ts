import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { numberToHex } from "viem";

/** One JSON-RPC request as the server sees it. */
export interface Asked {
  readonly id: number;
  readonly method: string;
  readonly params: readonly any[];
}

/** What the server did and saw. */
export interface Seen {
  /** Requests in each HTTP body, in order of arrival. */
  readonly sizes: number[];
  /** Largest number of HTTP requests open at a time. */
  mostOpen: number;
}

/** Decides how a body is answered; undefined means the honest way. `nth` counts bodies with calls from 1. */
export type Misbehaviour = (
  body: { readonly asked: readonly Asked[]; readonly bytes: number; readonly nth: number },
  response: ServerResponse,
  honest: () => object[],
) => boolean | Promise<boolean>;

const read = async (request: IncomingMessage): Promise<string> => {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += String(chunk);
  return text;
};

/** The honest answer: eth_call gives twice the last 32 bytes of its data; 0 reverts with a reason. */
function answer({ id, method, params }: Asked): object {
  const base = { jsonrpc: "2.0", id };
  if (method === "eth_chainId") return { ...base, result: "0x8a" };
  if (method === "eth_blockNumber") return { ...base, result: "0x10" };
  const given = BigInt(`0x${String(params[0].data).slice(-64)}`);
  if (given === 0n) return { ...base, error: { code: 3, message: "execution reverted: zero", data: "0x" } };
  return { ...base, result: numberToHex(given * 2n, { size: 32 }) };
}

/** Runs `work` with a node that misbehaves. */
export async function withServer<T>(
  misbehave: Misbehaviour,
  work: (url: string, seen: Seen) => Promise<T>,
): Promise<T> {
  const seen: Seen = { sizes: [], mostOpen: 0 };
  let open = 0;
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    open += 1;
    seen.mostOpen = Math.max(seen.mostOpen, open);
    response.on("close", () => (open -= 1));
    const text = await read(request);
    const json = JSON.parse(text) as Asked | Asked[];
    const asked = Array.isArray(json) ? json : [json];
    const honest = (): object[] => asked.map(answer);
    if (asked[0]?.method === "eth_call") {
      seen.sizes.push(asked.length);
      if (await misbehave({ asked, bytes: text.length, nth: seen.sizes.length }, response, honest)) return;
    }
    response.end(JSON.stringify(Array.isArray(json) ? honest() : honest()[0]));
  };
  const server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
