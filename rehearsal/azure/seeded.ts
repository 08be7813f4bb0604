import { hash } from "node:crypto";

/**
 * A number in (0, 1) that depends on nothing but its text: the first 53 bits of its SHA-256. In one call and without
 * big integers, since a forecast asks a million times.
 */
export const uniform = (text: string): number => {
  const digest = hash("sha256", text, "hex");
  const [high, low] = [parseInt(digest.slice(0, 8), 16), parseInt(digest.slice(8, 16), 16)];
  return (high * 2 ** 21 + (low >>> 11) + 0.5) / 2 ** 53;
};

/** A standard normal value from two uniform ones (Box and Muller, 1958). */
export const normal = (text: string): number =>
  Math.sqrt(-2 * Math.log(uniform(`${text}/radius`))) * Math.cos(2 * Math.PI * uniform(`${text}/angle`));
