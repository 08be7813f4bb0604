import fc from "fast-check";
import { BatchInputError } from "../../../../contracts/batch/errors";
import { parseBatch } from "../../../../contracts/batch/file";
import type { Isolation } from "../../../../contracts/batch/isolation";
import { parseSignature } from "../../../../contracts/batch/signature";

const fn = parseSignature("balanceOf(address)(uint256)");
const many = parseSignature("f(uint256)(uint256[])");
const code = "0x000000000000000000000000000000000000c0de";
const checksummed = "0x000000000000000000000000000000000000c0DE";
const parse = (list: unknown, isolation: Isolation = "independent", of = fn) =>
  parseBatch(JSON.stringify(list), "b.json", of, isolation);

test("arguments are a string that holds an array, or an array", () => {
  const [text, list] = parse([{ args: `["${code}"]` }, { args: [code] }]);
  expect(text).toMatchObject({ index: 0, label: "#0", args: [checksummed], expectation: { kind: "success" } });
  expect(list).toMatchObject({ index: 1, label: "#1", args: [checksummed] });
});

test("reads every field", () => {
  const [item] = parse([
    { args: [code], label: "a", expected: "0x05", from: code, value: "1000000000000000000000", block: 16 },
  ]);
  expect(item).toEqual({
    index: 0,
    label: "a",
    args: [checksummed],
    expectation: { kind: "exact", value: 5n },
    expected: "0x05",
    from: checksummed,
    value: 10n ** 21n,
    block: "0x10",
  });
});

test.each<[unknown, string]>([
  [{ args: [] }, "b.json[0].args: has 0 values; balanceOf takes 1"],
  [{ args: [code, 1] }, "b.json[0].args: has 2 values"],
  [{ args: ["0x1"] }, "b.json[0].args[0]: must be an address"],
  [{ args: "[" }, "b.json[0].args: is no JSON"],
  [{ args: "{}" }, "b.json[0].args: must hold an array"],
  [{ args: 5 }, "b.json[0].args: must be an array"],
  [{}, "b.json[0].args: must be an array"],
  [{ args: [code], expect: 1 }, 'Unrecognized key: "expect"'],
  [{ args: [code], expected: "five" }, "b.json[0].expected: must be an integer"],
  [{ args: [code], expected: -1 }, "b.json[0].expected: is out of the range"],
  [{ args: [code], compare: "exact" }, "b.json[0].compare: needs expected"],
  [{ args: [code], expected: 1, compare: "fuzzy" }, "b.json[0].compare: must be"],
  [{ args: [code], expected: 1, compare: "unordered" }, "the result is no array"],
  [{ args: [code], expected: "(", compare: "regex" }, "b.json[0].expected: Invalid regular expression"],
  [{ args: [code], expected: 1, compare: { tolerance: "lots" } }, 'b.json[0].compare.tolerance: "lots"'],
  [{ args: [code], expected: 1, expectRevert: true }, "b.json[0].expected: cannot be given beside expectRevert"],
  [{ args: [code], expectRevert: "" }, "b.json[0].expectRevert"],
  [{ args: [code], from: "0x1" }, "b.json[0].from"],
  [{ args: [code], value: -1 }, "b.json[0].value"],
  [{ args: [code], block: "newest" }, 'b.json[0].block: "newest"'],
  [5, "b.json[0]"],
  [null, "b.json[0]"],
])("refuses %j with file, index and field", (item, problem) => {
  expect(() => parse([item])).toThrow(BatchInputError);
  expect(() => parse([item])).toThrow(problem);
});

test("tells every mistake at once", () => {
  expect(() => parse([{ args: [code] }, { args: [] }, { args: [1] }])).toThrow(/b\.json\[1\].*\n.*b\.json\[2\]/);
});

test.each([
  ["{}", "must hold an array at the top level"],
  ["[", "is no JSON"],
  ["[]", "holds no items"],
])("refuses %s", (text, problem) => {
  expect(() => parseBatch(text, "b.json", fn, "independent")).toThrow(problem);
});

test("refuses what an isolation cannot honour", () => {
  expect(() => parse([{ args: [code], block: 1 }], "shared")).toThrow("block: cannot be given with --isolation shared");
  expect(() => parse([{ args: [code], from: code }], "multicall")).toThrow("from: cannot be given");
  expect(parse([{ args: [code], from: code, value: 1 }], "shared")).toHaveLength(1);
});

test("unordered needs an array result", () => {
  const [item] = parse([{ args: [1], expected: [2, 1], compare: "unordered" }], "independent", many);
  expect(item?.expectation).toEqual({ kind: "unordered", value: [2n, 1n] });
});

describe("fuzzed files", () => {
  const field = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(code, [code], `["${code}"]`, "exact", { tolerance: "1%" }, true, "latest", 7, "0x07"),
  );
  const names = ["args", "expected", "label", "compare", "expectRevert", "from", "value", "block", "extra"] as const;
  const item = fc.oneof(
    { weight: 4, arbitrary: fc.dictionary(fc.constantFrom(...names), field, { maxKeys: 4 }) },
    { weight: 4, arbitrary: fc.constant({ args: [code], expected: 1 }) },
    { weight: 1, arbitrary: fc.jsonValue() },
  );

  test("property: a file is understood as a whole, or refused with its name; never half, never a crash", () => {
    const seen = { whole: 0, refused: 0 };
    fc.assert(
      fc.property(
        fc.array(item, { maxLength: 6 }),
        fc.constantFrom("independent", "shared", "multicall"),
        (list, how) => {
          try {
            expect(parse(list, how)).toHaveLength(list.length);
            seen.whole += 1;
          } catch (error) {
            expect(error).toBeInstanceOf(BatchInputError);
            expect((error as Error).message).toContain("b.json");
            seen.refused += 1;
          }
        },
      ),
      { numRuns: 2000 },
    );
    expect(seen.whole).toBeGreaterThan(50);
    expect(seen.refused).toBeGreaterThan(50);
  });

  test("property: any text at all", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          parseBatch(text, "b.json", fn, "independent");
        } catch (error) {
          expect(error).toBeInstanceOf(BatchInputError);
        }
      }),
    );
  });
});
