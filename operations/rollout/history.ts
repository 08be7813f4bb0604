import { parse, stringify } from "yaml";
import { z } from "zod";

/** An update as `pulumi stack history --json` tells of it, newest first. */
const updatesSchema = z.array(
  z.object({
    kind: z.string(),
    result: z.string(),
    config: z
      .record(
        z.string(),
        z.object({ value: z.string().optional(), objectValue: z.unknown().optional(), secret: z.boolean().optional() }),
      )
      .optional(),
  }),
);

/**
 * The configuration of the newest update that succeeded, by full key; secret values are left out.
 *
 * @param json `pulumi stack history --json`
 * @returns undefined where no update has succeeded yet
 */
export function deployedConfiguration(json: string): Record<string, unknown> | undefined {
  const updates = updatesSchema.parse(JSON.parse(json.trim() === "" ? "[]" : json));
  const last = updates.find(({ kind, result }) => kind === "update" && result === "succeeded");
  if (last?.config === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(last.config).flatMap(([key, { value, objectValue = value, secret = false }]) =>
      secret || objectValue === undefined ? [] : [[key, objectValue]],
    ),
  );
}

/**
 * A stack file with an earlier configuration in it: what is beside `config` stays, such as the salt, and so does each
 * value that is secret, which no history tells.
 *
 * @param file text of the stack file as it is now
 */
export function withConfiguration(file: string, previous: Readonly<Record<string, unknown>>): string {
  const now = (parse(file) ?? {}) as { readonly config?: Readonly<Record<string, unknown>> };
  const secrets = Object.entries(now.config ?? {}).filter(
    ([, value]) => typeof value === "object" && value !== null && "secure" in value,
  );
  return stringify({ ...now, config: { ...Object.fromEntries(secrets), ...previous } });
}
