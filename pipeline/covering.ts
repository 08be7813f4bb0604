import { z } from "zod";

import { PipelineInputError, read } from "./input";

const value = z.union([z.string(), z.number(), z.boolean()], { error: "a text, a number, true or false" });
const combination = z.record(z.string(), value, { error: "values by axis" });
const schema = z.strictObject({
  axes: z.record(z.string(), z.array(value, { error: "a list of values" }).min(1, { error: "at least one value" }), {
    error: "lists of values by axis",
  }),
  exclude: z.array(combination, { error: "a list of combinations" }).default([]),
});

/** A job matrix: values by axis, and combinations (or parts of them) that are left out. */
export type MatrixSpec = z.infer<typeof schema>;

/** One job of a matrix: a value for each axis. */
export type Combination = Readonly<Record<string, string | number | boolean>>;

/** As many combinations as are looked at: more are refused. */
export const MAX_COMBINATIONS = 20_000;

/** @throws PipelineInputError naming the key that is wrong */
export function parseMatrix(document: unknown, file: string): MatrixSpec {
  const spec = read(schema, document, file);
  for (const [axis, values] of Object.entries(spec.axes)) {
    if (new Set(values).size < values.length) {
      throw new PipelineInputError(`${file}, axes.${axis}`, "has a value twice", "each value once");
    }
  }
  spec.exclude.forEach((part, index) => {
    for (const axis of Object.keys(part)) {
      if (Object.hasOwn(spec.axes, axis)) continue;
      const allowed = Object.keys(spec.axes).join(", ");
      throw new PipelineInputError(`${file}, exclude.${index}.${axis}`, "is no axis", allowed);
    }
  });
  return spec;
}

/**
 * Every combination that is not excluded, the last axis fastest.
 *
 * @throws PipelineInputError when there are none, or more than 20,000
 */
export function combinations({ axes, exclude }: MatrixSpec, file: string): Combination[] {
  const size = Object.values(axes).reduce((product, values) => product * values.length, 1);
  if (size > MAX_COMBINATIONS) {
    throw new PipelineInputError(`${file}, axes`, `make ${size} combinations`, `at most ${MAX_COMBINATIONS}`);
  }
  const all = Object.entries(axes).reduce<Combination[]>(
    (some, [axis, values]) => some.flatMap((one) => values.map((each) => ({ ...one, [axis]: each }))),
    [{}],
  );
  const left = all.filter(
    (one) => !exclude.some((part) => Object.entries(part).every(([axis, each]) => one[axis] === each)),
  );
  if (left.length === 0 || Object.keys(axes).length === 0) {
    throw new PipelineInputError(file, "leaves no combination", "at least one that is not excluded");
  }
  return left;
}

/** Every pair of values of two axes in a combination, as text. With one axis, its values. */
export function pairsOf(one: Combination): string[] {
  const entries = Object.entries(one);
  if (entries.length === 1) return [JSON.stringify(entries)];
  return entries.flatMap((a, index) => entries.slice(index + 1).map((b) => JSON.stringify([a, b])));
}

/** A matrix reduced to fewer jobs that still have every pair of values that any job had. */
export interface Covering {
  readonly chosen: readonly Combination[];
  readonly dropped: readonly Combination[];
  /** Pairs that there are. */
  readonly pairs: number;
}

/**
 * A covering set of strength two, greedily: at each step the combination with the most pairs that are not yet covered, the
 * first of equals (after AETG, Cohen et al., 1997, choosing among the combinations that exist, so that exclusions hold).
 */
export function cover(all: readonly Combination[]): Covering {
  const pairs = all.map(pairsOf);
  const open = new Set(pairs.flat());
  const total = open.size;
  const chosen = new Set<number>();
  // A gain only shrinks as pairs are taken, so the last one computed is an upper bound.
  const gains = pairs.map(({ length }) => length);
  while (open.size > 0) {
    let [best, most] = [-1, 0];
    pairs.forEach((own, index) => {
      if ((gains[index] ?? 0) <= most || chosen.has(index)) return;
      const gain = own.filter((pair) => open.has(pair)).length;
      gains[index] = gain;
      if (gain > most) [best, most] = [index, gain];
    });
    chosen.add(best);
    for (const pair of pairs[best] ?? []) open.delete(pair);
  }
  return {
    chosen: all.filter((_, index) => chosen.has(index)),
    dropped: all.filter((_, index) => !chosen.has(index)),
    pairs: total,
  };
}

/** Pairs of a matrix that a set of jobs does not have. */
export function uncovered(all: readonly Combination[], chosen: readonly Combination[]): string[] {
  const covered = new Set(chosen.flatMap(pairsOf));
  return [...new Set(all.flatMap(pairsOf))].filter((pair) => !covered.has(pair));
}
