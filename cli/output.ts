import { CommanderError } from "commander";

import { MeridianError } from "../errors";

/** Where an error is written. */
export interface ErrorStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * Prints an error and returns the exit code: message and hint for one that the user can act on (its own code, 2 as a
 * rule), the stack for a bug (1). Commander has printed its own already.
 */
export function reportError(error: unknown, stream: ErrorStream = process.stderr): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof MeridianError) {
    const red = stream.isTTY === true ? (text: string) => `\u001b[31m${text}\u001b[39m` : (text: string) => text;
    stream.write(`${red("error:")} ${error.message}\n${error.hint === undefined ? "" : `\n${error.hint}\n`}`);
    return error.exitCode;
  }
  const shown = error instanceof Error ? (error.stack ?? error.message) : String(error);
  stream.write(`This is a bug in Meridian:\n${shown}\n`);
  return 1;
}

/** The only way to stdout for `--json`: one document and a newline. */
export const printJson = (value: unknown): boolean => process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
