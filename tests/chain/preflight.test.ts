import { readFileSync } from "node:fs";
import { join } from "node:path";
import { getCreate2Address, zeroAddress, type Hex } from "viem";
import { CREATE2_FACTORY_ADDRESS } from "../../besu/genesis";
import { connect } from "../../contracts/client";
import { compileContracts } from "../../contracts/compile";
import { planChain, type PlannedContract, type SuiteSettings } from "../../contracts/plan";
import { UndeployableError } from "../../contracts/preflight/foresee";
import { preflight } from "../../contracts/preflight/preflight";
import type { Chain } from "../../rehearsal/chains";
import { deployer, owner, startChain138, transactionsOf, withChain, withFolder } from "./support/chains";
import { deployAll, deployOne } from "./support/programs";
import { withProxy } from "./support/proxy";

jest.setTimeout(120_000);
beforeAll(() => void compileContracts(() => undefined), 60_000);

const within138 = (work: (chain: Chain, journal: string) => Promise<void>): Promise<void> =>
  withFolder((journal) => withChain(startChain138(), (chain) => work(chain, journal)));
const plan = (settings: Partial<SuiteSettings> = {}): PlannedContract[] =>
  planChain("chain138", { owner, ...settings }, "test", compileContracts());
const withoutSimulation = (method: string) =>
  method === "eth_simulateV1" ? { code: -32601, message: "Method not found" } : undefined;

test("nine contracts are tried in one request, and the gas is what they use", () =>
  within138(async (chain, journal) => {
    const found = await withProxy(chain.rpcUrl, async ({ rpcUrl, methods }) => {
      const result = await preflight(connect(rpcUrl), plan(), deployer.address);
      expect(methods).toEqual(["eth_simulateV1"]);
      return result;
    });
    expect(found.missing.toSorted()).toEqual(
      plan()
        .map(({ name }) => name)
        .sort(),
    );
    const used = (await deployAll({ chain, journal })).reduce((sum, { result }) => sum + (result.gasUsed ?? 0), 0);
    expect(Number(found.gas)).toBe(used);
  }));

test("what is there already is not missing", () =>
  within138(async (chain, journal) => {
    await deployOne("WETH9", { chain, journal });
    const { missing } = await preflight(connect(chain.rpcUrl), plan(), deployer.address);
    expect(missing).toHaveLength(8);
    expect(missing).not.toContain("chain138-weth9");
    await deployAll({ chain, journal });
    expect(await preflight(connect(chain.rpcUrl), plan(), deployer.address)).toMatchObject({ missing: [], gas: 0n });
  }));

test("a mistake anywhere in the graph stops the first transaction, and names contract and argument", () =>
  within138(async (chain, journal) => {
    const run = await deployOne("WETH9", { chain, journal, owner: zeroAddress });
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(`The constructor of MultiSig reverts: InvalidOwner(${zeroAddress})`);
    expect(run.stderr).toContain(`The argument it tells of: owners_ = ${zeroAddress} (setting signers).`);
    expect(run.stderr).toContain("Nothing was sent.");
    expect(await transactionsOf(chain, deployer.address)).toEqual([]);
    expect(readFileSync(join(journal, "chain138.jsonl"), "utf8")).not.toContain('"signed"');
  }));

test("the graph is tried once; later deployments rely on the journal", () =>
  within138(async (chain, journal) => {
    await withProxy(chain.rpcUrl, async ({ rpcUrl, methods }) => {
      for (const name of ["WETH9", "WETH10", "MultiSig"] as const) {
        expect((await deployOne(name, { chain: { ...chain, rpcUrl }, journal })).code).toBe(0);
      }
      expect(methods.filter((method) => method === "eth_simulateV1")).toHaveLength(1);
      // Another graph is tried again.
      expect((await deployOne("WETH9", { chain: { ...chain, rpcUrl }, journal, salt: "other" })).code).toBe(0);
      expect(methods.filter((method) => method === "eth_simulateV1")).toHaveLength(2);
    });
  }));

/** A contract of any init code at the address that belongs to it. */
const made = (name: string, initCode: Hex, batch = 0): PlannedContract => {
  const [any] = plan();
  const address = getCreate2Address({ from: CREATE2_FACTORY_ADDRESS, salt: any!.salt, bytecode: initCode });
  return { ...any!, name, contract: name, initCode, address, batch, constructorArguments: [] };
};

describe("state carries from constructor to constructor", () => {
  // Its constructor puts 1 into slot 0; its code gives slot 0.
  const store = made("Store", "0x6001600055600b6011600039600b6000f360005460005260206000f3");
  /** Its constructor calls the store and reverts unless it gives 1. */
  const reader = (address: Hex): PlannedContract =>
    made("Reader", `0x602060006000600073${address.slice(2)}5afa50600051600114602e5760006000fd5b60016000f3`, 1);

  test("a constructor may call a contract before it", () =>
    within138(async (chain) => {
      const graph = [store, reader(store.address)];
      expect(await preflight(connect(chain.rpcUrl), graph, deployer.address)).toMatchObject({
        missing: ["Store", "Reader"],
      });
    }));

  test("and is refused when that contract is not there", () =>
    within138(async (chain) => {
      const alone = preflight(connect(chain.rpcUrl), [reader(store.address)], deployer.address);
      await expect(alone).rejects.toThrow("The constructor of Reader reverts: without a reason");
    }));
});

test("a deployment that fails without a revert of its constructor is told as such", () =>
  within138(async (chain) => {
    // Its constructor leaves 0x6001 zero bytes of code: one more than EIP-170 allows.
    const large = made("Large", "0x6160015ff3");
    await expect(preflight(connect(chain.rpcUrl), [large], deployer.address)).rejects.toThrow(UndeployableError);
  }));

describe("a node without eth_simulateV1", () => {
  const on = <T>(chain: Chain, work: (rpcUrl: string) => Promise<T>): Promise<T> =>
    withProxy(chain.rpcUrl, ({ rpcUrl }) => work(rpcUrl), withoutSimulation);

  test("is asked contract by contract, and finds what can be found so", () =>
    within138(async (chain, journal) => {
      const found = await on(chain, (rpcUrl) => preflight(connect(rpcUrl), plan(), deployer.address));
      expect(found).toMatchObject({ how: "piecewise", gas: null });
      const bad = plan({ signers: [owner], threshold: 2 });
      const trying = on(chain, (rpcUrl) => preflight(connect(rpcUrl), bad, deployer.address));
      await expect(trying).rejects.toThrow("The constructor of MultiSig reverts: InvalidThreshold(2, 1)");

      const runs = await on(chain, (rpcUrl) => deployAll({ chain: { ...chain, rpcUrl }, journal }));
      expect(runs.map(({ code }) => code)).toEqual(Array(9).fill(0));
    }));
});
