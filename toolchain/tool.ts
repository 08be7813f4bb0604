import { MeridianError } from "../errors";
import type { Progress } from "./progress";

/** Where a tool came from. */
export type ToolSource =
  | "path"
  | "cache"
  | "vendor"
  | "built"
  | "npm"
  | "BESU_HOME"
  | "MERIDIAN_PROMTOOL"
  | "MERIDIAN_CHROMIUM"
  | "MERIDIAN_SHELLCHECK"
  | "CHROME_BIN"
  | "this process";

/** A program that is there and was seen to run (or whose stamp says so). */
export interface Tool {
  readonly name: string;
  /** `3.259.0`; "unknown" for a program that cannot say. */
  readonly version: string;
  /** Absolute path of the program. */
  readonly path: string;
  readonly source: ToolSource;
  /** How it came into the cache, where that says more than `source`. */
  readonly origin?: string;
}

/** The answer of one way to get a tool. */
export type Outcome<T> = { readonly found: T } | { readonly missed: string };

/** One way to get a tool. */
export interface Attempt<T> {
  /** As it stands in the error: "pulumi on PATH". */
  readonly what: string;
  /** A miss here is normal and needs no word as long as a later way succeeds. @default false */
  readonly quiet?: boolean;
  readonly get: () => Promise<Outcome<T>>;
}

/** A tool that cannot be had: says each way that was tried, why it failed, and what to install. */
export class ToolMissingError extends MeridianError {
  override readonly name = "ToolMissingError";

  constructor(
    readonly tool: string,
    readonly tried: readonly { readonly what: string; readonly reason: string }[],
    install: string,
  ) {
    const lines = tried.map(({ what, reason }) => `  - ${what}: ${reason.replaceAll("\n", "\n      ")}`);
    super(`${tool} cannot be had here. Tried:\n${lines.join("\n")}`, { hint: install });
  }
}

/**
 * Tries the ways in order and returns what the first successful one found.
 *
 * @param install what the user can do when none succeeds
 * @throws ToolMissingError with every reason
 */
export async function firstFound<T>(
  tool: string,
  attempts: readonly Attempt<T>[],
  install: string,
  progress?: Progress,
): Promise<T> {
  const tried: { what: string; reason: string }[] = [];
  for (const { what, quiet, get } of attempts) {
    const outcome = await get();
    if ("found" in outcome) return outcome.found;
    tried.push({ what, reason: outcome.missed });
    if (quiet !== true) progress?.({ kind: "note", text: `${what}: ${outcome.missed}` });
  }
  throw new ToolMissingError(tool, tried, install);
}
