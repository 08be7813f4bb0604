import type { z } from "zod";

import { MeridianError } from "../errors";

/** What the user gave and the planner cannot work with: which file and key, which value, what is allowed. */
export class PipelineInputError extends MeridianError {
  override readonly name = "PipelineInputError";

  /**
   * @param where file and key or line: `pipeline.yaml, jobs.lint.seconds`
   * @param problem what is wrong with the value: `is -3`
   * @param allowed what would be right, a sentence
   */
  constructor(where: string, problem: string, allowed: string) {
    super(`${where} ${problem}. Allowed: ${allowed}.`);
  }
}

/** A value as an error shows it: JSON, cut short. */
export const shown = (value: unknown): string => {
  if (value === undefined) return "missing";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};

/**
 * What a schema makes of a value.
 * @param where the file, for the message
 * @throws PipelineInputError naming the first key that is wrong
 */
export function read<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys : [];
  const path = [...(issue?.path ?? []), ...unknown.slice(0, 1)].map(String).join(".");
  const place = path === "" ? where : `${where}, ${path}`;
  if (unknown.length > 0) throw new PipelineInputError(place, "is not known", "the keys of docs/pipeline.md");
  const found = issue?.path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
  const problem = found === undefined ? "is missing" : `is ${shown(found)}`;
  throw new PipelineInputError(place, problem, (issue?.message ?? "another value").replace(/\.$/, ""));
}

/**
 * The value of a JSON text.
 * @throws PipelineInputError when it is none
 */
export function json(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new PipelineInputError(where, `is no JSON: ${shown(text.slice(0, 40))}`, "one JSON document");
  }
}
