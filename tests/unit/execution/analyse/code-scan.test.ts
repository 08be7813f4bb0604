import { balanceReadsOf, codeScanner, usesStorage } from "../../../../execution/analyse/code-scan";

test.each([
  ["0x", "none", false],
  ["0x4700", "own", false],
  ["0x3147", "any", false],
  ["0x603160476054", "none", false], // pushed data is no instruction
  ["0x7f" + "31".repeat(32) + "54", "none", true],
  ["0x5f5f55", "none", true],
])("what %s may do", (code, balances, storage) => {
  expect([balanceReadsOf(code), usesStorage(code)]).toEqual([balances, storage]);
});

test("several programs together may do what any of them may", () => {
  expect(codeScanner()(["0x47", "0x54", "0x"])).toEqual({ balances: "own", storage: true });
});
