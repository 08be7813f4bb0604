import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { exporterSeries } from "../../../../operations/exporter/metric-names";
import { type ExporterServer, serveExporter } from "../../../../operations/exporter/server";
import { createExporter } from "../../../../operations/exporter/settings";
import { account, asBlock, qbftChain } from "../../../support/qbft-chain";

/** A node that answers JSON-RPC as a validator does, as far as the exporter asks; or nothing, while it is down. */
async function startNode() {
  const chain = qbftChain([1, 2, 3, 4].map(account), 30).map(asBlock);
  const state = { down: false };
  const result = (method: string, [first]: readonly unknown[]): unknown => {
    if (method === "eth_getBlockByNumber") return first === "latest" ? chain.at(-1) : (chain[Number(first)] ?? null);
    const answers: Record<string, unknown> = {
      eth_syncing: false,
      net_peerCount: "0x3",
      web3_clientVersion: "besu/v26.8.0/linux-x86_64",
    };
    return answers[method];
  };
  const server: Server = createServer((request, response) => {
    if (state.down) {
      request.destroy();
      return;
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const calls = JSON.parse(Buffer.concat(chunks).toString()) as {
        id: number;
        method: string;
        params?: unknown[];
      }[];
      response.end(
        JSON.stringify(calls.map(({ id, method, params = [] }) => ({ id, result: result(method, params) }))),
      );
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe("the exporter over HTTP", () => {
  let node: Awaited<ReturnType<typeof startNode>>;
  let exporter: ReturnType<typeof createExporter>;
  let server: ExporterServer;
  const get = (path: string, method = "GET") => fetch(`${server.url}${path}`, { method });

  beforeAll(async () => {
    node = await startNode();
    const validators = [{ region: "japaneast", ordinal: 0, url: node.url }];
    const regions = [{ name: "japaneast", validators }];
    exporter = createExporter({ regions, blockPeriodSeconds: 2, costs: { "24 nodes": 12.5 } });
    // It polls when the tests say so: its own interval is a day.
    server = await serveExporter({ exporter, host: "127.0.0.1", port: 0, intervalMs: 86_400_000 });
    await exporter.poll();
  });
  afterAll(async () => {
    await server.close();
    node.server.closeAllConnections();
    node.server.close();
  });

  test("/metrics is Prometheus' text, and every series that is declared can be there", async () => {
    const answer = await get("/metrics");
    const text = await answer.text();

    expect(answer.headers.get("content-type")).toContain("version=0.0.4");
    const declared = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
    for (const name of exporterSeries) expect(declared).toContain(name.replace(/_(bucket|sum|count)$/, ""));
    expect(text).toContain('meridian_validator_ready{region="japaneast",ordinal="0"} 1');
    expect(text).toContain("meridian_chain_head 29");
    expect(text).toContain('meridian_region_location{region="japaneast",latitude="35.68",longitude="139.77"} 1');
    expect(text).toContain('meridian_cost_usd_per_month{what="24 nodes"} 12.5');
  });

  test("/healthz and /readyz are ok while it polls and a validator answers", async () => {
    expect((await get("/healthz")).status).toBe(200);
    expect((await get("/readyz")).status).toBe(200);
  });

  test("without an answer it is alive and not ready", async () => {
    node.state.down = true;
    await exporter.poll();
    expect((await get("/healthz")).status).toBe(200);
    expect((await get("/readyz")).status).toBe(503);
    expect(await (await get("/metrics")).text()).toContain('meridian_validator_up{region="japaneast",ordinal="0"} 0');
    node.state.down = false;
    await exporter.poll();
    expect((await get("/readyz")).status).toBe(200);
  });

  test("writes nothing: other methods are refused, other paths are not there", async () => {
    expect((await get("/metrics", "POST")).status).toBe(405);
    expect((await get("/metrics", "DELETE")).status).toBe(405);
    expect((await get("/admin")).status).toBe(404);
    const head = await get("/metrics", "HEAD");
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });
});
