import * as fc from "fast-check";
import { numberToHex } from "viem/utils";

import { accessOf } from "../../../../execution/analyse/access-sets";
import { dependenciesOf } from "../../../../execution/analyse/graph";
import type { RecordedBlock, TracedState } from "../../../../execution/analyse/recorded";
import { apply, copyOf, record, run, type ToyTransaction, toyTransaction, type World, world } from "./toy-machine";

/** A transaction and all that it needs, and that those need. */
function closure(needs: readonly (readonly { readonly on: number }[])[], of: number): Set<number> {
  const all = new Set<number>();
  const visit = (index: number): void => {
    for (const { on } of needs[index]!) {
      if (all.has(on)) continue;
      all.add(on);
      visit(on);
    }
  };
  visit(of);
  return all;
}

/**
 * Whether a transaction does the same when only what it is said to need has happened before it: the meaning of a
 * dependency graph, judged by running.
 */
function sameWithNeedsAlone(start: World, block: readonly ToyTransaction[], recorded: RecordedBlock): boolean {
  const needs = dependenciesOf(accessOf(recorded).transactions);
  const one = copyOf(start);
  return block.every((transaction, index) => {
    const expected = run(one, transaction);
    apply(one, transaction, expected);
    const needed = closure(needs, index);
    const alone = copyOf(start);
    block.slice(0, index).forEach((earlier, at) => {
      if (needed.has(at)) apply(alone, earlier, run(alone, earlier));
    });
    const found = run(alone, transaction);
    const same = (a: ReadonlyMap<string, bigint>, b: ReadonlyMap<string, bigint>) =>
      [...new Set([...a.keys(), ...b.keys()])].every((key) => a.get(key) === b.get(key));
    return (
      found.succeeded === expected.succeeded &&
      same(nonZero(found.deltas), nonZero(expected.deltas)) &&
      same(found.written, expected.written)
    );
  });
}

const nonZero = (deltas: ReadonlyMap<string, bigint>) => new Map([...deltas].filter(([, wei]) => wei !== 0n));

const holds = (broken: (recorded: RecordedBlock) => RecordedBlock, numRuns: number) =>
  fc.check(
    fc.property(world, fc.array(toyTransaction, { minLength: 1, maxLength: 7 }), (start, block) =>
      sameWithNeedsAlone(start, block, broken(record(start, block))),
    ),
    { numRuns },
  );

describe("access sets from prestateTracer in both modes", () => {
  it("tell for random blocks all that a transaction needs: alone with that, it does what it did", () => {
    const details = holds((recorded) => recorded, 1000);
    expect(details.counterexample).toBeNull();
  });

  it.each<[string, (recorded: RecordedBlock) => RecordedBlock]>([
    [
      "the diff alone, which forgets what was only read",
      ({ diff = [], ...rest }) => ({ ...rest, diff, prestate: diff.map(({ pre }) => pre) }),
    ],
    [
      "looks at balances forgotten",
      ({ block, ...rest }) => ({ ...rest, block, balanceReads: block.transactions.map(() => "none") }),
    ],
    [
      "balances that never run out",
      ({ prestate = [], diff = [], ...rest }) => ({
        ...rest,
        prestate: prestate.map(richer),
        diff: diff.map(({ pre, post }) => ({ pre: richer(pre), post: richer(post) })),
      }),
    ],
  ])("are caught when broken: %s", (_, broken) => {
    expect(holds(broken, 1000).failed).toBe(true);
  });
});

/** Everybody has a fortune on top, so that the changes stay the same. */
const richer = (state: TracedState): TracedState =>
  Object.fromEntries(
    Object.entries(state).map(([at, { balance, ...account }]) => [
      at,
      balance === undefined ? account : { ...account, balance: numberToHex(BigInt(balance) + 1_000_000n) },
    ]),
  );
