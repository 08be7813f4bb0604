import { z } from "zod";

import { MeridianError } from "../../errors";
import type { Profile } from "../azure/latency";

const seconds = (what: string) => {
  const error = `Allowed: ${what} in seconds, more than 0.`;
  return z.number({ error }).positive({ error });
};

const entrySchema = z
  .object({ median: seconds("the median"), p95: seconds("the 95th percentile"), samples: z.int().optional() })
  .refine(({ median, p95 }) => p95 >= median, { error: "Allowed: a p95 of at least the median." });

const profileSchema = z.object({
  schemaVersion: z.literal(1, { error: "Allowed: 1." }),
  types: z.record(z.string(), entrySchema, { error: "Allowed: a mapping of type tokens to { median, p95 }." }),
});

/**
 * Reads what `meridian calibrate` writes.
 * @param text JSON
 * @param file for the message
 * @throws MeridianError for the first thing wrong, naming its key and what is allowed
 */
export const readProfile = (text: string, file: string): Profile => {
  const result = profileSchema.safeParse(parse(text, file));
  if (result.success) return result.data.types;
  const [issue] = result.error.issues;
  const key = issue?.path.join(".") ?? "";
  throw new MeridianError(`${file}: ${key === "" ? "the profile" : key} is refused. ${issue?.message ?? ""}`, {
    hint: "Write it with npx meridian calibrate.",
  });
};

const parse = (text: string, file: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MeridianError(`${file} is no JSON.`, { hint: "Write it with npx meridian calibrate.", cause });
  }
};
