import fc from "fast-check";

import { planRestore, type RestoreFacts, RestoreRefusedError } from "../../../../operations/backups/restore-plan";
import { quorum } from "../../../../regions/quorum";

const snapshot = (name: string, takenAtMs: number, ready = true) => ({ name, takenAtMs, ready });
const facts: RestoreFacts = {
  ...{ region: "japaneast", ordinal: 1, keyKept: true, validators: 5, othersReady: 4, nowMs: 10_000_000 },
  snapshots: [snapshot("old", 1_000_000), snapshot("newest", 9_000_000, false), snapshot("newer", 6_400_000)],
};

test("takes the newest snapshot that is ready, and says what is done in which order", () => {
  const { snapshot: chosen, ageSeconds, steps } = planRestore(facts);

  expect([chosen.name, ageSeconds]).toEqual(["newer", 3600]);
  expect(steps.map((step) => step.split(" ")[0])).toEqual(["stop", "keep", "start", "wait"]);
  expect(steps[0]).toContain("4 of 5 stay, 4 are needed");
});

test("takes the one that is named", () => {
  expect(planRestore(facts, "old").snapshot.name).toBe("old");
});

test.each<[string, Partial<RestoreFacts>, string | undefined, RegExp]>([
  ["there is no snapshot", { snapshots: [] }, undefined, /no ready snapshot of validator 1 in japaneast/],
  ["none is ready", { snapshots: [snapshot("a", 1, false)] }, undefined, /no ready snapshot/],
  ["the named one is not there", {}, "nothing", /The snapshot nothing is not there/],
  ["the named one is not ready", {}, "newest", /The snapshot newest is not ready/],
  ["the vault lacks the key", { keyKept: false }, undefined, /has no key of validator 1/],
  ["the others are no quorum", { othersReady: 3 }, undefined, /3 of 5 validators are ready; the chain needs 4/],
])("is refused when %s", (_, change, wanted, message) => {
  const attempt = () => planRestore({ ...facts, ...change }, wanted);
  expect(attempt).toThrow(RestoreRefusedError);
  expect(attempt).toThrow(message);
});

test("is refused exactly when the others are fewer than ceil(2N/3)", () => {
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 100 }), fc.nat(99), (validators, ready) => {
      const othersReady = Math.min(ready, validators - 1);
      const attempt = () => planRestore({ ...facts, validators, othersReady });
      if (othersReady >= quorum(validators)) expect(attempt).not.toThrow();
      else expect(attempt).toThrow(RestoreRefusedError);
    }),
  );
});
