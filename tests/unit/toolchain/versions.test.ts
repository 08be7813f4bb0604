import { compareVersions, isCompatible, parseVersion } from "../../../toolchain/versions";

test.each([
  ["v3.259.0", [3, 259, 0]],
  ["go version go1.26.8 linux/amd64", [1, 26, 8]],
  ["go version go1.27 darwin/arm64", [1, 27, 0]],
  ["anvil Version: 1.7.1-stable\nCommit SHA: 1234.5", [1, 7, 1]],
  ["3.260.0-alpha.x1f2", [3, 260, 0]],
])("reads the version out of %j", (text, expected) => {
  expect(parseVersion(text)).toEqual(expected);
});

test("finds no version where there is none", () => {
  expect(parseVersion("command not found")).toBeUndefined();
});

test("compares numbers, not text", () => {
  const inOrder = [
    [1, 9, 9],
    [1, 26, 0],
    [1, 26, 8],
    [3, 0, 0],
  ] as const;
  expect([...inOrder].reverse().sort(compareVersions)).toEqual(inOrder);
});

test.each([
  ["the minimum itself", [3, 259, 0], true],
  ["newer", [3, 300, 1], true],
  ["older", [3, 258, 9], false],
  ["another major version", [4, 0, 0], false],
] as const)("%s: compatible %p is %p", (_, found, expected) => {
  expect(isCompatible(found, [3, 259, 0])).toBe(expected);
});
