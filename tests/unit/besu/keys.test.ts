import { InvalidPrivateKeyError, nodeIdentity } from "../../../besu/keys";
import extraDataVectors from "./vectors/besu_extra_data.json";

const keys = extraDataVectors.vectors.at(-1)!.validators;
/** Besu's public keys were captured for the smaller sets. */
const withPublicKey = extraDataVectors.vectors.flatMap(({ validators }) =>
  (validators as { privateKey: string; address: string; publicKey?: string }[]).filter(
    (v) => v.publicKey !== undefined,
  ),
);
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const hex = (value: bigint) => `0x${value.toString(16).padStart(64, "0")}` as const;

describe("nodeIdentity", () => {
  it.each(keys)("derives the address $address as Besu does", ({ privateKey, address }) => {
    expect(nodeIdentity(privateKey as `0x${string}`).address).toBe(address);
  });

  it.each(withPublicKey)("derives the public key of $address as Besu does", ({ privateKey, publicKey }) => {
    expect(nodeIdentity(privateKey as `0x${string}`).publicKey).toBe(publicKey);
  });

  it("accepts the smallest and the largest key of the curve", () => {
    expect(nodeIdentity(hex(1n)).address).toBe("0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");
    expect(nodeIdentity(hex(ORDER - 1n)).address).toMatch(/^0x[0-9a-f]{40}$/);
  });

  it.each([
    ["zero", hex(0n)],
    ["the order itself", hex(ORDER)],
    ["31 bytes", `0x${"11".repeat(31)}`],
    ["33 bytes", `0x${"11".repeat(33)}`],
    ["63 digits", `0x${"1".repeat(63)}`],
    ["no hex", `0x${"zz".repeat(32)}`],
    ["no prefix", "11".repeat(33)],
  ])("refuses %s, without printing it", (_, key) => {
    const refused = (() => {
      try {
        return nodeIdentity(key as `0x${string}`);
      } catch (error) {
        return error;
      }
    })();

    expect(refused).toBeInstanceOf(InvalidPrivateKeyError);
    expect((refused as Error).message).not.toContain(key.slice(2, 20));
  });
});
