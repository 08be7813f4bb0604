import fc from "fast-check";

import { ChainLedger } from "../../../../operations/exporter/ledger";
import { account, qbftChain } from "../../../support/qbft-chain";

const five = [1, 2, 3, 4, 5].map(account);

function read(...args: Parameters<typeof qbftChain>) {
  const [genesis, ...blocks] = qbftChain(...args);
  const ledger = new ChainLedger(genesis!);
  return { ledger, facts: blocks.map((block) => ledger.add(block)) };
}

test("a healthy chain: everybody proposes in turn and misses nothing", () => {
  const { ledger, facts } = read(five, 101);

  expect([...ledger.proposers.values()]).toEqual(
    five.map((_, i) => ({ proposed: 20, missed: 0, lastProposed: 96 + i })),
  );
  expect(facts.every(({ round, intervalSeconds }) => round === 0 && intervalSeconds === 2)).toBe(true);
});

test("a validator that is away misses each of its turns, and nobody else does", () => {
  const away = [account(3)];
  const at = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [i + 1, { away }]));
  const { ledger, facts } = read(five, 41, { at });

  const missed = five.map((address) => ledger.proposers.get(address)!.missed);
  expect(missed).toEqual([0, 0, 10, 0, 0]);
  expect(ledger.proposers.get(account(3))).toMatchObject({ proposed: 0, lastProposed: undefined });
  expect(facts.filter(({ round }) => round === 1)).toHaveLength(10);
});

test("a validator that joins, and one that leaves, are told of at the block from which they count", () => {
  const at = { 4: { validators: [...five, account(6)] }, 9: { validators: five.slice(1).concat(account(6)) } };
  const { ledger, facts } = read(five, 20, { at });

  expect(facts.flatMap(({ number, added }) => added.map((address) => [number, address]))).toEqual([[4, account(6)]]);
  expect(facts.flatMap(({ number, removed }) => removed.map((address) => [number, address]))).toEqual([
    [9, account(1)],
  ]);
  expect(ledger.validators).toHaveLength(5);
  expect(ledger.proposers.size).toBe(6);
});

test("refuses a block that is not the next one, and counts nothing of it", () => {
  const [genesis, one, two] = qbftChain(five, 3);
  const ledger = new ChainLedger(genesis!);

  expect(() => ledger.add(two!)).toThrow("Block 2 does not follow block 0");
  expect(ledger.add(one!)).toMatchObject({ number: 1 });
});

test("every block has one proposer, and a missed turn for each of its rounds, whoever is away", () => {
  const aways = fc.array(fc.subarray(five, { maxLength: 4 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(aways, (list) => {
      const at = Object.fromEntries(list.map((away, i) => [i + 1, { away }]));
      const { ledger, facts } = read(five, list.length + 1, { at });
      const records = [...ledger.proposers.values()];

      expect(records.reduce((sum, { proposed }) => sum + proposed, 0)).toBe(list.length);
      expect(records.reduce((sum, { missed }) => sum + missed, 0)).toBe(
        facts.reduce((sum, { round }) => sum + round, 0),
      );
      facts.forEach(({ missed }, i) => expect(list[i]).toEqual(expect.arrayContaining([...missed])));
    }),
  );
});
