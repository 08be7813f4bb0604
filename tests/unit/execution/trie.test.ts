import { createMPT } from "@ethereumjs/mpt";
import fc from "fast-check";

import { Trie } from "../../../execution/state/trie";

const key = fc.uint8Array({ minLength: 2, maxLength: 2 }).map((bytes) => bytes.map((byte) => byte & 0x33));
const value = fc.uint8Array({ maxLength: 40 });

test("after any changes the root is that of EthereumJS's trie, removals included", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(key, value), { maxLength: 60 }), async (changes) => {
      const theirs = await createMPT();
      const ours = new Trie();
      for (const [at, bytes] of changes) {
        ours.set(at, bytes);
        await (bytes.length === 0 ? theirs.del(at) : theirs.put(at, bytes));
        expect(ours.root()).toEqual(theirs.root());
      }
    }),
    { numRuns: 60 },
  );
});
