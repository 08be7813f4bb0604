import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { concat, encodeFunctionData, getCreate2Address, parseAbi, type Address, type Hex } from "viem";
import { CREATE2_FACTORY_ADDRESS } from "../../besu/genesis";
import { compileContracts } from "../../contracts/compile";
import { accessOf } from "../../execution/analyse/access-sets";
import { weigh } from "../../execution/analyse/analysis";
import { recordBlocks } from "../../execution/analyse/node/record-blocks";
import { type Method, METHODS, type RecordedBlock } from "../../execution/analyse/recorded";
import { asAnalysis } from "../../execution/analyse/schema";
import { anvilBinary, type Chain } from "../../rehearsal/chains";
import { rpc, startChain138, withChain, withFolder } from "./support/chains";
import { deployOne, runMeridian } from "./support/programs";

jest.setTimeout(120_000);
beforeAll(() => void compileContracts(() => undefined), 60_000);

const people = Array.from({ length: 8 }, (_, i): Address => `0x${String(i + 1).repeat(40)}`);
const [alice, bob, carol, dave, erin, frank, grace, heidi] = people as [
  Address,
  Address,
  Address,
  Address,
  Address,
  Address,
  Address,
  Address,
];

const weth = parseAbi([
  "function deposit() payable",
  "function transfer(address,uint256)",
  "function balanceOf(address) view returns (uint256)",
  "function totalSupply() view returns (uint256)",
]);
const deposit = encodeFunctionData({ abi: weth, functionName: "deposit" });
const transfer = (to: Address, amount = 1n) =>
  encodeFunctionData({ abi: weth, functionName: "transfer", args: [to, amount] });

interface Call {
  readonly from: Address;
  readonly to?: Address;
  readonly data?: Hex;
  readonly value?: Hex;
}

/** Mines all of them into one block, in this order. */
async function mine(chain: Chain, calls: readonly Call[]): Promise<number> {
  await rpc(chain, "evm_setAutomine", false);
  for (const call of calls) await rpc(chain, "eth_sendTransaction", { gas: "0x30d40", gasPrice: "0x0", ...call });
  await rpc(chain, "evm_mine");
  const block = await rpc<{ number: Hex; transactions: Hex[] }>(chain, "eth_getBlockByNumber", "latest", false);
  expect(block.transactions).toHaveLength(calls.length);
  return Number(block.number);
}

/** Everybody of `people` has money, and may be spoken for. */
async function settle(chain: Chain): Promise<void> {
  await rpc(chain, "anvil_autoImpersonateAccount", true);
  for (const person of people) await rpc(chain, "anvil_setBalance", person, "0xde0b6b3a7640000");
}

/** anvil tells the instructions of a transaction only when it is started so. */
function tracingAnvil(folder: string): string {
  const path = join(folder, "anvil");
  writeFileSync(path, `#!/bin/sh\nexec '${anvilBinary()}' --steps-tracing "$@"\n`, { mode: 0o755 });
  return path;
}

const withWeth = (work: (chain: Chain, journal: string, token: Address) => Promise<void>): Promise<void> =>
  withFolder((journal) =>
    withChain(startChain138({ anvil: tracingAnvil(journal) }), async (chain) => {
      await settle(chain);
      const { result } = await deployOne("WETH9", { chain, journal });
      await work(chain, journal, result.address);
    }),
  );

const waitsOf = (recorded: RecordedBlock): number[][] =>
  weigh(accessOf(recorded).transactions).graph.map((needed) => [...new Set(needed.map(({ on }) => on))].sort());

/** A block as the node tells it. */
async function recordOf(chain: Chain, block: number, methods: readonly Method[] = METHODS) {
  const { blocks } = await recordBlocks({ rpcUrl: chain.rpcUrl, blocks: String(block), methods });
  for await (const one of blocks) return one;
  throw new Error("no block");
}

const view = (functionName: "balanceOf" | "totalSupply", ...args: Address[]) =>
  encodeFunctionData({ abi: weth, functionName, args: args as never });

test("tells from anvil's traces who waits for whom: by slot, by nonce, by what was only read, by a balance looked at", () =>
  withWeth(async (chain, _, to) => {
    const deposits = await mine(
      chain,
      people.map((from) => ({ from, to, data: deposit, value: "0x64" })),
    );
    // Each adds to the contract's balance, which nobody looks at.
    expect(waitsOf((await recordOf(chain, deposits)).recorded)).toEqual(people.map(() => []));

    const calls = await mine(chain, [
      { from: alice, to, data: transfer(bob) },
      { from: carol, to, data: transfer(dave) },
      { from: bob, to, data: transfer(erin) }, // bob's tokens, which alice changed
      { from: frank, to: grace, value: "0x1" },
      { from: frank, to: heidi, value: "0x1" }, // frank's nonce
      { from: grace, to, data: view("balanceOf", dave) }, // only reads what carol changed
      { from: erin, to, data: deposit, value: "0x1" },
      { from: heidi, to, data: view("totalSupply") }, // looks at the contract's balance
    ]);
    const expected = [[], [], [0], [], [3], [1], [2], [6]];
    for (const method of METHODS.slice(0, 3)) {
      const found = await recordOf(chain, calls, [method]);
      expect([found.method, waitsOf(found.recorded)]).toEqual([method, expected]);
    }
    // With the diff alone, what is only read is forgotten: the test above would notice.
    const { recorded } = await recordOf(chain, calls);
    const broken = waitsOf({ ...recorded, prestate: recorded.diff?.map(({ pre }) => pre) });
    expect(broken[5]).toEqual([]);
  }));

test("lets creations by CREATE2 through one factory go at once, and a call wait for its contract's creation", () =>
  withChain(startChain138(), async (chain) => {
    await settle(chain);
    const initCode: Hex = "0x6001600c60003960016000f300"; // runtime code: STOP
    const salts = ([1, 2, 3] as const).map((n): Hex => `0x${String(n).padStart(64, "0")}`);
    const [made] = salts.map((salt) => getCreate2Address({ from: CREATE2_FACTORY_ADDRESS, salt, bytecode: initCode }));
    const block = await mine(chain, [
      ...salts.map((salt, i) => ({ from: people[i]!, to: CREATE2_FACTORY_ADDRESS, data: concat([salt, initCode]) })),
      { from: dave, to: made! },
      { from: erin, data: initCode },
    ]);
    expect(waitsOf((await recordOf(chain, block)).recorded)).toEqual([[], [], [], [0], []]);
  }));

test("a node without these methods is told, with what each of them answered", () =>
  withChain(startChain138(), async (chain) => {
    await settle(chain);
    const block = await mine(chain, [{ from: alice, to: bob, value: "0x1" }]);
    await expect(recordOf(chain, block, ["eth_getBlockAccessList"])).rejects.toMatchObject({
      message: `The node does not tell what the transactions of block ${block} touched.`,
      hint: expect.stringContaining("eth_getBlockAccessList: Method not found") as string,
    });
  }));

test("the command names contracts and slots from the journal; a recording gives the same without the node", () =>
  withWeth(async (chain, journal, to) => {
    const first = await mine(
      chain,
      people.map((from) => ({ from, to, data: deposit, value: "0x64" })),
    );
    const last = await mine(chain, [
      { from: alice, to, data: transfer(bob) },
      { from: bob, to, data: transfer(carol) },
      { from: carol, to, data: transfer(alice) },
    ]);
    const [save, svg] = [join(journal, "blocks.json"), join(journal, "bound.svg")];
    const args = ["execution", "analyse", "--journal", journal];
    const node = ["--rpc", chain.rpcUrl, "--blocks", `${first}..${last}`];
    const told = await runMeridian([...args, ...node, "--save", save, "--svg", svg], {});
    expect(told.code).toBe(0);
    expect(told.stdout).toContain("WETH9 balanceOf[0x2222…2222]");
    expect(told.stdout).toMatch(/^total +11 /m);
    expect(readFileSync(svg, "utf8")).toContain("without WETH9");

    const json = await runMeridian([...args, "--file", save, "--json"], {});
    const analysis = asAnalysis(JSON.parse(json.stdout));
    expect(analysis.total).toMatchObject({ blocks: 2, transactions: 11 });
    expect(analysis.blocks[1]).toMatchObject({ number: last, components: 1, largestComponent: 3 });
    expect(analysis.hotAccounts[0]).toMatchObject({ address: to.toLowerCase(), contract: "WETH9", transactions: 2 });
  }));
