import { MeridianError } from "../../errors";

/** Blocks of one analysis, at most: every one of them is executed again, twice, by the node. */
export const MOST_BLOCKS = 10_000;

/** Blocks as they were asked for; `latest` is the newest. */
export interface BlockRange {
  readonly from: number | "latest";
  readonly to: number | "latest";
}

export class InvalidRangeError extends MeridianError {
  override readonly name = "InvalidRangeError";
}

const BOUND = /^(\d{1,15}|latest)$/;

/**
 * `100..120`, `100..latest`, `100` or `latest`.
 *
 * @throws {InvalidRangeError}
 */
export function parseBlockRange(text: string): BlockRange {
  const parts = text.split("..");
  const [from = "", to = from] = parts;
  if (parts.length > 2 || !BOUND.test(from) || !BOUND.test(to)) throw refuse(text, "It names no blocks.");
  return { from: boundOf(from), to: boundOf(to) };
}

/**
 * The numbers of the blocks, the first and the last.
 *
 * @param head the newest block
 * @throws {InvalidRangeError} for blocks that there are not, that go backwards, or too many
 */
export function resolveRange(text: string, head: number): { readonly first: number; readonly last: number } {
  const { from, to } = parseBlockRange(text);
  const [first, last] = [from === "latest" ? head : from, to === "latest" ? head : to];
  if (last > head) throw refuse(text, `The newest block is ${head}.`);
  if (first > last) throw refuse(text, "The first block comes after the last.");
  if (last - first + 1 > MOST_BLOCKS) throw refuse(text, `That is ${last - first + 1} blocks; at most ${MOST_BLOCKS}.`);
  return { first, last };
}

const boundOf = (text: string): number | "latest" => (text === "latest" ? "latest" : Number(text));

const refuse = (text: string, why: string): InvalidRangeError =>
  new InvalidRangeError(`--blocks is "${text}". ${why}`, {
    hint: "Allowed: a block such as 120, or the first and the last such as 100..120; latest is the newest.",
  });
