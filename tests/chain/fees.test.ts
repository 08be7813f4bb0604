import { readFileSync } from "node:fs";
import { join } from "node:path";
import { numberToHex, type Hex } from "viem";
import { feesOf } from "../../contracts/deploy/fees";
import type { JournalLine, SignedLine } from "../../contracts/deploy/journal-lines";
import { policyOf } from "../../contracts/deploy/policy";
import type { Chain } from "../../rehearsal/chains";
import {
  deployer,
  eventually,
  rpc,
  startChain1,
  startChain138,
  transactionsOf,
  withChain,
  withFolder,
} from "./support/chains";
import { deployAllHere, deployHere, planOf } from "./support/in-process";

jest.setTimeout(120_000);
beforeAll(() => void planOf("chain1"), 60_000);

const gwei = (amount: number): Hex => numberToHex(BigInt(amount) * 10n ** 9n);
const within1 = (work: (chain: Chain, journal: string) => Promise<void>): Promise<void> =>
  withFolder((journal) => withChain(startChain1(), (chain) => work(chain, journal)));
const signedIn = (journal: string, chain = "chain1"): SignedLine[] =>
  readFileSync(join(journal, `${chain}.jsonl`), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as JournalLine)
    .filter((line): line is SignedLine => line.type === "signed");
const raiseBaseFee = async (chain: Chain, amount: number): Promise<void> => {
  await rpc(chain, "anvil_setNextBlockBaseFeePerGas", gwei(amount));
  await rpc(chain, "evm_mine");
};

describe("bounds", () => {
  test("a network that asks for more is refused, with both figures, and nothing is signed", () =>
    within1(async (chain, journal) => {
      await raiseBaseFee(chain, 100);
      const policy = policyOf({ maxFeeGwei: 20 });
      await expect(deployHere("WETH9", { chain, journal, policy })).rejects.toThrow(
        /The network asks 8\d\.\d+ gwei for gas; at most 20 is allowed|asks 101 gwei/,
      );
      expect(signedIn(journal)).toEqual([]);
      expect(await transactionsOf(chain, deployer.address)).toEqual([]);
    }));

  test("what is signed keeps them, and the next run goes on when the fee has fallen", () =>
    within1(async (chain, journal) => {
      await raiseBaseFee(chain, 100);
      const policy = policyOf({ maxFeeGwei: 20, maxPriorityFeeGwei: 0.5 });
      await expect(deployHere("WETH9", { chain, journal, policy })).rejects.toThrow("at most 20 is allowed");
      await raiseBaseFee(chain, 12);
      await deployHere("WETH9", { chain, journal, policy });
      const [line] = signedIn(journal);
      const { maxFeePerGas, maxPriorityFeePerGas } = feesOf(line!.transaction);
      expect(maxFeePerGas).toBe(20n * 10n ** 9n);
      expect(maxPriorityFeePerGas).toBe(5n * 10n ** 8n);
    }));

  test("a chain without fees takes transactions that offer nothing", () =>
    withFolder((journal) =>
      withChain(startChain138(), async (chain) => {
        await deployHere("WETH9", { chain, journal });
        expect(signedIn(journal, "chain138").map((line) => feesOf(line.transaction))).toEqual([
          { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n },
        ]);
      }),
    ));
});

describe("a stuck transaction", () => {
  /** Even replaced, it offers less than the 100 gwei at which the blocks below are made. */
  const patient = policyOf({ replaceAfterBlocks: 2, maxFeeGwei: 50 });

  /** A block at 100 gwei, which has none of ours; then the pool takes what offers 30. */
  async function mineEmpty(chain: Chain): Promise<void> {
    await raiseBaseFee(chain, 100);
    await rpc(chain, "anvil_setNextBlockBaseFeePerGas", gwei(30));
  }

  test("is replaced by the same call and nonce with a tenth more; one deployment comes of it", () =>
    within1(async (chain, journal) => {
      await rpc(chain, "evm_setAutomine", false);
      const said: string[] = [];
      const running = deployHere("WETH9", { chain, journal, policy: patient, said });
      const first = await pooled(chain, journal, 0);
      // The base fee jumps above what was offered, so that blocks leave it out.
      const replaced = await eventually("it is replaced", async () => {
        await mineEmpty(chain);
        return signedInOrNone(journal)[1];
      });
      const [old, raised] = [feesOf(first.transaction), feesOf(replaced.transaction)];
      expect(replaced).toMatchObject({ nonce: first.nonce, address: first.address });
      expect(raised.maxFeePerGas * 10n >= old.maxFeePerGas * 11n).toBe(true);
      expect(raised.maxPriorityFeePerGas * 10n >= old.maxPriorityFeePerGas * 11n).toBe(true);
      await pooled(chain, journal, 1);
      await rpc(chain, "anvil_setNextBlockBaseFeePerGas", gwei(1));
      await rpc(chain, "evm_mine");
      const result = await running;

      expect(said.join("\n")).toContain("replacing it with higher fees");
      expect(signedIn(journal).map(({ hash }) => hash)).toContain(result.transaction);
      expect(await transactionsOf(chain, deployer.address)).toMatchObject([{ nonce: 0, succeeded: true }]);
    }));

  test("whose old version is mined after all is still the one deployment", () =>
    within1(async (chain, journal) => {
      await rpc(chain, "evm_setAutomine", false);
      const running = deployHere("WETH9", { chain, journal, policy: patient });
      const first = await pooled(chain, journal, 0);
      const replaced = await eventually("it is replaced", async () => {
        await mineEmpty(chain);
        return signedInOrNone(journal)[1];
      });
      // Another node has the old one only.
      await pooled(chain, journal, 1);
      await rpc(chain, "anvil_dropTransaction", replaced.hash);
      await rpc(chain, "anvil_setNextBlockBaseFeePerGas", gwei(1));
      await rpc(chain, "eth_sendRawTransaction", first.transaction);
      await rpc(chain, "evm_mine");
      const result = await running;
      expect(await transactionsOf(chain, deployer.address)).toHaveLength(1);
      expect([first.hash, replaced.hash]).toContain(result.transaction);
    }));

  test("above the bounds is left as it is, and says why it is late", () =>
    within1(async (chain, journal) => {
      await rpc(chain, "evm_setAutomine", false);
      const policy = policyOf({ replaceAfterBlocks: 1, maxFeeGwei: 2.2 });
      const running = deployHere("WETH9", { chain, journal, policy, timeoutMs: 4_000 });
      const outcome = running.then(
        () => "deployed",
        (error: unknown) => String(error),
      );
      await pooled(chain, journal, 0);
      for (let block = 0; block < 4; block++) await mineEmpty(chain);
      expect(await outcome).toMatch(/is not in a block after .* higher fees than are allowed/);
      expect(signedIn(journal)).toHaveLength(1);
    }));

  test("of several in line only the first is replaced, by whoever waits, and all come", () =>
    within1(async (chain, journal) => {
      await rpc(chain, "evm_setAutomine", false);
      const running = Promise.all(
        (["WETH9", "WETH10", "Multicall3"] as const).map((name) =>
          deployHere(name, { chain, journal, policy: patient }),
        ),
      );
      await pooled(chain, journal, 2);
      await eventually("one is replaced", async () => {
        await mineEmpty(chain);
        return signedInOrNone(journal).length > 3 ? true : undefined;
      });
      await rpc(chain, "anvil_setNextBlockBaseFeePerGas", gwei(1));
      await rpc(chain, "evm_setIntervalMining", 1);
      const results = await running;
      expect(new Set(results.map(({ nonce }) => nonce))).toEqual(new Set([0, 1, 2]));
      expect((await transactionsOf(chain, deployer.address)).map(({ nonce }) => nonce)).toEqual([0, 1, 2]);
      const replaced = signedIn(journal).slice(3);
      expect(replaced.every(({ nonce }) => nonce === 0)).toBe(true);
    }));

  /** Ours of this place in the journal, once the pool has it. */
  const pooled = (chain: Chain, journal: string, place: number): Promise<SignedLine> =>
    eventually(`transaction ${place} is in the pool`, async () => {
      const line = signedInOrNone(journal)[place];
      const known = line && (await rpc(chain, "eth_getTransactionByHash", line.hash));
      return known == null ? undefined : line;
    });

  const signedInOrNone = (journal: string): SignedLine[] => {
    try {
      return signedIn(journal);
    } catch {
      return [];
    }
  };
});

describe("a reorganisation", () => {
  const deep = policyOf({ confirmations: 3 });

  test("that drops a deployment before its depth: the same transaction is sent again", () =>
    withFolder((journal) =>
      withChain(startChain138(), async (chain) => {
        await rpc(chain, "anvil_mine", "0x5");
        const said: string[] = [];
        const running = deployHere("WETH9", { chain, journal, policy: deep, said });
        const [line] = await eventually("it is mined", async () => {
          const code = await rpc(
            chain,
            "eth_getCode",
            planOf("chain138").find((p) => p.contract === "WETH9")!.address,
            "latest",
          );
          return code === "0x" ? undefined : signedIn(journal, "chain138");
        });
        await rpc(chain, "anvil_reorg", { depth: 1, tx_block_pairs: [] }).catch(() => rpc(chain, "anvil_reorg", 1, []));
        expect(await rpc(chain, "eth_getTransactionReceipt", line!.hash)).toBeNull();
        await rpc(chain, "evm_setIntervalMining", 1);
        const result = await running;
        expect(said.join("\n")).toContain("dropped by a reorganisation");
        expect(result.transaction).toBe(line!.hash);
        const receipt = await rpc<{ blockNumber: Hex }>(chain, "eth_getTransactionReceipt", line!.hash);
        expect(Number(receipt.blockNumber)).toBe(result.block);
        expect(Number(await rpc(chain, "eth_blockNumber")) - result.block! + 1).toBeGreaterThanOrEqual(3);
        expect(await transactionsOf(chain, deployer.address)).toHaveLength(1);
      }),
    ));

  test("of all nine: each comes again, once", () =>
    withFolder((journal) =>
      withChain(startChain138(), async (chain) => {
        const beginning = await rpc(chain, "evm_snapshot");
        // All in one block, and none after it: none of them is deep enough before the reorganisation.
        await rpc(chain, "evm_setAutomine", false);
        const running = deployAllHere({ chain, journal, policy: deep, mode: "dataflow" });
        await eventually("nine are in the pool", async () => {
          const { pending } = await rpc<{ pending: Hex }>(chain, "txpool_status");
          return Number(pending) === 9 ? true : undefined;
        });
        await rpc(chain, "evm_mine");
        expect(await transactionsOf(chain, deployer.address)).toHaveLength(9);
        // Back before them all: what was mined is in no pool either.
        await rpc(chain, "evm_revert", beginning);
        await rpc(chain, "evm_setIntervalMining", 1);
        const results = await running;
        expect(results.map(({ nonce }) => nonce).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
        const sent = await transactionsOf(chain, deployer.address);
        expect(sent.map(({ nonce }) => nonce)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
        expect(sent.every(({ succeeded }) => succeeded)).toBe(true);
      }),
    ));

  test("a contract that is there already counts from the same depth", () =>
    withFolder((journal) =>
      withChain(startChain138(), async (chain) => {
        await deployHere("WETH9", { chain, journal });
        const patient = deployHere("WETH9", { chain, journal, policy: deep, timeoutMs: 1_000 });
        await expect(patient).rejects.toThrow("not yet under 3 blocks");
        await rpc(chain, "anvil_mine", "0x3");
        expect(await deployHere("WETH9", { chain, journal, policy: deep })).toMatchObject({ adopted: true, block: 1 });
      }),
    ));
});
