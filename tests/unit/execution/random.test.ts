import fc from "fast-check";

import { recordAccessList } from "../../../execution/access-list";
import { someBlock } from "./support/arbitrary";
import { changed, reference, settled, verdict } from "./support/compare";
import { choices, executeInterleaved } from "./support/interleaved";
import { executePlainly } from "./support/oracle";
import { blockOf, createWorld, rules } from "./support/world";

const seed = fc.integer({ min: 1, max: 1_000_000 });

test("any block gives the same, in any interleaving of any number of threads, with and without an access list", async () => {
  await fc.assert(
    fc.asyncProperty(
      someBlock,
      seed,
      fc.integer({ min: 1, max: 5 }),
      fc.boolean(),
      fc.boolean(),
      async (actions, n, hands, adaptive, listed) => {
        const input = blockOf(actions);
        const expected = await settled(reference(input));
        const accessList = listed
          ? await recordAccessList({ rules: rules, state: createWorld() }, input).then(
              (recorded) => recorded.accessList,
              () => undefined,
            )
          : undefined;
        const given = await settled(
          executeInterleaved(createWorld(), { ...input, accessList }, { hands, pick: choices(n), adaptive }).then(
            (executed) => verdict(executed, createWorld(), changed(createWorld, executed.changes)),
          ),
        );
        expect(given).toEqual(expected);
      },
    ),
    { numRuns: 30, seed: 20_261_121 },
  );
});

test("any block gives one after the other what plain EthereumJS gives", async () => {
  await fc.assert(
    fc.asyncProperty(someBlock, async (actions) => {
      const input = blockOf(actions);
      const ours = (await settled(reference(input))) as Awaited<ReturnType<typeof reference>> | string;
      const plain = (await settled(executePlainly(createWorld(), input))) as
        Awaited<ReturnType<typeof executePlainly>> | string;
      if (typeof ours === "string" || typeof plain === "string") expect(typeof ours).toBe(typeof plain);
      else {
        expect(ours.stateRoot).toBe(plain.stateRoot);
        expect(ours.outcomes.map(({ gasUsed }) => gasUsed)).toEqual(plain.receipts.map(({ gasUsed }) => gasUsed));
      }
    }),
    { numRuns: 15, seed: 20_261_121 },
  );
});
