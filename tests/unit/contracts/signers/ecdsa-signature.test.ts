import { generateKeyPairSync, sign as signWith } from "node:crypto";
import fc from "fast-check";
import { keccak256, numberToHex, sha256, type Hex } from "viem";
import { privateKeyToAccount, sign } from "viem/accounts";
import {
  lowS,
  parseSignature,
  recoverable,
  SECP256K1_ORDER,
  SignatureError,
} from "../../../../contracts/signers/ecdsa-signature";

const privateKeys = fc.bigInt({ min: 1n, max: SECP256K1_ORDER - 1n }).map((key) => numberToHex(key, { size: 32 }));
const messages = fc.uint8Array({ minLength: 0, maxLength: 64 });
const bytesOf = (hex: Hex): Buffer => Buffer.from(hex.slice(2), "hex");

test("property: either half of s becomes the signature that Ethereum knows, with its parity", async () => {
  await fc.assert(
    fc.asyncProperty(privateKeys, messages, fc.boolean(), async (privateKey, message, high) => {
      const hash = keccak256(message);
      const known = await sign({ hash, privateKey });
      const s = high ? SECP256K1_ORDER - BigInt(known.s) : BigInt(known.s);
      const bytes = Buffer.concat([bytesOf(known.r), bytesOf(numberToHex(s, { size: 32 }))]);
      const { address } = privateKeyToAccount(privateKey);
      const { r, s: found, yParity } = await recoverable(hash, parseSignature(bytes), address);
      expect({ r, s: found, yParity }).toEqual({ r: known.r, s: known.s, yParity: known.yParity });
    }),
    { numRuns: 50 },
  );
});

test("DER and r ‖ s of OpenSSL are understood, and lead to the key that signed", async () => {
  for (let run = 0; run < 20; run++) {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
    const { d } = privateKey.export({ format: "jwk" }) as { d: string };
    const { address } = privateKeyToAccount(`0x${Buffer.from(d, "base64url").toString("hex").padStart(64, "0")}`);
    const message = Buffer.from(`message ${run}`);
    const encodings = ["der", "ieee-p1363"] as const;
    for (const dsaEncoding of encodings) {
      const bytes = signWith("sha256", message, { key: privateKey, dsaEncoding });
      const { s } = await recoverable(sha256(message), parseSignature(bytes), address);
      expect(BigInt(s) <= SECP256K1_ORDER / 2n).toBe(true);
    }
  }
});

test("a signature of another key is refused", async () => {
  const privateKey = numberToHex(5, { size: 32 });
  const hash = keccak256("0x01");
  const { r, s } = await sign({ hash, privateKey });
  const { address } = privateKeyToAccount(numberToHex(6, { size: 32 }));
  await expect(recoverable(hash, { r: BigInt(r), s: BigInt(s) }, address)).rejects.toThrow(`it is not of ${address}`);
});

test("the lower half stays, the upper half is turned over", () => {
  const half = SECP256K1_ORDER / 2n;
  expect(lowS({ r: 1n, s: half })).toEqual({ r: 1n, s: half });
  expect(lowS({ r: 1n, s: half + 1n })).toEqual({ r: 1n, s: half });
});

const der = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

test.each<[string, Uint8Array, string]>([
  ["nothing", der(), "no sequence"],
  ["a wrong length", der(0x30, 7, 2, 1, 1, 2, 1, 1), "the length of the sequence is wrong"],
  ["a negative integer", der(0x30, 6, 2, 1, 0x80, 2, 1, 1), "an integer is negative"],
  ["needless zeros", der(0x30, 7, 2, 2, 0, 1, 2, 1, 1), "an integer has needless zeros"],
  ["a cut integer", der(0x30, 4, 2, 1, 1, 2), "an integer is cut off"],
  ["something behind", der(0x30, 7, 2, 1, 1, 2, 1, 1, 0), "bytes are left over"],
  ["r of zero", der(0x30, 6, 2, 1, 0, 2, 1, 1), "r is out of range"],
  ["s of the order", Buffer.concat([Buffer.alloc(31), der(1), bytesOf(numberToHex(SECP256K1_ORDER))]), "s is out of"],
])("refuses %s", (_, bytes, problem) => {
  expect(() => parseSignature(bytes)).toThrow(SignatureError);
  expect(() => parseSignature(bytes)).toThrow(problem);
});

test("property: any bytes are a signature in range, or refused; never something else", () => {
  const near = fc.uint8Array({ maxLength: 72 }).map((bytes) => Uint8Array.from([0x30, bytes.length, ...bytes]));
  fc.assert(
    fc.property(fc.oneof(near, fc.uint8Array({ maxLength: 80 })), (bytes) => {
      try {
        const { r, s } = parseSignature(bytes);
        expect(r > 0n && s > 0n && r < SECP256K1_ORDER && s < SECP256K1_ORDER).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(SignatureError);
      }
    }),
    { numRuns: 500 },
  );
});
