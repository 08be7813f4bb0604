import { deployer, rpc, startChain138, transactionsOf, withChain, withFolder } from "./support/chains";
import { withFaults } from "./support/fault-proxy";
import { deployAllHere, planOf } from "./support/in-process";

jest.setTimeout(120_000);
beforeAll(() => void planOf("chain138"), 60_000);

describe.each(["batches", "dataflow"] as const)(
  "an RPC that loses, delays, doubles and reorders answers, %s",
  (mode) => {
    test.each([1, 2])("seed %i: nine contracts, nine transactions, no nonce lost", (seed) =>
      withFolder((journal) =>
        withChain(startChain138({ blockTimeSeconds: 0.25 }), (chain) =>
          withFaults(chain.rpcUrl, seed, async ({ rpcUrl, done }) => {
            // Without barriers here, a contract whose needs are missing cannot be simulated: batch by batch.
            const plan = planOf("chain138");
            const given = { chain: { ...chain, rpcUrl }, journal, mode };
            if (mode === "dataflow") await deployAllHere(given);
            else {
              for (const batch of new Set(plan.map((each) => each.batch))) {
                await deployAllHere({ ...given, only: (each) => each.batch === batch });
              }
            }
            const sent = await transactionsOf(chain, deployer.address);
            expect(sent.map(({ nonce }) => nonce)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
            expect(sent.every(({ succeeded }) => succeeded)).toBe(true);
            for (const { address } of plan) expect(await rpc(chain, "eth_getCode", address, "latest")).not.toBe("0x");
            for (const [fault, times] of Object.entries(done)) expect([fault, times > 0]).toEqual([fault, true]);
          }),
        ),
      ),
    );
  },
);
