import { rmSync } from "node:fs";
import { join } from "node:path";
import type { KillPoint } from "../../contracts/deploy/kill-points";
import { compileContracts } from "../../contracts/compile";
import { deployer, startChain138, transactionsOf, withChain, withFolder } from "./support/chains";
import { allPoints, hows, killAndResume, type How, type KillAt } from "./support/kill-sweep";
import { deployAll } from "./support/programs";

jest.setTimeout(300_000);
beforeAll(() => void compileContracts(() => undefined), 60_000);

/** Of the nine transactions and of the journal's lines; `npm run sweep:contracts` takes every point there is. */
const points = allPoints.filter((point) => /^(after-sign|after-send):|^torn-write:([1-9]|1[0-9])$/.test(point));

test(`killed at each of ${points.length} points, apart and as one by turns, and run again: nine contracts, nine transactions`, () =>
  withChain(startChain138(), async (chain) => {
    const wrong: [How, KillAt, string][] = [];
    let killed = 0;
    for (const [index, point] of points.entries()) {
      const how = hows[index % hows.length]!;
      const found = await killAndResume(chain, point, how);
      if (found.killed) killed += 1;
      for (const problem of found.problems) wrong.push([how, point, problem]);
    }
    expect(wrong).toEqual([]);
    // The last lines of a journal are fewer when processes share a preflight.
    expect(killed).toBeGreaterThanOrEqual(30);
  }));

test.each<[string, KillPoint, boolean]>([
  ["between the journal and sending, the journal kept", "after-journal", false],
  ["between sending and the receipt, the journal deleted", "after-send", true],
])("nine programs killed %s: nine contracts, nine transactions", (_, killAt, deleted) =>
  withFolder((journal) =>
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
  ),
);
