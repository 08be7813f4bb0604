import fc from "fast-check";

import { messageLimits } from "../../../besu/message-limits";

describe("messageLimits", () => {
  it("leaves Besu's own alone up to the 20 validators for which they are meant", () => {
    expect([1, 5, 20].map(messageLimits)).toEqual([{}, {}, {}]);
  });

  it("raises them for 48: every message of a round, from every peer", () => {
    expect(messageLimits(48)).toEqual({
      messagequeuelimit: 6815,
      duplicatemessagelimit: 145,
      gossipedhistorylimit: 1450,
      futuremessageslimit: 1450,
    });
  });

  it("is never below Besu's own, and never falls as validators are added", () => {
    fc.assert(
      fc.property(fc.integer({ min: 21, max: 1000 }), (n) => {
        const [now, next] = [messageLimits(n), messageLimits(n + 1)];
        expect(now.messagequeuelimit).toBeGreaterThanOrEqual((3 * n + 1) * (n - 1));
        expect(now.duplicatemessagelimit).toBeGreaterThanOrEqual(100);
        const falling = (Object.keys(now) as (keyof typeof now)[]).filter((name) => next[name]! < now[name]!);
        expect(falling).toEqual([]);
      }),
    );
  });
});
