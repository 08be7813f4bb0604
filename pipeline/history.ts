import { z } from "zod";

import { json, PipelineInputError, read } from "./input";

const instant = z.iso.datetime({ offset: true, error: "a time such as 2026-11-21T12:00:00Z" });
const seconds = z
  .number({ error: "a number of seconds, at least 0" })
  .min(0, { error: "a number of seconds, at least 0" });
const text = z.string({ error: "a text" }).min(1, { error: "a text that is not empty" });

const observationSchema = z.strictObject({
  kind: z.enum(["test", "job", "step", "operation"], { error: "test, job, step or operation" }),
  name: text,
  run: text,
  attempt: z.int({ error: "a whole number from 1" }).min(1, { error: "a whole number from 1" }),
  at: instant,
  seconds,
  outcome: z.enum(["passed", "failed", "skipped"], { error: "passed, failed or skipped" }),
  commit: text.optional(),
  sizeBytes: z.int({ error: "a whole number of bytes" }).min(0, { error: "at least 0 bytes" }).optional(),
  sha256: text.optional(),
  failed: z.array(text, { error: "names of tests" }).optional(),
  cache: z.enum(["hit", "miss"], { error: "hit or miss" }).optional(),
});

/**
 * What one attempt of one run showed of one thing: a test file, a job, a step of a job, or an operation of Pulumi's
 * engine. A line of the history.
 *
 * `at`: when it was measured. `sizeBytes`, `sha256`: of the test file at that time. `failed`: names of its tests that
 * failed. `cache`: whether the run found its caches.
 */
export type Observation = z.infer<typeof observationSchema>;

/** What is one and the same observation, however often it is read. */
const keyOf = ({ kind, name, run, attempt }: Observation): string => JSON.stringify([kind, name, run, attempt]);

/** Keys in one order, so that equal observations are equal lines. */
const lineOf = (observation: Observation): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.keys(observationSchema.shape).flatMap((key) => {
        const value = observation[key as keyof Observation];
        return value === undefined ? [] : [[key, value]];
      }),
    ),
  );

/**
 * Histories joined: each observation once, by time. The order of the histories, and how often one is given, change
 * nothing, so that two branches' files can be merged line by line (`merge=union` in .gitattributes).
 */
export function mergeHistories(...histories: readonly (readonly Observation[])[]): Observation[] {
  const byKey = new Map<string, { line: string; observation: Observation }>();
  for (const observation of histories.flat()) {
    const key = keyOf(observation);
    const line = lineOf(observation);
    const known = byKey.get(key);
    // Two that contradict each other: one of them, the same one in every order.
    if (known === undefined || known.line < line) byKey.set(key, { line, observation });
  }
  const before = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return [...byKey.values()]
    .sort((a, b) => Date.parse(a.observation.at) - Date.parse(b.observation.at) || before(a.line, b.line))
    .map(({ observation }) => observation);
}

/** The latest observations of each thing, so that a history that is kept in a repository stays small. @param count at least 1 */
export function keepLatest(history: readonly Observation[], count: number): Observation[] {
  const left = new Map<string, number>();
  return mergeHistories(history)
    .reverse()
    .filter(({ kind, name }) => {
      const key = JSON.stringify([kind, name]);
      const room = left.get(key) ?? count;
      left.set(key, room - 1);
      return room > 0;
    })
    .reverse();
}

/** The history as JSON lines, merged and in order. */
export const formatHistory = (observations: readonly Observation[]): string =>
  mergeHistories(observations)
    .map((observation) => `${lineOf(observation)}\n`)
    .join("");

/**
 * Reads JSON lines. Lines in any order, repeated or not, as a merge leaves them.
 * @param file for the message
 * @throws PipelineInputError naming the line that is wrong
 */
export function parseHistory(text: string, file: string): Observation[] {
  const observations = text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const where = `${file}:${index + 1}`;
    if (/^(<{7}|={7}|>{7})/.test(line)) {
      throw new PipelineInputError(where, "is a conflict that Git left", "both sides' lines, in any order");
    }
    return [read(observationSchema, json(line, where), where)];
  });
  return mergeHistories(observations);
}

/** The runs in the history, the oldest first. */
export const runsOf = (history: readonly Observation[]): string[] => [
  ...new Set(mergeHistories(history).map(({ run }) => run)),
];
