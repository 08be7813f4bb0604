import { rmSync } from "node:fs";
import { join } from "node:path";
import type { KillPoint } from "../../contracts/deploy/kill-points";
import { compileContracts } from "../../contracts/compile";
import { deployer, startChain138, transactionsOf, withChain, withFolder } from "./support/chains";
import { deployAll } from "./support/programs";

jest.setTimeout(120_000);
beforeAll(() => void compileContracts(() => undefined), 60_000);

/** Between which steps the process dies, by SIGKILL, while it holds the lock or waits. */
const kills: [string, KillPoint][] = [
  ["before it signs", "before-sign"],
  ["between signing and the journal", "after-sign"],
  ["between the journal and sending", "after-journal"],
  ["between sending and the receipt", "after-send"],
  ["after the receipt, before the result", "after-receipt"],
];

describe.each(kills)("all nine killed %s", (_, killAt) => {
  test.each([
    ["kept", false],
    ["deleted", true],
  ])("and run again with the journal %s: nine contracts, nine transactions", async (_name, deleted) => {
    await withFolder((journal) =>
      withChain(startChain138({ blockTimeSeconds: 0.25 }), async (chain) => {
        const killed = await deployAll({ chain, journal, killAt });
        expect(killed.map(({ signal }) => signal)).toEqual(Array(9).fill("SIGKILL"));
        if (deleted) rmSync(join(journal, "chain138.jsonl"));

        const again = await deployAll({ chain, journal });

        expect(again.filter(({ code }) => code !== 0).map(({ stderr }) => stderr)).toEqual([]);
        expect(new Set(again.map(({ result }) => result.address)).size).toBe(9);
        const transactions = await transactionsOf(chain, deployer.address);
        expect(transactions.map(({ nonce }) => nonce)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
        expect(transactions.every(({ succeeded }) => succeeded)).toBe(true);
      }),
    );
  });
});
