import { createHash } from "node:crypto";

/** A number in (0, 1) that depends on nothing but its text. */
export const uniform = (text: string): number => {
  const digest = createHash("sha256").update(text).digest();
  return (Number(digest.readBigUInt64BE() >> 11n) + 0.5) / 2 ** 53;
};

/** A standard normal value from two uniform ones (Box and Muller, 1958). */
export const normal = (text: string): number =>
  Math.sqrt(-2 * Math.log(uniform(`${text}/radius`))) * Math.cos(2 * Math.PI * uniform(`${text}/angle`));
