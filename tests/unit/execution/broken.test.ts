import type { Field } from "../../../execution/block";
import { changed, reference, settled, verdict } from "./support/compare";
import { conflicts } from "./support/conflicts";
import { choices, executeInterleaved } from "./support/interleaved";
import { blockOf, createWorld } from "./support/world";

/** Whether one of the interleavings that the suite tries shows that a broken executor is broken. */
async function isCaught(untracked: readonly Field[], conflict: string): Promise<boolean> {
  const input = blockOf(conflicts[conflict] ?? []);
  const expected = await reference(input);
  for (let seed = 1; seed <= 8; seed++) {
    const interleaving = { hands: 2 + Math.trunc(seed / 3), pick: choices(seed), untracked };
    const given = await settled(
      executeInterleaved(createWorld(), input, interleaving).then((executed) =>
        verdict(executed, createWorld(), changed(createWorld, executed.changes)),
      ),
    );
    try {
      expect(given).toEqual(expected);
    } catch {
      return true;
    }
  }
  return false;
}

test.each<[string, readonly Field[], readonly string[]]>([
  [
    "checks nothing",
    ["balance", "nonce", "code", "storage"],
    ["same slot", "a balance read between payments", "called before and after it is made", "transient storage"],
  ],
  ["forgets what balances it read", ["balance"], ["a balance read between payments", "money of a contract runs out"]],
  ["forgets what code it read", ["code"], ["called before and after it is made"]],
  ["forgets what slots it read", ["storage"], ["same slot", "slots that depend on one another"]],
])("the conformance suite catches an executor that %s", async (_what, untracked, by) => {
  for (const conflict of by) {
    expect([conflict, await isCaught(untracked, conflict)]).toEqual([conflict, true]);
    expect([conflict, await isCaught([], conflict)]).toEqual([conflict, false]);
  }
});
