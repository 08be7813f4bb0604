import { causeOf } from "../../../contracts/preflight/cause";

const owner = { name: "owner", value: "0x00000000000000000000000000000000000000AA", source: "setting owner" };
const list = { name: "owners_", value: ["0x01", "0x02"], source: "setting signers" };
const count = { name: "threshold_", value: 3n, source: "setting threshold" };

test("the argument whose value the error names, in any case", () => {
  expect(causeOf([owner, count], [owner.value.toLowerCase()])).toBe(
    `The argument it tells of: owner = ${owner.value} (setting owner).`,
  );
});

test("a list that holds the value; several arguments", () => {
  expect(causeOf([list, count], ["0x02", 3n])).toBe(
    "The argument it tells of: owners_ = 0x01, 0x02 (setting signers); threshold_ = 3 (setting threshold).",
  );
});

test("all of them when the error names none", () => {
  expect(causeOf([list, count], [])).toMatch(/^Its arguments: owners_ = .*; threshold_ = 3/);
  expect(causeOf([], [])).toBe("It has no arguments.");
});
