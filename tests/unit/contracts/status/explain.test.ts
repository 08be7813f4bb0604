import type { Address, Hex } from "viem";
import type { JournalLine } from "../../../../contracts/deploy/journal-lines";
import { explain, isFine, leftOver, type CodeFound } from "../../../../contracts/status/explain";

const address: Address = "0x00000000000000000000000000000000000000AA";
const old: Address = "0x00000000000000000000000000000000000000BB";
const hash = (n: number): Hex => `0x${String(n).padStart(64, "0")}`;
const signed = (n: number, at: Address = address): JournalLine => ({
  type: "signed",
  name: "chain138-weth9",
  sender: old,
  nonce: n,
  hash: hash(n),
  address: at,
  transaction: "0x02",
  at: "",
});
const mined = (n: number, status: "success" | "reverted" = "success"): JournalLine => ({
  type: "mined",
  name: "chain138-weth9",
  hash: hash(n),
  block: 7,
  status,
  at: "",
});
const gone = (n: number): JournalLine => ({ type: "void", hash: hash(n), reason: "", at: "" });

const of = (lines: readonly JournalLine[], code: CodeFound, known: readonly Hex[] = []) =>
  explain(lines, { name: "chain138-weth9", address, code, known: new Set(known) });

test.each<[string, readonly JournalLine[], CodeFound, readonly Hex[], string, string | null, boolean]>([
  ["deployed and recorded", [signed(0), mined(0)], "ours", [], "deployed", null, true],
  ["deployed, receipt not written", [signed(0)], "ours", [], "deployed", "not its receipt", true],
  ["there, but not in the journal", [], "ours", [], "adopted", "does not know its transaction", true],
  ["there, after ours became void", [signed(0), gone(0)], "ours", [], "adopted", "does not know", true],
  ["another code", [signed(0), mined(0)], "other", [], "foreign", "Another code", false],
  ["code that cannot be compared", [], "unknown", [], "unknown", "cannot be compared", false],
  ["never sent", [], "none", [], "missing", "never sent", false],
  ["sent at another address only", [signed(0, old), mined(0)], "none", [], "missing", "never sent", false],
  ["in the pool", [signed(3)], "none", [hash(3)], "pending", "(nonce 3) waits for its block", false],
  ["signed and not known", [signed(3)], "none", [], "pending", "the node lacks it", false],
  ["signed again, the newest counts", [signed(3), signed(4)], "none", [hash(4)], "pending", "(nonce 4) waits", false],
  ["mined and failed", [signed(0), mined(0, "reverted")], "none", [], "pending", "the node lacks it", false],
  ["mined once, not there", [signed(0), mined(0)], "none", [], "vanished", "reorganisation", false],
])("%s", (_, lines, code, known, state, words, fine) => {
  const found = of(lines, code, known);
  expect(found.state).toBe(state);
  if (words === null) expect(found.explanation).toBeNull();
  else expect(found.explanation).toContain(words);
  expect(isFine(found)).toBe(fine);
});

test("what another configuration deployed is told once, and harms nobody", () => {
  const lines = [signed(0, old), mined(0), signed(1), mined(1), signed(2, old), gone(2)];
  const found = leftOver(lines, [address]);
  expect(found).toMatchObject([{ name: "chain138-weth9", address: old, state: "left over" }]);
  expect(found.every(isFine)).toBe(true);
});
