import fc from "fast-check";
import { numberToHex, pad, type Hex } from "viem";
import type { BatchCommand } from "../../contracts/batch/command";
import type { BatchReport } from "../../contracts/batch/report";
import { EvmExecutor } from "../../contracts/batch/evm-executor";
import type { Outcome, PreparedCall } from "../../contracts/batch/executor";
import type { Chain } from "../../rehearsal/chains";
import { runItems } from "../unit/contracts/batch/support/run";
import { owner, rpc, startChain138, withFolder } from "./support/chains";
import { deployHere, planOf } from "./support/in-process";
import { withProxy } from "./support/proxy";

jest.setTimeout(120_000);

/** Programs in bytes: what each opcode of the environment, of state and of failure gives. */
const programs: Readonly<Record<string, Hex>> = {
  // add(uint256): slot 0 plus the argument, stored and given
  summing: "0x600054600435018060005560005260206000f3",
  // caller, value, number
  telling: "0x33600052346020524360405260606000f3",
  // chainid, timestamp, coinbase, selfbalance
  world: "0x46600052426020524160405247606052608060 00f3".replace(" ", "") as Hex,
  // hash of the block before; its own code hash; code size
  hashes: "0x600143034060005230 3f60205238604052606060 00f3".replaceAll(" ", "") as Hex,
  // Panic(0x11)
  panicking: "0x634e487b7160e01b600052601160045260246000fd",
  // invalid instruction
  invalid: "0xfe",
  // stack underflow
  underflow: "0x01",
  // keccak of the argument 200 times over
  hashing: "0x60043560005260c85b602060002060005260019003806007576020 6000f3".replace(" ", "") as Hex,
};
const addressOf = (name: string): Hex => pad(numberToHex(0xf00 + Object.keys(programs).indexOf(name)), { size: 20 });

let chain: Chain;
beforeAll(async () => {
  planOf("chain138");
  chain = await startChain138();
  for (const [name, code] of Object.entries(programs)) await rpc(chain, "anvil_setCode", addressOf(name), code);
  await rpc(chain, "anvil_setStorageAt", addressOf("summing"), "0x0", numberToHex(1000, { size: 32 }));
  await rpc(chain, "anvil_setBalance", owner, numberToHex(10n ** 18n));
  await rpc(chain, "anvil_mine", "0x3");
}, 60_000);
afterAll(() => chain.close());

/** A report without times and without what names the back-end. */
const comparable = ({ results, ...header }: BatchReport): object => ({
  ...header,
  file: null,
  transport: null,
  summary: null,
  // Nodes have their own words for a failure; whether it reverted, and with which data, is the contract's.
  results: results.map(({ error, ...result }) => ({
    ...result,
    duration_ms: null,
    error: error === null ? null : error.startsWith("reverted: Panic") ? error : "an error",
  })),
});

async function both(items: readonly unknown[], given: Pick<BatchCommand, "contract" | "function">): Promise<void> {
  const byNode = await runItems(items, { ...given, rpc: chain.rpcUrl });
  const byEvm = await runItems(items, { ...given, rpc: chain.rpcUrl, backend: "evm" });
  expect(byEvm.report.transport).toBe("evm");
  expect(comparable(byEvm.report)).toEqual(comparable(byNode.report));
  expect(byEvm.code).toBe(byNode.code);
}

test.each<[string, string, unknown[]]>([
  ["state", "summing", [0, 7, "0xffff"]],
  ["revert data", "panicking", [1]],
  ["an invalid instruction", "invalid", [1]],
  ["a stack underflow", "underflow", [1]],
  ["hashes", "hashing", [1, 2, 3]],
])("%s: the same as the node says", (_, name, args) =>
  both(
    args.map((arg) => ({ args: [arg] })),
    { contract: addressOf(name), function: "f(uint256)(uint256)" },
  ),
);

test("caller, value and block: the same as the node says, at older blocks too", () =>
  both(
    [
      { args: [] },
      { args: [], from: owner, value: "5" },
      { args: [], block: 1 },
      { args: [], block: "earliest" },
      { args: [], from: addressOf("invalid"), value: "5" },
    ],
    { contract: addressOf("telling"), function: "tell()(address,uint256,uint256)" },
  ));

test("the block's world, and hashes of blocks and code: the same as the node says", async () => {
  const world = "f()(uint256,uint256,address,uint256)";
  await both([{ args: [] }, { args: [], block: 2 }], { contract: addressOf("world"), function: world });
  await both([{ args: [] }], { contract: addressOf("hashes"), function: "f()(bytes32,bytes32,uint256)" });
});

test("property: any calls of any of the programs: the same as the node says", async () => {
  const names = fc.constantFrom(...Object.keys(programs));
  const item = fc.record({
    args: fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }).map(String)),
    from: fc.constantFrom(owner, addressOf("invalid")),
  });
  await fc.assert(
    fc.asyncProperty(names, fc.array(item, { minLength: 1, maxLength: 20 }), (name, items) =>
      both(items, { contract: addressOf(name), function: "f(uint256)" }),
    ),
    { numRuns: 5 },
  );
});

test("contracts of the suite: the same as the node says", () =>
  withFolder(async (journal) => {
    await deployHere("WETH9", { chain, journal });
    await deployHere("MultiSig", { chain, journal });
    const addressIn = (contract: string): string =>
      planOf("chain138").find((each) => each.contract === contract)!.address;
    await both([{ args: [owner] }, { args: [addressOf("invalid")] }], {
      contract: addressIn("WETH9"),
      function: "balanceOf(address)(uint256)",
    });
    await both([{ args: [] }], { contract: addressIn("WETH9"), function: "symbol()(string)" });
    await both([{ args: [] }], { contract: addressIn("MultiSig"), function: "owners()(address[])" });
    await both([{ args: [5] }], { contract: addressIn("MultiSig"), function: "confirm(uint256)" });
  }));

test("another answer than the node's is what the comparison catches", async () => {
  const given = { contract: addressOf("summing"), function: "f(uint256)(uint256)" };
  const byNode = await runItems([{ args: [1] }], { ...given, rpc: chain.rpcUrl });
  const byEvm = await runItems([{ args: [2] }], { ...given, rpc: chain.rpcUrl, backend: "evm" });
  expect(comparable(byEvm.report)).not.toEqual(comparable(byNode.report));
});

test("1,000 items ask the node for each piece of state once, and for no call", () =>
  withProxy(chain.rpcUrl, async ({ rpcUrl, methods }) => {
    const items = Array.from({ length: 1000 }, (_, n) => ({ args: [n], expected: 1000 + n }));
    const { code } = await runItems(items, {
      contract: addressOf("summing"),
      function: "add(uint256)(uint256)",
      rpc: rpcUrl,
      backend: "evm",
    });
    expect(code).toBe(0);
    expect(methods.filter((method) => method === "eth_call")).toEqual([]);
    expect(methods.length).toBeLessThan(30);
  }));

test("a call without end is ended, by its time or its gas, and those behind it come", async () => {
  // JUMPDEST, 0, JUMP: until its gas is used up, unless somebody ends it.
  const endless = addressOf("invalid").replace(/.$/, "f") as Hex;
  await rpc(chain, "anvil_setCode", endless, "0x5b600056");
  const call = (to: Hex): PreparedCall => ({ to, data: "0x", block: "latest" });
  const executor = new EvmExecutor({ url: chain.rpcUrl, chainId: 138, threads: 1, timeoutMs: 5_000 });
  const outcomes: Outcome[] = [];
  for await (const outcome of executor.execute([
    call(addressOf("telling")),
    call(endless),
    call(addressOf("telling")),
  ])) {
    outcomes.push(outcome);
  }
  expect([outcomes[0]?.kind, outcomes[2]?.kind]).toEqual(["returned", "returned"]);
  expect(["failed", "reverted"]).toContain(outcomes[1]?.kind);
});

test("a node that goes away is a transport error of each item, not a crash", async () => {
  const executor = new EvmExecutor({ url: "http://127.0.0.1:9", chainId: 138, threads: 2, timeoutMs: 3_000 });
  const outcomes: Outcome[] = [];
  for await (const outcome of executor.execute([{ to: owner, data: "0x", block: "0x1" }])) outcomes.push(outcome);
  expect(outcomes).toMatchObject([{ kind: "failed", reason: expect.stringMatching(/state: |timeout/) }]);
});

test("with an isolation in which items see each other it is refused", async () => {
  const given = { contract: owner, function: "f()", rpc: chain.rpcUrl, backend: "evm", isolation: "shared" } as const;
  await expect(runItems([{ args: [] }], given)).rejects.toMatchObject({ exitCode: 2 });
});
