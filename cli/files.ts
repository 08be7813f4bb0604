import { readFileSync, writeFileSync } from "node:fs";

import { MeridianError } from "../errors";

/** Text of a file that the user named. @throws MeridianError when it cannot be read */
export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new MeridianError(`${file} cannot be read: ${reasonOf(cause)}.`, { cause });
  }
}

/** Writes a file that the user named. @throws MeridianError when it cannot be written */
export function writeText(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new MeridianError(`${file} cannot be written: ${reasonOf(cause)}.`, { cause });
  }
}

const reasonOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);
