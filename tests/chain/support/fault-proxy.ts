import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** How an answer may go wrong. `lost`: the request arrives, its answer does not. */
export const faults = ["none", "refused", "lost", "delayed", "doubled", "overtaken"] as const;
export type Fault = (typeof faults)[number];

/** A node's front that counts what it did to answers. */
export interface FaultProxy {
  readonly rpcUrl: string;
  readonly done: Record<Fault, number>;
}

/** mulberry32: the same seed gives the same faults, as far as requests come in the same order. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

const read = async (request: IncomingMessage): Promise<string> => {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += String(chunk);
  return text;
};

/** One request of so many goes wrong. */
const EVERY = 3;

/**
 * Runs `work` with a proxy that breaks connections before or after the node has the request, delays answers, sends a
 * request twice (the answer is that to the second), and holds an answer until one to a later request has gone out.
 * Every third request has its fault, each kind in turn.
 */
export async function withFaults<T>(target: string, seed: number, work: (proxy: FaultProxy) => Promise<T>): Promise<T> {
  const next = random(seed);
  const done: Record<Fault, number> = { none: 0, refused: 0, lost: 0, delayed: 0, doubled: 0, overtaken: 0 };
  let count = 0;
  const held = new Set<() => void>();
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const overtaken = (): Promise<void> =>
    new Promise((resolve) => {
      const free = (): void => {
        clearTimeout(timer);
        held.delete(free);
        resolve();
      };
      const timer = setTimeout(free, 200); // nothing came after it
      held.add(free);
    });
  const server = createServer((request, response) => {
    const serve = async (): Promise<void> => {
      const body = await read(request);
      const number = count++;
      const kind = faults[1 + ((seed + number / EVERY) % (faults.length - 1))];
      const fault: Fault = number % EVERY === 0 ? (kind ?? "none") : "none";
      done[fault] += 1;
      if (fault === "refused") return void request.socket.destroy();
      const ask = async (): Promise<string> => {
        const headers = { "content-type": "application/json" };
        return (await fetch(target, { method: "POST", headers, body })).text();
      };
      let answer = await ask();
      if (fault === "doubled") answer = await ask();
      if (fault === "lost") return void request.socket.destroy();
      if (fault === "delayed") await pause(next() * 100);
      if (fault === "overtaken") await overtaken();
      response.setHeader("content-type", "application/json").end(answer);
      if (fault !== "overtaken") for (const free of held) free();
    };
    serve().catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await work({ rpcUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, done });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
