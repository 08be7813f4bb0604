import type { z } from "zod";

import { MeridianError } from "./errors";
import { suggest } from "./regions/suggest";

/** Longest value that a message quotes, in characters. */
const LONGEST_VALUE = 80;

/** A stack configuration that cannot be deployed. Its message names the key, the value and what is allowed. */
export class InvalidConfigurationError extends MeridianError {
  override readonly name = "InvalidConfigurationError";
}

/** The second half of the message about a setting that does not exist. */
export function unknownSetting(key: string, known: readonly string[]): string {
  const near = suggest(key, known);
  const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
  return `There is no such setting.${hint} Allowed: ${known.join(", ")}.`;
}

/**
 * One message for one issue: `meridian:regions[2].name is "japaneastt". It is not …. Allowed: …`.
 *
 * @param keyOf how the place is written. @default as a key of the configuration
 */
export function describeIssue(
  issue: z.core.$ZodIssue | undefined,
  raw: unknown,
  keyOf: (path: readonly PropertyKey[]) => string = renderKey,
): string {
  if (issue === undefined) return "The configuration is refused without a reason. This is a bug in Meridian.";
  const path = issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0] ?? ""] : issue.path;
  const given = issue.code === "custom" ? (issue.params?.value as unknown) : undefined;
  const value = typeof given === "string" ? given : showAt(raw, path);
  return `${keyOf(path)} is ${value}. ${issue.message}`;
}

/** Settings that may hold a password although they should not. */
const HIDDEN: readonly (PropertyKey | undefined)[] = ["rpcUrl"];

function showAt(raw: unknown, path: readonly PropertyKey[]): string {
  const value = valueAt(raw, path);
  return typeof value === "string" && HIDDEN.includes(path.at(-1)) ? "text that is not shown" : show(value);
}

/** A value as its user wrote it, shortened. */
export function show(value: unknown): string {
  if (value === undefined) return "missing";
  const json = JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? inner.toString() : inner));
  const shown = (json as string | undefined) ?? typeof value;
  return shown.length > LONGEST_VALUE ? `${shown.slice(0, LONGEST_VALUE)}…` : shown;
}

/** `["regions", 2, "name"]` as `meridian:regions[2].name`, the path that `pulumi config set --path` takes. */
function renderKey(path: readonly PropertyKey[]): string {
  const [first, ...rest] = path;
  const tail = rest.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
  return first === undefined ? "The configuration" : `meridian:${String(first)}${tail}`;
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[step] : undefined,
    raw,
  );
}
