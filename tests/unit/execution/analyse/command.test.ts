import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { formatAnalysis } from "../../../../cli/execution-analyse-text";
import { main } from "../../../../cli/main";
import { accessOf } from "../../../../execution/analyse/access-sets";
import { analyse, weigh } from "../../../../execution/analyse/analysis";
import { resolveRange } from "../../../../execution/analyse/block-range";
import { recordBlocks } from "../../../../execution/analyse/node/record-blocks";
import { parseRecording } from "../../../../execution/analyse/node/recording";
import { METHODS, type RecordedBlock } from "../../../../execution/analyse/recorded";

const fixture = join(__dirname, "../../../fixtures/execution/besu-26.4.json");
const besu = parseRecording(readFileSync(fixture, "utf8"), fixture);
const [block] = besu.blocks as [RecordedBlock];

const waitsOf = (recorded: RecordedBlock) =>
  weigh(accessOf(recorded).transactions).graph.map((needed) => [...new Set(needed.map(({ on }) => on))]);

/** A node that gives the recorded answers, and refuses the methods that are not offered. */
async function withNode(offered: readonly string[], work: (url: string, asked: string[]) => Promise<void>) {
  const asked: string[] = [];
  const answers = (method: string, params: readonly unknown[]): unknown => {
    const at = block.block.transactions.findIndex(({ hash }) => hash === params[0]);
    const [whole, traces] = JSON.stringify(params).includes("diffMode")
      ? [block.diff, block.diff]
      : [block.prestate, block.prestate];
    if (method === "eth_chainId") return "0x8a";
    if (method === "eth_blockNumber") return block.block.number;
    if (method === "eth_getBlockByNumber") return block.block;
    if (method === "eth_getTransactionReceipt") return block.receipts[at];
    if (!offered.includes(method)) return undefined;
    if (method === "eth_getBlockReceipts") return block.receipts;
    if (method === "eth_getBlockAccessList") return { accountChanges: [] };
    if (method !== "debug_traceTransaction") return whole?.map((result) => ({ result }));
    return JSON.stringify(params).includes("prestateTracer") ? traces?.[at] : { structLogs: [] };
  };
  const server: Server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      const { id, method, params } = JSON.parse(body) as { id: number; method: string; params: unknown[] };
      asked.push(method);
      const result = answers(method, params);
      const error = { code: -32601, message: "Method not found" };
      response.end(JSON.stringify({ jsonrpc: "2.0", id, ...(result === undefined ? { error } : { result }) }));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked);
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}

describe("what Besu 26.4 answered", () => {
  it("makes every second call wait for the one slot that they write", () => {
    expect(waitsOf(block)).toEqual([[], [], [], [1], [], [3]]);
  });

  it("would tell no dependency without the instructions: its tracer names no storage", () => {
    expect(waitsOf({ ...block, slots: undefined }).flat()).toEqual([]);
  });
});

describe("a node", () => {
  it.each(METHODS)("that offers %s alone is asked by it, after those before it were refused", async (method) => {
    await withNode([method], async (rpcUrl, asked) => {
      const { blocks, chainId } = await recordBlocks({ rpcUrl, blocks: "latest" });
      const all = [];
      for await (const one of blocks) all.push(one.method);
      expect([chainId, all]).toEqual([138, [method]]);
      const tried = METHODS.filter((one) => asked.includes(one));
      // Instructions are asked of the transactions, whichever method gave their states.
      const possible = METHODS.slice(0, METHODS.indexOf(method) + 1);
      expect(tried.filter((one) => one !== "debug_traceTransaction")).toEqual(
        possible.filter((one) => one !== "debug_traceTransaction"),
      );
    });
  });
});

describe("bad input", () => {
  let told = "";
  beforeEach(() => {
    told = "";
    jest.spyOn(process.stderr, "write").mockImplementation((text) => (told += String(text)) !== "");
    jest.spyOn(process.stdout, "write").mockImplementation(() => true);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    process.exitCode = undefined;
  });

  it.each([
    [[], "Neither --rpc nor --file is given."],
    [["--rpc", "http://127.0.0.1:1", "--file", "x"], "--rpc and --file are both given."],
    [["--file", fixture, "--blocks", "1..2"], "--blocks goes with --rpc alone"],
    [["--file", fixture, "--save", "x"], "--save goes with --rpc alone"],
    [["--rpc", "ftp://here"], "--rpc is no HTTP address."],
    [["--file", "/nowhere/blocks.json"], "/nowhere/blocks.json cannot be read: ENOENT."],
    [["--file", __filename], "is no recording of blocks: it is no JSON."],
    [["--file", fixture, "--cores", "0"], "It must be a whole number of at least 1."],
    [["--file", fixture, "--stack", "nowhere"], "Pulumi.nowhere.yaml cannot be read"],
  ])("%j is told in one sentence, with exit code 2", async (args, message) => {
    expect(await main(["execution", "analyse", ...args])).toBe(2);
    expect(told).toContain(message);
  });

  it.each([
    ["1-2", "It names no blocks."],
    ["1..2..3", "It names no blocks."],
    ["9..8", "The first block comes after the last."],
    ["8..99", "The newest block is 50000."],
    ["1..20000", "That is 20000 blocks; at most 10000."],
  ])("blocks %s", (range, why) => {
    const head = range === "8..99" ? 50 : 50_000;
    expect(() => resolveRange(range, head)).toThrow(why.replace("50000", String(head)));
  });

  it.each([
    ["7", 7, 7],
    ["latest", 9, 9],
    ["7..latest", 7, 9],
    ["7..8", 7, 8],
  ])("blocks %s are good", (range, first, last) => {
    expect(resolveRange(range, 9)).toEqual({ first, last });
  });

  it.each([
    ["another version", (all: typeof besu): object => ({ ...all, schemaVersion: 2 }), "schemaVersion"],
    [
      "a trace too few",
      (all: typeof besu): object => ({ ...all, blocks: [{ ...block, prestate: [] }] }),
      "0 for 6 transactions",
    ],
    [
      "one mode alone",
      (all: typeof besu): object => ({ ...all, blocks: [{ ...block, diff: undefined }] }),
      "0 for 6 transactions",
    ],
  ])("a recording with %s is refused, naming the place", (_, change, message) => {
    const folder = mkdtempSync(join(tmpdir(), "meridian-recording-"));
    const file = join(folder, "blocks.json");
    writeFileSync(file, JSON.stringify(change(besu)));
    expect(() => parseRecording(readFileSync(file, "utf8"), file)).toThrow(message);
    rmSync(folder, { recursive: true });
  });
});

describe("text", () => {
  const access = accessOf(block);
  const text = (blocks: number) =>
    formatAnalysis(
      analyse(
        Array.from({ length: blocks }, (_, i) => ({ ...access, number: i + 1 })),
        { chainId: 138, method: "debug_traceBlockByNumber" },
      ),
    );

  it("names range, bounds and the slot that costs them", () => {
    expect(text(1)).toContain("Chain 138, block 1: 6 transactions");
    expect(text(1)).toMatch(/^WHICH PLACE COSTS IT/m);
    expect(text(1)).toMatch(/slot 0 +2 txs/);
  });

  it("shows twenty blocks of many, and an empty block as what it is", () => {
    expect(text(30).match(/^\d+ +6 /gm)).toHaveLength(20);
    expect(text(30)).toContain("10 more in --json.");
    const none = analyse([{ ...access, transactions: [] }], { chainId: 138, method: "debug_traceBlockByNumber" });
    expect(formatAnalysis(none)).toContain("There is nothing to execute.");
  });
});
