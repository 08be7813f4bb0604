import fc from "fast-check";
import { numberToHex, toRlp } from "viem";

import { encodeExtraData } from "../../../besu/extra-data";
import { climbSeconds, roundAfter, roundOf } from "../../../besu/rounds";

describe("rounds", () => {
  // Measured on Besu 26.8.0 with a timeout of 4 s: 34, 68 and 134 s, of which the nodes' own start took some.
  it.each([
    [12, 34],
    [30, 68],
    [70, 134],
  ])("after a halt of %i s a chain comes back within 10 s of what was measured, %i s", (halt, measured) => {
    expect(measured - climbSeconds(halt, 4)).toBeGreaterThanOrEqual(0);
    expect(measured - climbSeconds(halt, 4)).toBeLessThanOrEqual(10);
  });

  it("last twice as long as the one before: round r begins after T (2^r - 1) s", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 60 }), (round, timeout) => {
        const begins = timeout * (2 ** round - 1);

        expect(roundAfter(begins, timeout)).toBe(round);
        expect(roundAfter(begins + 0.99 * timeout * 2 ** round, timeout)).toBe(round);
      }),
    );
  });
});

describe("roundOf", () => {
  const extraData = (round: number) =>
    toRlp([`0x${"00".repeat(32)}`, [], [], round === 0 ? "0x" : numberToHex(round, { size: 1 }), []]);

  it("reads the round of a header, that of a genesis too", () => {
    expect([0, 1, 7].map((round) => roundOf(extraData(round)))).toEqual([0, 1, 7]);
    expect(roundOf(encodeExtraData(["0x2703ce867777f15be82a3b5593c034412253110b"]))).toBe(0);
  });

  it("has none for what is no QBFT header", () => {
    expect((["0x", "0x1234", `0x${"00".repeat(32)}`] as const).map(roundOf)).toEqual([undefined, undefined, undefined]);
  });
});
