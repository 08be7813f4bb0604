import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { numberToHex, zeroAddress } from "viem";
import type * as Component from "../../components/contract-batch";
import { reportSchema, type BatchReport } from "../../contracts/batch/report";
import { compileContracts } from "../../contracts/compile";
import type { Chain } from "../../rehearsal/chains";
import { projectRoot } from "../../toolchain/paths";
import { runWithMocks } from "../program/program";
import { owner, rpc, startChain138 } from "./support/chains";
import { deployOne, runMeridian } from "./support/programs";

jest.setTimeout(60_000);

/**
 * `add(uint256)(uint256)` adds to a sum in slot 0 and gives the sum; so every call sees what calls before it left, if
 * state carries over. Whatever its selector: PUSH 0 SLOAD, CALLDATALOAD 4, ADD, SSTORE, RETURN.
 */
const summing = "0x6000546004350180600055600052602060 00f3".replace(" ", "");
const summer = "0x00000000000000000000000000000000000000f1";
/** Gives msg.sender, msg.value and block.number. */
const telling = "0x33600052346020524360405260606000f3";
const teller = "0x00000000000000000000000000000000000000f2";
/** Reverts with Panic(0x11). */
const panicking = `0x634e487b7160e01b6000526011600452602460 00fd`.replace(" ", "");
const panicker = "0x00000000000000000000000000000000000000f3";
/** Reverts when the argument is 13, and gives it otherwise. */
const fearful = "0x600435600d8114601157600052602060 00f35b600080fd".replace(" ", "");
const fearer = "0x00000000000000000000000000000000000000f4";

let folder: string;
let chain: Chain;

beforeAll(async () => {
  compileContracts(() => undefined);
  folder = mkdtempSync(join(tmpdir(), "meridian-batch-"));
  chain = await startChain138();
  for (const [address, code] of Object.entries({
    [summer]: summing,
    [teller]: telling,
    [panicker]: panicking,
    [fearer]: fearful,
  })) {
    await rpc(chain, "anvil_setCode", address, code);
  }
  await rpc(chain, "anvil_setStorageAt", summer, "0x0", numberToHex(1000, { size: 32 }));
  for (const contract of ["WETH9", "Multicall3", "MultiSig"] as const) {
    expect((await deployOne(contract, { chain, journal: folder })).code).toBe(0);
  }
}, 60_000);

afterAll(async () => {
  await chain.close();
  rmSync(folder, { recursive: true, force: true });
});

const written = (items: unknown): string => {
  const path = join(folder, "batch.json");
  writeFileSync(path, typeof items === "string" ? items : JSON.stringify(items));
  return path;
};

const meridian = (...args: string[]) =>
  runMeridian([...args, "--journal", folder], { MERIDIAN_CHAIN138_RPC_URL: chain.rpcUrl });

/** Runs a batch in a process of its own and reads its report. */
async function batch(contract: string, fn: string, items: unknown, ...more: string[]) {
  const given = ["--contract", contract, "--function", fn, "--batch-args", written(items), "--format", "json"];
  const run = await meridian("batch", ...given, ...more);
  return { ...run, report: (run.stdout === "" ? undefined : JSON.parse(run.stdout)) as BatchReport };
}

const timeless = ({ results, summary, ...header }: BatchReport): string => {
  const { total, passed, failed, errors, not_run } = summary;
  const items = results.map((result) => ({ ...result, duration_ms: undefined }));
  return JSON.stringify({ ...header, items, summary: { total, passed, failed, errors, not_run } });
};

test("one call, of a contract by name: its address comes from the journal", async () => {
  const run = await meridian("call", "--contract", "WETH9", "--function", "symbol()(string)", "--args", "[]");
  expect(run).toMatchObject({ code: 0, stderr: "" });
  expect(run.stdout).toMatch(/ok +0 +symbol +[\d.]+ ms +WETH\n/);
});

test("one call with an expectation that is not met ends with exit code 1", async () => {
  const call = ["call", "--contract", "chain138-weth9", "--function", "decimals", "--args", "[]"];
  expect((await meridian(...call, "--expected", "0x12")).code).toBe(0);
  const run = await meridian(...call, "--expected", "6");
  expect(run.code).toBe(1);
  expect(run.stdout).toContain("expected 6, got 18");
});

test("an address is predicted from salt and owner where there is no journal", async () => {
  const call = ["--contract", "WETH9", "--function", "symbol", "--args", "[]", "--expected", "WETH"];
  const where = ["--salt", "test", "--owner", owner, "--rpc", chain.rpcUrl];
  expect((await runMeridian(["call", ...call, ...where, "--journal", "/nonexistent"])).code).toBe(0);
});

test.each([
  [["--batch-args", "x.json", "--args", "[]"], "--args and --batch-args are both given."],
  [[], "Neither --args nor --batch-args is given."],
  [["--args", "["], "the call[0].args: is no JSON"],
  [["--batch-args", "/nonexistent.json"], "The batch file /nonexistent.json cannot be read"],
])("%j is refused with exit code 2", async (more, problem) => {
  const run = await meridian("call", "--contract", summer, "--function", "add(uint256)(uint256)", ...more);
  expect(run).toMatchObject({ code: 2, stdout: "" });
  expect(run.stderr).toContain(problem);
});

test("a node of another chain, an unknown name and no node are exit code 2", async () => {
  const call = ["call", "--function", "symbol()(string)", "--args", "[]"];
  expect(await meridian(...call, "--contract", "WETH")).toMatchObject({ code: 2 });
  const wrong = ["--contract", "WETH9", "--chain", "chain1", "--salt", "s", "--owner", owner, "--rpc", chain.rpcUrl];
  expect((await meridian(...call, ...wrong)).stderr).toContain("The node is of chain 138, not of chain1 (1).");
  const nobody = await meridian(...call, "--contract", summer, "--rpc", "http://127.0.0.1:9");
  expect(nobody).toMatchObject({ code: 2, stdout: "" });
});

describe("1,000 items on a contract with state", () => {
  const items = Array.from({ length: 1000 }, (_, n) => ({ args: [n], expected: 1000 + n }));

  test("independent items see the same block: the same JSON at concurrency 1 and 64, apart from times", async () => {
    const one = await batch(summer, "add(uint256)(uint256)", items, "--concurrency", "1");
    const many = await batch(summer, "add(uint256)(uint256)", items, "--concurrency", "64");
    expect([one.code, many.code]).toEqual([0, 0]);
    expect(one.report.results.map(({ index }) => index)).toEqual([...items.keys()]);
    expect(timeless(many.report)).toBe(timeless(one.report));
    expect(reportSchema.safeParse(one.report).success).toBe(true);
  });

  test("shared items see what items before them left, at any concurrency", async () => {
    const sums = items.map(({ args: [n] }) => ({ args: [n], expected: 1000 + (n! * (n! + 1)) / 2 }));
    const one = await batch(summer, "add(uint256)(uint256)", sums, "--isolation", "shared", "--concurrency", "1");
    const many = await batch(summer, "add(uint256)(uint256)", sums, "--isolation", "shared", "--concurrency", "64");
    expect([one.code, many.code]).toEqual([0, 0]);
    expect(one.report).toMatchObject({ isolation: "shared", transport: "eth_simulateV1" });
    expect(timeless(many.report)).toBe(timeless(one.report));
  });

  test("the check of state tells the isolations apart", async () => {
    const { code, report } = await batch(summer, "add(uint256)(uint256)", items, "--isolation", "shared");
    expect(code).toBe(1);
    expect(report.summary.failed).toBe(998);
  });

  test("nothing of it stays on the chain", async () => {
    expect(await rpc(chain, "eth_getStorageAt", summer, "0x0", "latest")).toBe(numberToHex(1000, { size: 32 }));
  });
});

describe("what an item decides", () => {
  const tell = "tell()(address,uint256,uint256)";

  test("from, value and block", async () => {
    await rpc(chain, "anvil_setBalance", owner, numberToHex(10n ** 18n));
    const head = Number(await rpc(chain, "eth_blockNumber"));
    const { report } = await batch(teller, tell, [
      { args: [] },
      { args: [], from: owner, value: "5" },
      { args: [], block: 1 },
      { args: [], block: "earliest" },
    ]);
    expect(report.results.map(({ result }) => result)).toEqual([
      [zeroAddress, "0", String(head)],
      [expect.stringMatching(/c0de$/i), "5", String(head)],
      [zeroAddress, "0", "1"],
      [zeroAddress, "0", "0"],
    ]);
  });

  test("multicall: the caller is the Multicall3 of the suite", async () => {
    const { report } = await batch(teller, tell, [{ args: [] }, { args: [] }], "--isolation", "multicall");
    const multicall = JSON.parse(
      readFileSync(join(folder, "chain138.jsonl"), "utf8")
        .split("\n")
        .find((line) => line.includes('"name":"chain138-multicall3"')) ?? "",
    ) as { address: string };
    expect(report.transport).toBe("aggregate3");
    expect(report.results.map(({ result }) => (result as string[])[0])).toEqual([multicall.address, multicall.address]);
  });

  test.each(["independent", "shared", "multicall"])("%s: a revert touches its own item only", async (isolation) => {
    const items = [12, 13, 14].map((n) => ({ args: [n], expected: n }));
    const { code, report } = await batch(fearer, "f(uint256)(uint256)", items, "--isolation", isolation);
    expect(code).toBe(1);
    expect(report.results.map(({ status }) => status)).toEqual(["passed", "error", "passed"]);
  });

  test.each(["independent", "shared", "multicall"])(
    "%s: a panic is decoded, and may be expected",
    async (isolation) => {
      const items = [{ args: [] }, { args: [], expectRevert: "Panic(17)" }, { args: [], expectRevert: "Panic(18)" }];
      const { report } = await batch(panicker, "f()(uint256)", items, "--isolation", isolation);
      expect(report.results.map(({ status, error }) => [status, error])).toEqual([
        ["error", "reverted: Panic(17)"],
        ["passed", "reverted: Panic(17)"],
        ["failed", "reverted: Panic(17)"],
      ]);
    },
  );

  test("custom errors are decoded with the contract's ABI; arrays are compared without order", async () => {
    const confirm = [{ args: [0], expectRevert: "NotOwner(0x0000000000000000000000000000000000000000)" }];
    expect((await batch("MultiSig", "confirm(uint256)", confirm)).code).toBe(0);
    const owners = [{ args: [], expected: [owner], compare: "unordered" }];
    const { code, report } = await batch("MultiSig", "owners()(address[])", owners);
    expect([code, report.results[0]?.error]).toEqual([0, null]);
  });
});

test("an address without code is told from a value", async () => {
  const { report } = await batch(zeroAddress, "f()(uint256)", [{ args: [] }]);
  expect(report.results[0]).toMatchObject({
    status: "error",
    error: "returned nothing: is the contract there, and has it this function?",
  });
});

test("reports of every form, and GitHub's step summary, are written beside the output", async () => {
  const path = (name: string): string => join(folder, name);
  const given = ["--contract", fearer, "--function", "f(uint256)(uint256)"];
  const files = ["r.json", "r.ndjson", "r.xml"].flatMap((name) => ["--report", path(name)]);
  const run = await runMeridian(
    ["batch", ...given, "--batch-args", written([{ args: [1] }, { args: [13] }]), ...files, "--failed-only"],
    { MERIDIAN_CHAIN138_RPC_URL: chain.rpcUrl, GITHUB_STEP_SUMMARY: path("step.md") },
  );
  expect(run.code).toBe(1);
  const report = reportSchema.parse(JSON.parse(readFileSync(path("r.json"), "utf8")));
  expect(report.results.map(({ index }) => index)).toEqual([1]);
  expect(readFileSync(path("r.xml"), "utf8")).toContain('errors="1"');
  expect(readFileSync(path("r.ndjson"), "utf8").trimEnd().split("\n")).toHaveLength(3);
  expect(readFileSync(path("step.md"), "utf8")).toContain("❌ 2 items: 1 passed, 0 failed, 1 error");

  const again = await meridian(
    ...["batch", ...given, "--batch-args", path("batch.json"), "--rerun-failed", path("r.json"), "--format", "json"],
  );
  expect((JSON.parse(again.stdout) as BatchReport).results.map(({ index }) => index)).toEqual([1]);
});

test("as a resource: its command line runs in a shell, and an item that does not pass fails it", async () => {
  const lineFor = async (items: unknown): Promise<string> => {
    const batchArgs = written(items);
    const run = await runWithMocks({}, () => {
      const { ContractBatch } = jest.requireActual<typeof Component>("../../components/contract-batch");
      const given = { chain: "chain138", address: summer, function: "add(uint256)(uint256)", batchArgs } as const;
      return { batch: new ContractBatch("chain138-smoke", given).urn };
    });
    return run.one("chain138-smoke-run").inputs.create as string;
  };
  const shell = (line: string) =>
    spawnSync("/bin/sh", ["-c", line], {
      cwd: projectRoot,
      encoding: "utf8",
      env: { ...process.env, MERIDIAN_CHAIN138_RPC_URL: chain.rpcUrl },
    });
  const good = shell(await lineFor([{ args: [1], expected: 1001 }]));
  expect(good.status).toBe(0);
  expect(JSON.parse(good.stdout.trimEnd().split("\n").at(-1)!)).toMatchObject({ type: "summary", passed: 1 });
  expect(shell(await lineFor([{ args: [1], expected: 1002 }])).status).toBe(1);
});

test("10,000 items take no more memory than their file asks for", async () => {
  /** Largest resident memory of a run, in bytes. */
  const memoryOf = async (count: number): Promise<number> => {
    const items = Array.from({ length: count }, (_, n) => ({ args: [n], expected: 1000 + n }));
    const watcher = join(folder, "memory.cjs");
    writeFileSync(
      watcher,
      'process.on("exit", () => require("fs").writeSync(2, `rss ${process.resourceUsage().maxRSS}`))',
    );
    const run = await runMeridian(
      ["batch", "--contract", summer, "--function", "add(uint256)(uint256)", "--batch-args", written(items)].concat([
        "--format",
        "ndjson",
        "--rpc",
        chain.rpcUrl,
      ]),
      { NODE_OPTIONS: `--require ${watcher}` },
    );
    expect(run.code).toBe(0);
    expect(run.stdout.trimEnd().split("\n")).toHaveLength(count + 2);
    return Number(/rss (\d+)/.exec(run.stderr)?.[1]) * 1024;
  };
  const perItem = ((await memoryOf(10_000)) - (await memoryOf(1_000))) / 9_000;
  // Measured: see docs/batch.md. Twice that is allowed here.
  expect(perItem).toBeLessThan(8_000);
});
