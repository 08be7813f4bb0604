import { isAbsolute, join } from "node:path";
import { projectRoot } from "../toolchain/paths";
import { MeridianError } from "../errors";

/** Folder of the journals: MERIDIAN_JOURNAL_DIR, else `.meridian/journal` in the checkout. */
export function journalFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment.MERIDIAN_JOURNAL_DIR;
  if (given === undefined || given === "") return join(projectRoot, ".meridian", "journal");
  return isAbsolute(given) ? given : join(projectRoot, given);
}

/** Takes a line of progress, and the logical name of what it is about where that is not what the program is about. */
export type Progress = (line: string, about?: string) => void;

/** Writes a line of progress; stdout belongs to the result. */
export const progressFor =
  (name: string): Progress =>
  (line, about = name) => {
    process.stderr.write(`${about}: ${line}\n`);
  };

/**
 * Runs a program that a Command resource starts: its result is one line of JSON on stdout and decides the exit code;
 * an expected error is one sentence on stderr, without a stack, and exit code 1, or 2 for a suite that is wrong.
 */
export function runProgram(main: () => Promise<{ result: object; ok: boolean }>): void {
  main()
    .then(({ result, ok }) => {
      process.stdout.write(`${JSON.stringify(result)}\n`);
      process.exitCode = ok ? 0 : 1;
    })
    .catch((error: unknown) => {
      const text = error instanceof MeridianError ? [error.message, error.hint ?? ""].join("\n") : describe(error);
      process.stderr.write(`${text}\n`);
      process.exitCode = error instanceof MeridianError ? error.exitCode : 1;
    });
}

const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
