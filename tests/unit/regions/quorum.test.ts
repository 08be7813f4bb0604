import fc from "fast-check";

import { faultTolerance, MINIMUM_VALIDATORS, quorum } from "../../../regions/quorum";

describe("quorum", () => {
  it.each([
    [1, 1, 0],
    [3, 2, 0],
    [4, 3, 1],
    [5, 4, 1],
    [7, 5, 2],
    [10, 7, 3],
    [48, 32, 15],
  ])("of %i validators is %i and %i may fail", (validators, needed, faults) => {
    expect([quorum(validators), faultTolerance(validators)]).toEqual([needed, faults]);
  });

  it("is still there when as many validators fail as may", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 10_000 }), (n) => n - faultTolerance(n) >= quorum(n)));
  });

  it("always overlaps another quorum in more validators than may be faulty, so two blocks cannot both be agreed", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 10_000 }), (n) => 2 * quorum(n) - n > faultTolerance(n)));
  });

  it("tolerates its first fault with the minimum of validators", () => {
    expect([faultTolerance(MINIMUM_VALIDATORS - 1), faultTolerance(MINIMUM_VALIDATORS)]).toEqual([0, 1]);
  });
});
