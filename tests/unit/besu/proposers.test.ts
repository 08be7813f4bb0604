import fc from "fast-check";
import { type Address, numberToHex } from "viem";

import { decodeExtraData, encodeExtraData } from "../../../besu/extra-data";
import { missedProposers, proposersInTurn } from "../../../besu/proposers";

const address = (n: number): Address => numberToHex(n, { size: 20 });
const four = [1, 2, 3, 4].map(address);

describe("proposersInTurn", () => {
  test.each([
    ["the one after the last proposer begins", address(2), 3, [3, 4, 1]],
    ["after the last address comes the first", address(4), 2, [1, 2]],

    ["after the genesis block, the first", address(0), 2, [1, 2]],
    ["after one that has left and was the highest, the first", address(9), 2, [1, 2]],
    ["a round beyond the last validator begins anew", address(1), 5, [2, 3, 4, 1, 2]],
  ] as const)("%s", (_, previous, rounds, expected) => {
    expect(proposersInTurn(four, previous, rounds)).toEqual(expected.map(address));
  });

  test("after a proposer that has left, the next address above its own begins", () => {
    expect(proposersInTurn([1, 3, 4].map(address), address(2), 2)).toEqual([3, 4].map(address));
  });

  test("everybody has one turn in N rounds", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 60 }),
        fc.nat(1001),
        (ids, last) => {
          const validators = ids.sort((a, b) => a - b).map(address);
          const turns = proposersInTurn(validators, address(last), validators.length);
          expect([...turns].sort()).toEqual([...validators].sort());
        },
      ),
    );
  });
});

describe("missedProposers", () => {
  test("are those of the rounds before the block's", () => {
    expect(missedProposers(four, address(1), address(4), 2)).toEqual([2, 3].map(address));
  });

  test("never the proposer, whose block a later round may have agreed on", () => {
    expect(missedProposers(four, address(1), address(2), 2)).toEqual([address(3)]);
  });

  test("are none in a block's first round", () => {
    expect(missedProposers(four, address(1), address(2), 0)).toEqual([]);
  });
});

describe("decodeExtraData", () => {
  test("reads what a genesis was given: sorted validators, no vote, round 0", () => {
    expect(decodeExtraData(encodeExtraData([...four].reverse()))).toEqual({
      validators: four,
      vote: undefined,
      round: 0,
    });
  });

  test.each(["0x", "0x1234", "0xc0"] as const)("says nothing of %s", (text) => {
    expect(decodeExtraData(text)).toBeUndefined();
  });
});
