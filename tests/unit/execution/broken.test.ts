import type { Field } from "../../../execution/block";
import { changed, reference, settled, verdict } from "./support/compare";
import { conflicts } from "./support/conflicts";
import { choices, executeInterleaved } from "./support/interleaved";
import { blockOf, createWorld } from "./support/world";

const everything: readonly Field[] = ["balance", "nonce", "code", "storage"];

/** Blocks of the conformance suite whose result is wrong in some interleaving that the suite tries. */
async function caughtBy(untracked: readonly Field[]): Promise<string[]> {
  const caught: string[] = [];
  for (const [name, actions] of Object.entries(conflicts)) {
    const input = blockOf(actions);
    const expected = await reference(input);
    for (let seed = 1; seed <= 6 && !caught.includes(name); seed++) {
      const given = await settled(
        executeInterleaved(createWorld(), input, { hands: 2 + (seed % 3), pick: choices(seed), untracked }).then(
          (executed) => verdict(executed, createWorld(), changed(createWorld, executed.changes)),
        ),
      );
      try {
        expect(given).toEqual(expected);
      } catch {
        caught.push(name);
      }
    }
  }
  return caught;
}

describe("the conformance suite catches an executor", () => {
  test("that checks nothing", async () => {
    expect((await caughtBy(everything)).length).toBeGreaterThan(5);
  });
  test("that forgets what balances it read", async () => {
    expect(await caughtBy(["balance"])).toContain("a balance read between payments");
  });
  test("that forgets what code it read", async () => {
    expect(await caughtBy(["code"])).toContain("called before and after it is made");
  });
  test("that forgets what slots it read", async () => {
    expect(await caughtBy(["storage"])).toContain("same slot");
  });
  test("that forgets what nonces it read", async () => {
    expect((await caughtBy(["nonce"])).length).toBeGreaterThan(0);
  });
  test("and none of this in one that forgets nothing", async () => {
    expect(await caughtBy([])).toEqual([]);
  });
});
