import fc from "fast-check";
import { parseAbi } from "viem";
import { signatureOf } from "../../../../contracts/batch/command";
import { BatchInputError } from "../../../../contracts/batch/errors";
import { decodeReturned, encodeCall, parseSignature } from "../../../../contracts/batch/signature";

const abi = parseAbi([
  "function balanceOf(address) view returns (uint256)",
  "function pick(uint256) view returns (bool)",
  "function pick(bool) view returns (address)",
]);

test.each([
  "balanceOf(address)(uint256)",
  "f()",
  "f()(uint256,bool)",
  "f((uint256,address)[],bytes32)((bool,string[2])[])",
])("reads %s", (text) => {
  expect(signatureOf(parseSignature(text))).toBe(text);
});

test("reads names of components and blanks", () => {
  expect(signatureOf(parseSignature(" f ( (uint256 amount, address to) pair ) ( bool ok ) "))).toBe(
    "f((uint256,address))(bool)",
  );
});

test("takes what is left out from the contract", () => {
  expect(signatureOf(parseSignature("balanceOf", abi))).toBe("balanceOf(address)(uint256)");
  expect(signatureOf(parseSignature("pick(bool)", abi))).toBe("pick(bool)(address)");
  expect(signatureOf(parseSignature("pick(bool)(uint8)", abi))).toBe("pick(bool)(uint8)");
});

test.each([
  ["pick", "there are 2 functions of that name"],
  ["other", "it has no argument types"],
  ["", "cannot be read"],
  ["f(", "cannot be read"],
  ["f)(", "cannot be read"],
  ["f(uint256)(bool)(bool)", "cannot be read"],
  ["f(uint256) view returns (bool)", "cannot be read"],
  ["f(uint257x)", "cannot be read"],
  ["f(uint256))", "cannot be read"],
])('refuses "%s"', (text, problem) => {
  expect(() => parseSignature(text, abi)).toThrow(BatchInputError);
  expect(() => parseSignature(text, abi)).toThrow(problem);
});

test("property: any text is read or refused, never a crash", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z(),[\] 0-9]{0,40}$/), (text) => {
      try {
        parseSignature(text, abi);
      } catch (error) {
        expect(error).toBeInstanceOf(BatchInputError);
      }
    }),
    { numRuns: 1000 },
  );
});

test("call data is the selector and the arguments; no result types give bytes", () => {
  const fn = parseSignature("balanceOf(address)");
  expect(encodeCall(fn, ["0x000000000000000000000000000000000000c0DE"])).toBe(`0x70a08231${"c0de".padStart(64, "0")}`);
  expect(decodeReturned(fn, "0x12")).toBe("0x12");
});
