import fc from "fast-check";
import { differences, parseTolerance, unmet } from "../../../../contracts/batch/compare";
import { asJson } from "../../../../contracts/batch/decoded";
import type { AbiValue } from "../../../../contracts/batch/values";

const values: fc.Arbitrary<AbiValue> = fc.letrec<{ value: AbiValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.bigInt(),
    fc.boolean(),
    fc.string(),
    fc.array(tie("value"), { maxLength: 4 }),
  ),
})).value;

test("property: a value differs from another exactly where their JSON and kinds differ", () => {
  const kinds = (value: AbiValue): unknown =>
    typeof value === "object" ? value.map(kinds) : `${typeof value}:${String(value)}`;
  fc.assert(
    fc.property(values, values, (a, b) => {
      expect(differences(a, a)).toEqual([]);
      expect(differences(a, b).length === 0).toBe(JSON.stringify(kinds(a)) === JSON.stringify(kinds(b)));
    }),
  );
});

test("the property tells a comparison of text from one of values", () => {
  const asTexts = (a: AbiValue, b: AbiValue): boolean => JSON.stringify(asJson(a)) === JSON.stringify(asJson(b));
  expect(asTexts(1n, "1")).toBe(true);
  expect(differences(1n, "1")).toHaveLength(1);
});

test("says where, with both values", () => {
  expect(differences([1n, ["a", true]], [1n, ["b", true], 3n])).toEqual([
    "[1][0]: expected a, got b",
    "[2]: expected nothing, got 3",
  ]);
  expect(differences([1n, 2n], [1n])).toEqual(["[1]: expected 2, got nothing"]);
});

test("property: unordered is blind to order and to nothing else", () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt(), { minLength: 1 }), (list) => {
      const reversed = list.toReversed();
      expect(unmet({ kind: "unordered", value: list }, reversed)).toEqual([]);
      expect(unmet({ kind: "unordered", value: list }, [...reversed, 0n])).not.toEqual([]);
    }),
  );
});

test.each([
  ["5", 105n, true],
  ["5", 106n, false],
  ["0.5", 100n, true],
  ["0.5", 101n, false],
  ["5%", 95n, true],
  ["5%", 94n, false],
  ["0.99%", 101n, false],
])("a tolerance of %s around 100 decides about %s: %s", (text, actual, near) => {
  const tolerance = parseTolerance(text)!;
  expect(unmet({ kind: "tolerance", value: 100n, tolerance }, actual)).toHaveLength(near ? 0 : 1);
});

test("a tolerance touches integers only, however deep", () => {
  const tolerance = parseTolerance("1")!;
  expect(unmet({ kind: "tolerance", value: [["a", 1n]], tolerance }, [["a", 2n]])).toEqual([]);
  expect(unmet({ kind: "tolerance", value: [["a", 1n]], tolerance }, [["b", 2n]])).toHaveLength(1);
});

test.each(["", "-1", "1e3", "%", "1.", ".5", "five"])('"%s" is no tolerance', (text) => {
  expect(parseTolerance(text)).toBeUndefined();
});

test("regex and text look at the text of a value", () => {
  expect(unmet({ kind: "regex", pattern: /^WETH\d+$/ }, "WETH10")).toEqual([]);
  expect(unmet({ kind: "regex", pattern: /^WETH$/ }, "WETH10")).toEqual(["expected /^WETH$/, got WETH10"]);
  expect(unmet({ kind: "text", text: '["1"]' }, [1n])).toEqual([]);
  expect(unmet({ kind: "text", text: "007" }, 7n)).toHaveLength(1);
});
