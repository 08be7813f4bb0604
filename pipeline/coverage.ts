import { z } from "zod";

import { PipelineInputError, read } from "./input";

const counts = z.record(z.string(), z.number({ error: "a count" }), { error: "counts by number" });
const fileSchema = z.looseObject({
  path: z.string({ error: "a path" }),
  statementMap: z.record(z.string(), z.unknown(), { error: "places by number" }),
  fnMap: z.record(z.string(), z.unknown(), { error: "places by number" }),
  branchMap: z.record(z.string(), z.unknown(), { error: "places by number" }),
  s: counts,
  f: counts,
  b: z.record(z.string(), z.array(z.number({ error: "a count" })), { error: "lists of counts by number" }),
});
const schema = z.record(z.string(), fileSchema, { error: "files by path" });

/** Coverage as Istanbul writes it (`coverage-final.json`): by file, where its statements are and how often each ran. */
export type Coverage = z.infer<typeof schema>;
type FileCoverage = z.infer<typeof fileSchema>;

/** @throws PipelineInputError naming the key that is wrong */
export const parseCoverage = (document: unknown, file: string): Coverage => read(schema, document, file);

const add = (a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.keys({ ...a, ...b }).map((key) => [key, (a[key] ?? 0) + (b[key] ?? 0)]));

const placesOf = ({ statementMap, fnMap, branchMap }: FileCoverage): string =>
  JSON.stringify([statementMap, fnMap, branchMap]);

function mergeFile(a: FileCoverage, b: FileCoverage): FileCoverage {
  if (placesOf(a) !== placesOf(b)) {
    throw new PipelineInputError(a.path, "has other statements in one shard than in another", "coverage of one commit");
  }
  const branches = Object.keys(a.b).map((key) => {
    const other = b.b[key] ?? [];
    return [key, (a.b[key] ?? []).map((times, index) => times + (other[index] ?? 0))] as const;
  });
  return { ...a, s: add(a.s, b.s), f: add(a.f, b.f), b: Object.fromEntries(branches) };
}

/**
 * Coverage of several shards as one: counts are added.
 *
 * @throws PipelineInputError when a file's statements differ between shards
 */
export function mergeCoverage(shards: readonly Coverage[]): Coverage {
  const merged = new Map<string, FileCoverage>();
  for (const [path, file] of shards.flatMap((shard) => Object.entries(shard))) {
    const known = merged.get(path);
    merged.set(path, known === undefined ? file : mergeFile(known, file));
  }
  return Object.fromEntries([...merged].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What was reached of a file, as text. */
const reached = ({ s, f, b }: FileCoverage): Map<string, boolean> =>
  new Map([
    ...Object.entries(s).map(([key, times]) => [`statement ${key}`, times > 0] as const),
    ...Object.entries(f).map(([key, times]) => [`function ${key}`, times > 0] as const),
    ...Object.entries(b).flatMap(([key, each]) =>
      each.map((times, index) => [`branch ${key}.${index}`, times > 0] as const),
    ),
  ]);

/**
 * Where two coverages differ in what was reached. How often is not compared: code that runs when a file is loaded runs once
 * in every shard.
 *
 * @returns one line a difference: `src/a.ts, statement 3: reached, not reached`
 */
export function coverageDifferences(a: Coverage, b: Coverage): string[] {
  const told = (value: boolean | undefined): string =>
    value === undefined ? "unknown" : value ? "reached" : "not reached";
  return Object.keys({ ...a, ...b }).flatMap((path) => {
    const [left, right] = [a[path], b[path]];
    if (left === undefined || right === undefined)
      return [`${path}: only in ${left === undefined ? "the second" : "the first"}`];
    const [first, second] = [reached(left), reached(right)];
    return [...new Set([...first.keys(), ...second.keys()])].flatMap((place) =>
      first.get(place) === second.get(place)
        ? []
        : [`${path}, ${place}: ${told(first.get(place))}, ${told(second.get(place))}`],
    );
  });
}

/** Statements reached, and all of them. */
export function statementsOf(coverage: Coverage): { readonly reached: number; readonly all: number } {
  const times = Object.values(coverage).flatMap(({ s }) => Object.values(s));
  return { reached: times.filter((each) => each > 0).length, all: times.length };
}
