import type { Hex } from "viem";
import { describeDifference, differenceOf } from "../../../contracts/verify/compare";
import { judge, type Matches } from "../../../contracts/verify/verify";

const expected: Hex = "0x00112233445566778899";
const artifact = { immutables: [{ start: 2, length: 4 }] };
const planned = { artifact } as unknown as Parameters<typeof judge>[3];
const perfect: Matches = { runtime: "perfect", creation: "perfect", creationEvidence: "transaction" };

describe("the first difference", () => {
  test("is none for the same code", () => {
    expect(differenceOf(expected, expected, artifact)).toBeUndefined();
  });

  test("in an immutable shows both values whole", () => {
    const difference = differenceOf("0x00112200445566778899", expected, artifact);
    expect(difference).toEqual({ kind: "immutable", at: 2, found: "0x22004455", expected: "0x22334455" });
    expect(describeDifference(difference!)).toBe(
      "the immutable at byte 2 is 0x22004455, the constructor gives 0x22334455",
    );
  });

  test("in the code is told before one in an immutable, because it says more", () => {
    const difference = differenceOf("0x001100334455667788ff", expected, artifact);
    expect(difference).toEqual({ kind: "code", at: 9, found: "0xff", expected: "0x99" });
  });

  test("in length is told by the lengths", () => {
    expect(describeDifference(differenceOf("0x0011", expected, artifact)!)).toBe(
      "the code has 2 bytes, the source gives 10",
    );
  });
});

describe("the verdict", () => {
  test("is perfect when everything is", () => {
    expect(judge(perfect, expected, expected, planned)).toMatchObject({ verdict: "perfect", reason: null });
  });

  test("is a mismatch for a wrong immutable although lib-sourcify calls the code perfect", () => {
    const found = judge(perfect, "0x00112200445566778899", expected, planned);
    expect(found).toMatchObject({ verdict: "mismatch", immutables: "mismatch", runtime: "perfect" });
  });

  test("is partial when the metadata hash alone differs", () => {
    const matches = { ...perfect, runtime: "partial" } as const;
    const found = judge(matches, "0x001122334455667788ff", expected, planned);
    expect(found).toMatchObject({ verdict: "partial", immutables: "match" });
  });

  test("is a mismatch when the creation code is another, although the runtime code fits", () => {
    const matches = { ...perfect, creation: "mismatch" } as const;
    expect(judge(matches, expected, expected, planned)).toMatchObject({
      verdict: "mismatch",
      reason: "the creation code is not the source's",
    });
  });
});
