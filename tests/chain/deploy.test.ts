import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CREATE2_FACTORY_ADDRESS } from "../../besu/genesis";
import { compileContracts } from "../../contracts/compile";
import type { DeployResult } from "../../contracts/deploy/deploy";
import type { Chain } from "../../rehearsal/chains";
import {
  deployer,
  deployerKey,
  rpc,
  startChain1,
  startChain138,
  transactionsOf,
  withChain,
  withFolder,
} from "./support/chains";
import { deployAllHere } from "./support/in-process";
import { contractsOf, deployAll, deployOne } from "./support/programs";

jest.setTimeout(120_000);
beforeAll(() => void compileContracts(() => undefined), 60_000);

const upTo = (count: number): number[] => [...Array(count).keys()];

describe("nine contracts from one key, all at once", () => {
  // Every third run mines at intervals, so that several transactions wait in the pool at the same time.
  const run = (number: number, deployments: (given: { chain: Chain; journal: string }) => Promise<DeployResult[]>) =>
    withFolder((journal) =>
      withChain(startChain138({ blockTimeSeconds: number % 3 === 0 ? 0.25 : 0 }), async (chain) => {
        const results = await deployments({ chain, journal });

        expect(results.map(({ nonce }) => nonce).sort()).toEqual(upTo(9));
        expect(results.every(({ adopted }) => !adopted)).toBe(true);
        const transactions = await transactionsOf(chain, deployer.address);
        expect(transactions.map(({ nonce }) => nonce)).toEqual(upTo(9));
        expect(transactions.every(({ succeeded }) => succeeded)).toBe(true);
        for (const { address } of results) expect(await rpc(chain, "eth_getCode", address, "latest")).not.toBe("0x");
      }),
    );

  test.each(upTo(6))("run %i, by nine programs: consecutive nonces and no failure", (number) =>
    run(number, async (given) => {
      const runs = await deployAll(given);
      expect(runs.filter(({ code }) => code !== 0).map(({ stderr }) => stderr)).toEqual([]);
      return runs.map(({ result }) => result);
    }),
  );

  // A program's start is most of what it costs; the rest is the same.
  test.each(upTo(14))("run %i, within one program: consecutive nonces and no failure", (number) =>
    run(number, deployAllHere),
  );
});

test("chain 1 gets its seven contracts, and fees are paid", async () => {
  await withFolder((journal) =>
    withChain(startChain1(), async (chain) => {
      const before = BigInt(await rpc<string>(chain, "eth_getBalance", deployer.address, "latest"));
      const runs = await deployAll({ chain, journal });
      expect(runs.filter(({ code }) => code !== 0).map(({ stderr }) => stderr)).toEqual([]);
      expect(runs.map(({ result }) => result.nonce).sort()).toEqual(upTo(7));
      const after = BigInt(await rpc<string>(chain, "eth_getBalance", deployer.address, "latest"));
      expect(after < before).toBe(true);
    }),
  );
});

test("a second run sends nothing and adopts all nine, with their transactions", async () => {
  await withFolder((journal) =>
    withChain(startChain138(), async (chain) => {
      const first = await deployAll({ chain, journal });
      const second = await deployAll({ chain, journal });

      expect(second.map(({ code }) => code)).toEqual(Array(9).fill(0));
      expect(second.every(({ result }) => result.adopted)).toBe(true);
      expect(second.map(({ result }) => result.transaction)).toEqual(first.map(({ result }) => result.transaction));
      expect(await transactionsOf(chain, deployer.address)).toHaveLength(9);
    }),
  );
});

test("two deployments of the same contract at the same moment make one", async () => {
  await withFolder((journal) =>
    withChain(startChain138({ blockTimeSeconds: 0.25 }), async (chain) => {
      const runs = await Promise.all(upTo(4).map(() => deployOne("WETH9", { chain, journal })));
      expect(runs.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
      expect(new Set(runs.map(({ result }) => result.transaction)).size).toBe(1);
      expect(await transactionsOf(chain, deployer.address)).toHaveLength(1);
    }),
  );
});

test("the key is neither in the output nor in the journal", async () => {
  await withFolder((journal) =>
    withChain(startChain138(), async (chain) => {
      const run = await deployOne("WETH9", { chain, journal });
      const written = readFileSync(join(journal, "chain138.jsonl"), "utf8");
      for (const text of [run.stdout, run.stderr, written]) expect(text).not.toContain(deployerKey.slice(2));
    }),
  );
});

test("the journal is one readable line for each event, and begins with the chain", async () => {
  await withFolder((journal) =>
    withChain(startChain138(), async (chain) => {
      await deployOne("WETH9", { chain, journal });
      const lines = readFileSync(join(journal, "chain138.jsonl"), "utf8").trimEnd().split("\n");
      const { hash } = await rpc<{ hash: string }>(chain, "eth_getBlockByNumber", "0x0", false);
      expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
        { type: "chain", chain: "chain138", chainId: 138, genesisHash: hash },
        { type: "preflight", how: "simulated" },
        { type: "signed", name: "chain138-weth9", sender: deployer.address, nonce: 0 },
        { type: "mined", name: "chain138-weth9", status: "success" },
      ]);
    }),
  );
});

test("every deployment goes through the factory of the genesis", async () => {
  await withFolder((journal) =>
    withChain(startChain138(), async (chain) => {
      await Promise.all(
        contractsOf("chain138")
          .slice(0, 2)
          .map((name) => deployOne(name, { chain, journal })),
      );
      const targets = (await transactionsOf(chain, deployer.address)).map(({ to }) => to?.toLowerCase());
      expect(new Set(targets)).toEqual(new Set([CREATE2_FACTORY_ADDRESS.toLowerCase()]));
    }),
  );
});
