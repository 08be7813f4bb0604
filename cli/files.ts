import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";

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

/** Makes a folder that the user named, with those above it. @throws MeridianError when it cannot be made */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new MeridianError(`The folder ${folder} cannot be made: ${reasonOf(cause)}.`, { cause });
  }
}

/** Readers see the old file or the new one, and a crash leaves one of the two. A link stays one, and so do the rights. */
export function replaceFile(link: string, text: string): void {
  const file = existsSync(link) ? realpathSync(link) : link;
  const temporary = `${file}.${process.pid}.tmp`;
  const fd = openSync(temporary, "w", existsSync(file) ? statSync(file).mode : 0o644);
  try {
    writeFileSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  try {
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

const reasonOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);
