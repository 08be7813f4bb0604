import { compileContracts } from "../../contracts/compile";
import { planChain } from "../../contracts/plan";
import type { Chain } from "../../rehearsal/chains";
import {
  deployer,
  eventually,
  genesis138,
  owner,
  rpc,
  startChain138,
  transactionsOf,
  withChain,
  withFolder,
} from "./support/chains";
import { deployChainHere } from "./support/in-process";
import { withProxy } from "./support/proxy";
import { deployAll, deployChainProgram, deployOne } from "./support/programs";

jest.setTimeout(120_000);
beforeAll(() => void compileContracts(() => undefined), 60_000);

const more = ["--mode", "dataflow"];

/** Lets transactions gather in the pool: a block is made when `count` of them are there, and not before. */
async function mineWhen(chain: Chain, count: number): Promise<void> {
  await eventually(`${count} transactions wait`, async () => {
    const { pending } = await rpc<{ pending: string }>(chain, "txpool_status");
    return Number(pending) === count ? true : undefined;
  });
  await rpc(chain, "evm_mine");
}
const stopMining = (chain: Chain): Promise<unknown> => rpc(chain, "evm_setAutomine", false);

/** Logical names by nonce, needs before what needs them. */
const isOrdered = (addresses: readonly string[]): boolean => {
  const plan = planChain(
    "chain138",
    { owner },
    "test",
    compileContracts(() => undefined),
  );
  const place = new Map(addresses.map((address, index) => [address, index]));
  const placeOf = (name: string): number => {
    const address = plan.find((each) => each.name === name)?.address ?? "";
    return place.get(address) ?? Infinity;
  };
  return plan.every(({ name, needs }) => needs.every((need) => placeOf(need) < placeOf(name)));
};

test("nine contracts at once stand in one block, each after what it needs", () =>
  withFolder((journal) =>
    withChain(startChain138({ blockTimeSeconds: 0 }), async (chain) => {
      await stopMining(chain);
      const running = deployAll({ chain, journal, more });
      await mineWhen(chain, 9);
      const runs = await running;

      expect(runs.filter(({ code }) => code !== 0).map(({ stderr }) => stderr)).toEqual([]);
      expect(new Set(runs.map(({ result }) => result.block)).size).toBe(1);
      expect((await transactionsOf(chain, deployer.address)).every(({ succeeded }) => succeeded)).toBe(true);
      const byNonce = runs.toSorted((a, b) => (a.result.nonce ?? 0) - (b.result.nonce ?? 0));
      expect(byNonce.map(({ result }) => result.nonce)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
      expect(isOrdered(byNonce.map(({ result }) => result.address))).toBe(true);
    }),
  ));

test("the whole chain as one: one simulation, one request that sends all, one block, and programs find it", () =>
  withFolder((journal) =>
    withChain(startChain138({ blockTimeSeconds: 0 }), async (chain) => {
      await stopMining(chain);
      await withProxy(chain.rpcUrl, async ({ rpcUrl, methods, requests }) => {
        const running = deployChainHere({ chain: { ...chain, rpcUrl }, journal, mode: "dataflow" });
        await mineWhen(chain, 9);
        const { contracts } = await running;

        expect(contracts.map(({ adopted }) => adopted)).toEqual(Array(9).fill(false));
        expect(new Set(contracts.map(({ block }) => block)).size).toBe(1);
        const byNonce = contracts.toSorted((a, b) => (a.nonce ?? 0) - (b.nonce ?? 0));
        expect(byNonce.map(({ nonce }) => nonce)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
        expect(isOrdered(byNonce.map(({ address }) => address))).toBe(true);
        expect(methods.filter((method) => method === "eth_simulateV1")).toHaveLength(1);
        expect(methods.filter((method) => method === "eth_sendRawTransaction")).toHaveLength(9);
        const waiting = methods.filter((method) => method === "eth_getTransactionReceipt").length / 9;
        expect(requests() - waiting).toBeLessThan(12);
      });
      await rpc(chain, "evm_setAutomine", true);
      const again = await deployChainProgram({ chain, journal });
      expect({ code: again.code, stderr: again.code === 0 ? "" : again.stderr }).toEqual({ code: 0, stderr: "" });
      expect(again.result.contracts.map(({ adopted }) => adopted)).toEqual(Array(9).fill(true));
      expect(await transactionsOf(chain, deployer.address)).toHaveLength(9);
    }),
  ));

test("what does not fit into a block goes into the next", () =>
  withFolder((journal) =>
    withChain(
      // The suite takes 8.6 million gas.
      startChain138({ blockTimeSeconds: 0, genesis: { ...genesis138, gasLimit: "0x4c4b40" } }),
      async (chain) => {
        await stopMining(chain);
        const running = deployChainHere({ chain, journal, mode: "dataflow" });
        await mineWhen(chain, 9);
        await rpc(chain, "evm_setIntervalMining", 1);
        const blocks = (await running).contracts.map(({ block }) => block);
        expect(new Set(blocks).size).toBeGreaterThan(1);
        expect((await transactionsOf(chain, deployer.address)).map(({ nonce }) => nonce)).toEqual([
          0, 1, 2, 3, 4, 5, 6, 7, 8,
        ]);
      },
    ),
  ));

test("the order is what the judge above looks for", () => {
  const plan = planChain(
    "chain138",
    { owner },
    "test",
    compileContracts(() => undefined),
  );
  const addresses = plan.map(({ address }) => address);
  expect(isOrdered(addresses)).toBe(true);
  expect(isOrdered(addresses.toReversed())).toBe(false);
});

test("one contract alone sends what it needs first; the others find it", () =>
  withFolder((journal) =>
    withChain(startChain138({ blockTimeSeconds: 0 }), async (chain) => {
      await stopMining(chain);
      const alone = deployOne("CCIPWETH9Bridge", { chain, journal, more });
      await mineWhen(chain, 5); // three independent ones, the router, the bridge
      expect(await alone).toMatchObject({ code: 0, result: { nonce: 4 } });

      await rpc(chain, "evm_setAutomine", true);
      const runs = await deployAll({ chain, journal, more });
      expect(runs.filter(({ code }) => code !== 0).map(({ stderr }) => stderr)).toEqual([]);
      const sentBefore = runs.filter(({ result }) => result.block === 1);
      expect(sentBefore.map(({ result }) => result.adopted)).toEqual(Array(5).fill(true));
      expect(await transactionsOf(chain, deployer.address)).toHaveLength(9);
    }),
  ));

test("killed after each step, and run again: nine contracts, nine transactions", async () => {
  for (const killAt of ["after-sign", "after-journal", "after-send"] as const) {
    await withFolder((journal) =>
      withChain(startChain138({ blockTimeSeconds: 0.25 }), async (chain) => {
        await deployAll({ chain, journal, more, killAt });
        const runs = await deployAll({ chain, journal, more });
        expect(runs.filter(({ code }) => code !== 0).map(({ stderr }) => stderr)).toEqual([]);
        const transactions = await transactionsOf(chain, deployer.address);
        expect(transactions.map(({ nonce }) => nonce)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
        expect(transactions.every(({ succeeded }) => succeeded)).toBe(true);
      }),
    );
  }
});

test("where the node cannot simulate, each waits until what it needs is mined", () =>
  withFolder((journal) =>
    withChain(startChain138({ blockTimeSeconds: 0 }), (chain) =>
      withProxy(
        chain.rpcUrl,
        async ({ rpcUrl }) => {
          const runs = await deployAll({ chain: { ...chain, rpcUrl }, journal, more });
          expect(runs.filter(({ code }) => code !== 0).map(({ stderr }) => stderr)).toEqual([]);
          const blockOf = (contract: string): number =>
            runs.find(({ result }) => result.contract === contract)?.result.block ?? NaN;
          expect(blockOf("WETH9")).toBeLessThan(blockOf("CCIPRouter"));
          expect(blockOf("CCIPRouter")).toBeLessThan(blockOf("CCIPWETH9Bridge"));
          expect(await transactionsOf(chain, deployer.address)).toHaveLength(9);
        },
        (method) => (method === "eth_simulateV1" ? { code: -32601, message: "Method not found" } : undefined),
      ),
    ),
  ));
