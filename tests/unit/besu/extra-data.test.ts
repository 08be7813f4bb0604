import fc from "fast-check";
import { type Address, toRlp, zeroHash } from "viem";

import { encodeExtraData, InvalidValidatorSetError, sortValidators } from "../../../besu/extra-data";
import extraDataVectors from "./vectors/besu_extra_data.json";

const addresses = fc.uniqueArray(
  fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => `0x${Buffer.from(bytes).toString("hex")}` as const),
  { minLength: 1, maxLength: 60 },
);

describe("encodeExtraData", () => {
  it.each(extraDataVectors.vectors)("writes the bytes that Besu writes for $n validators", (vector) => {
    expect(encodeExtraData(vector.validators.map(({ address }) => address as Address))).toBe(vector.extraData);
  });

  it("does not depend on the order or the case of the validators", () => {
    fc.assert(
      fc.property(addresses, fc.infiniteStream(fc.nat()), (validators, random) => {
        const shuffled = validators
          .map((address) => ({ address, key: random.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ address }) => `0x${address.slice(2).toUpperCase()}` as const);
        expect(encodeExtraData(shuffled)).toBe(encodeExtraData(validators));
      }),
    );
  });

  it("would be caught without the sorting: other bytes, another genesis hash", () => {
    const { validators, extraData } = extraDataVectors.vectors.find(({ n }) => n === 48)!;
    const unsorted = validators.map(({ address }) => address as Address);

    expect(toRlp([zeroHash, unsorted, [], "0x", []])).not.toBe(extraData);
  });
});

describe("sortValidators", () => {
  const address = `0x${"ab".repeat(20)}` as const;

  it.each([
    ["an empty set", [], "The validator set is empty."],
    ["something that is no address", ["0x1234" as const], 'Validator "0x1234" is not an address.'],
    ["an address named twice", [address, `0x${"AB".repeat(20)}` as const], `Validator ${address} is named twice.`],
  ])("refuses %s", (_, validators, message) => {
    expect(() => sortValidators(validators)).toThrow(InvalidValidatorSetError);
    expect(() => sortValidators(validators)).toThrow(message);
  });
});
