import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { headAgeLimitSeconds } from "../../besu/head-age";
import { PROBE_SCRIPT } from "../../components/probe";

const folder = mkdtempSync(join(tmpdir(), "meridian-probe-"));
const script = join(folder, "probe.sh");
writeFileSync(script, PROBE_SCRIPT);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

/** A node's metrics, as Besu writes them: numbers as Java's doubles, among many others. */
const metrics = (height: number, headSeconds: number): string =>
  [
    "# HELP ethereum_blockchain_height The current height of the canonical chain",
    "# TYPE ethereum_blockchain_height gauge",
    `ethereum_blockchain_height ${height}.0`,
    'besu_network_p2p_messages_inbound_total{name="RoundChange",protocol="istanbul/100"} 3.0',
    `besu_blockchain_chain_head_timestamp ${(headSeconds / 1e9).toString()}E9`,
    "",
  ].join("\n");

/** Serves one answer, to whom calls itself localhost: Besu's host allow-list refuses others. */
async function serve(text: string): Promise<number> {
  const server = createServer((request, response) => {
    response.statusCode = request.headers.host === "localhost" ? 200 : 403;
    response.end(response.statusCode === 200 ? text : "");
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const probe = (port: number, ...args: string[]): Promise<{ code: number; said: string }> =>
  new Promise((resolve) => {
    execFile("bash", [script, ...args], { env: { METRICS_PORT: String(port) }, timeout: 5000 }, (error, stdout) =>
      resolve({ code: error === null ? 0 : Number(error.code), said: stdout.trim() }),
    );
  });

describe("the probe of a node", () => {
  const now = Math.floor(Date.now() / 1000);

  it("is ready as long as its newest block is young", async () => {
    expect(await probe(await serve(metrics(1_234_567, now - 3)), "ready", "60")).toEqual({ code: 0, said: "" });
  });

  it("is not ready on a halted chain, and says how old its newest block is", async () => {
    const { code, said } = await probe(await serve(metrics(350, now - 500)), "ready", "60");

    expect(code).toBe(1);
    expect(said).toMatch(/^block 350 is 50\d s old$/);
  });

  it("is ready before the chain's first block, so that a deployment need not wait for a quorum", async () => {
    expect((await probe(await serve(metrics(0, 0)), "ready", "60")).code).toBe(0);
  });

  describe("of a node that has to have the whole chain", () => {
    const of = (height: number, best: number, peers: number, age = 3) =>
      `${metrics(height, now - age)}ethereum_best_known_block_number ${best}.0\nethereum_peer_count ${peers}.0\n`;
    const ready = async (text: string) => probe(await serve(text), "ready", "60", "10");

    it("is ready at the head of the chain, and before the chain's first block", async () => {
      expect((await ready(of(1000, 1010, 5))).code).toBe(0);
      expect((await ready(of(0, 0, 1, now))).code).toBe(0);
    });

    it("is not ready without peers, behind them, or with an old block", async () => {
      expect(await ready(of(0, 0, 0))).toEqual({ code: 1, said: "no peers" });
      expect(await ready(of(1000, 1011, 5))).toEqual({ code: 1, said: "block 1000 is 11 behind" });
      expect(await ready(of(0, 5000, 5))).toEqual({ code: 1, said: "block 0 is 5000 behind" });
      expect((await ready(of(1000, 1000, 5, 500))).code).toBe(1);
    });
  });

  it("is alive on a halted chain: a kill would help nobody", async () => {
    expect((await probe(await serve(metrics(350, now - 500)), "alive")).code).toBe(0);
  });

  it.each(["alive", "ready"])("is not %s without an answer, or with one that holds no metrics", async (question) => {
    const silent = await serve("");
    servers[0]?.close();
    const closed = await serve(metrics(1, now));
    servers.splice(1).forEach((server) => server.close());

    expect((await probe(silent, question, "60")).code).not.toBe(0);
    expect((await probe(closed, question, "60")).code).not.toBe(0);
    expect((await probe(await serve("no metrics here\n"), question, "60")).code).toBe(1);
  });
});

describe("headAgeLimitSeconds", () => {
  it("leaves room for ten rounds, and at least a minute", () => {
    expect(headAgeLimitSeconds(2, 4)).toBe(60);
    expect(headAgeLimitSeconds(5, 10)).toBe(150);
  });
});
