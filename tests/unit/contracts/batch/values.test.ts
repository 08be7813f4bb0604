import fc from "fast-check";
import { encodeAbiParameters, decodeAbiParameters, type AbiParameter } from "viem";
import { asJson, normalized } from "../../../../contracts/batch/decoded";
import { ValueError, valueFrom, type Json } from "../../../../contracts/batch/values";

const type = (name: string, components?: readonly AbiParameter[]): AbiParameter => ({
  type: name,
  name: "",
  ...(components && { components }),
});
const pair = type("tuple", [
  { type: "uint256", name: "amount" },
  { type: "address", name: "to" },
]);
const code = "0x000000000000000000000000000000000000c0de";

test.each<[string, Json, unknown]>([
  ["uint256", 7, 7n],
  ["uint256", "007", 7n],
  ["uint256", "0x0007", 7n],
  ["uint256", "115792089237316195423570985008687907853269984665640564039457584007913129639935", 2n ** 256n - 1n],
  ["int8", "-128", -128n],
  ["int8", "-0x80", -128n],
  ["bool", "true", true],
  ["address", "0xC02AAA39B223FE8D0A0E5C4F27EAD9083C756CC2", "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"],
  ["address", "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2", "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"],
  ["bytes4", "0xDEADBEEF", "0xdeadbeef"],
  ["bytes", "0x", "0x"],
  ["string", "[not json", "[not json"],
  ["uint8[2][]", [[1, 2]], [[1n, 2n]]],
  ["uint8[]", "[1, 2]", [1n, 2n]],
])("%s takes %j", (name, json, value) => {
  expect(valueFrom(type(name), json)).toEqual(value);
});

test.each<[string, Json, string]>([
  ["uint8", 256, "is out of the range of uint8"],
  ["uint8", -1, "is out of the range"],
  ["int8", 128, "is out of the range"],
  ["uint256", 1.5, "must be an integer"],
  ["uint256", "1e18", "must be an integer"],
  ["uint256", "", "must be an integer"],
  ["uint256", null, "must be an integer"],
  ["uint256", 2 ** 53, "write it as a string"],
  ["address", "0x12", "must be an address"],
  ["address", "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756CC2", "has a wrong checksum"],
  ["bytes4", "0x12", "must have 4 bytes"],
  ["bytes", "0x123", "must be whole bytes"],
  ["bool", 1, "must be true or false"],
  ["string", 1, "must be a string"],
  ["uint8[2]", [1], "must have 2 elements, not 1"],
  ["uint8[]", { 0: 1 }, "must be an array of uint8"],
  ["function", "0x", "does not know"],
])("%s refuses %j", (name, json, problem) => {
  expect(() => valueFrom(type(name), json)).toThrow(ValueError);
  expect(() => valueFrom(type(name), json)).toThrow(problem);
});

test("a tuple is a list or an object of its names; a mistake is told with its path", () => {
  const value = [5n, "0x000000000000000000000000000000000000c0DE"];
  expect(valueFrom(pair, ["5", code])).toEqual(value);
  expect(valueFrom(pair, { to: code, amount: 5 })).toEqual(value);
  expect(() => valueFrom(pair, { amount: 5 })).toThrow('lacks "to"');
  expect(() => valueFrom(pair, { amount: 5, to: code, more: 1 })).toThrow('has no component "more"');
  expect(() =>
    valueFrom({ ...pair, type: "tuple[]" }, [
      [1, code],
      ["x", code],
    ]),
  ).toThrow("[1][0] must be an integer");
});

/** A type, and a JSON value of it. */
const typed: fc.Arbitrary<{ type: AbiParameter; json: Json }> = fc.letrec<{
  any: { type: AbiParameter; json: Json };
  leaf: { type: AbiParameter; json: Json };
  tuple: { type: AbiParameter; json: Json };
  list: { type: AbiParameter; json: Json };
}>((tie) => ({
  any: fc.oneof({ depthSize: "small", withCrossShrink: true }, tie("leaf"), tie("tuple"), tie("list")),
  leaf: fc.oneof(
    fc.bigInt(0n, 2n ** 256n - 1n).map((n) => ({ type: type("uint256"), json: n.toString() })),
    fc.integer({ min: -128, max: 127 }).map((n) => ({ type: type("int8"), json: n })),
    fc.boolean().map((json) => ({ type: type("bool"), json })),
    fc.string({ unit: "grapheme" }).map((json) => ({ type: type("string"), json })),
    fc.uint8Array({ maxLength: 70 }).map((bytes) => ({
      type: type("bytes"),
      json: `0x${Buffer.from(bytes).toString("hex")}`,
    })),
    fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => ({
      type: type("address"),
      json: `0x${Buffer.from(bytes).toString("hex")}`,
    })),
  ),
  tuple: fc.tuple(fc.array(tie("any"), { minLength: 1, maxLength: 3 }), fc.boolean()).map(([parts, named]) => ({
    type: type(
      "tuple",
      parts.map((part, index) => ({ ...part.type, name: named ? `c${index}` : "" })),
    ),
    json: parts.map((part) => part.json),
  })),
  list: fc.tuple(tie("any"), fc.integer({ min: 0, max: 3 })).map(([part, length]) => ({
    type: { ...part.type, type: `${part.type.type}[]` },
    json: Array.from({ length }, () => part.json),
  })),
})).any;

test("property: what is encoded and decoded by viem comes back as the same value, and its JSON is read again", () => {
  fc.assert(
    fc.property(typed, ({ type: of, json }) => {
      const value = valueFrom(of, json);
      const [decoded] = decodeAbiParameters([of], encodeAbiParameters([of], [value])) as readonly unknown[];
      expect(normalized(of, decoded)).toEqual(value);
      expect(valueFrom(of, asJson(value))).toEqual(value);
    }),
    { numRuns: 500 },
  );
});
