import fc from "fast-check";

import type { Hex } from "../../../../execution/state/hex";
import { words } from "./assembler";
import { childOf } from "./conflicts";
import { type Action, coinbase, contractNames, contracts, people } from "./world";

const someone = fc.constantFrom<Hex>(
  ...people.slice(0, 4),
  coinbase,
  contracts.counter,
  contracts.payer,
  contracts.destroys,
  childOf(0n),
  childOf(1n),
  "0x5555555555555555555555555555555555555555",
);
const from = fc.integer({ min: 0, max: 3 });
const few = fc.bigInt({ min: 0n, max: 2n });

const transfer: fc.Arbitrary<Action> = fc.record({ from, to: someone, value: few });
/** A call of a contract with a number and an address, in the order that it takes them. */
const call: fc.Arbitrary<Action> = fc
  .record({ from, name: fc.constantFrom(...contractNames), number: few, other: few, target: someone, value: few })
  .map(({ name, number, other, target, ...rest }) => {
    const first =
      name === "payer" || name === "balances" || name === "codes" || name === "calls" || name === "destroys";
    const data = first ? words(target, number) : words(number, other);
    return { ...rest, to: contracts[name], data, gas: name === "burns" ? 60_000n : 300_000n };
  });
const delegation: fc.Arbitrary<Action> = fc
  .record({ from, person: from, name: fc.constantFrom(...contractNames) })
  .map(({ from: sender, person, name }) => ({
    ...{ from: sender, to: people[person] ?? "0x", data: words(1n) },
    delegate: { person, to: contracts[name] },
  }));

/** Blocks in which a few people do a few things to a few contracts: most transactions conflict. */
export const someBlock: fc.Arbitrary<readonly Action[]> = fc.array(
  fc.oneof({ arbitrary: transfer, weight: 3 }, { arbitrary: call, weight: 8 }, { arbitrary: delegation, weight: 1 }),
  { minLength: 1, maxLength: 10 },
);
