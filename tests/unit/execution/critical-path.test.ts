import fc from "fast-check";

import type { TransactionAccess } from "../../../execution/access-list";
import { boundOf, mostSpeedup } from "../../../execution/critical-path";

const keys = fc.uniqueArray(fc.constantFrom("a", "b", "c"), { maxLength: 2 }).map((list) => new Set(list));
const access: fc.Arbitrary<TransactionAccess> = fc
  .record({ gasUsed: fc.bigInt({ min: 1n, max: 50n }), reads: keys, writes: keys, credits: keys })
  .map((given) => ({ ...given, credits: new Set([...given.credits].filter((key) => !given.writes.has(key))) }));

/** The longest chain by trying every one: a transaction comes after each whose write or payment it reads. */
function longestChain(block: readonly TransactionAccess[]): bigint {
  const ends: bigint[] = [];
  block.forEach((later, n) => {
    let start = 0n;
    for (const key of later.reads) {
      for (let before = n - 1; before >= 0; before--) {
        const writes = block[before]!.writes.has(key);
        if (writes || block[before]!.credits.has(key)) start = start > ends[before]! ? start : ends[before]!;
        if (writes) break; // what was before it is overwritten
      }
    }
    ends.push(start + later.gasUsed);
  });
  return ends.reduce((most, each) => (each > most ? each : most), 0n);
}

test("the critical path is the longest chain of reads after writes and payments", () => {
  fc.assert(
    fc.property(fc.array(access, { maxLength: 8 }), (block) => {
      expect(boundOf(block).criticalPathGas).toBe(longestChain(block));
    }),
  );
});

test("no number of threads gains more than the number, nor than all gas over the critical path", () => {
  const bound = { totalGas: 900n, criticalPathGas: 300n };
  expect([1, 2, 4, 16].map((threads) => mostSpeedup(bound, threads))).toEqual([1, 2, 3, 3]);
});
