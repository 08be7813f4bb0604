import { readFileSync, statSync } from "node:fs";
import { messageOf } from "./errors";

/** Permission bits of group and others. */
const OTHERS = 0o077;

/**
 * Reads a file that holds one secret, without the white space around it.
 *
 * @param what names it in messages: `key file`
 * @param refuse makes the error out of what is wrong and what to do; neither holds the secret
 */
export function readSecretFile(path: string, what: string, refuse: (problem: string, remedy: string) => Error): string {
  let mode: number;
  let text: string;
  try {
    ({ mode } = statSync(path));
    text = (mode & OTHERS) === 0 ? readFileSync(path, "utf8").trim() : "";
  } catch (error) {
    throw refuse(`The ${what} ${path} cannot be read (${messageOf(error)}).`, "Check the path.");
  }
  if ((mode & OTHERS) === 0) return text;
  const shown = (mode & 0o777).toString(8);
  throw refuse(`The ${what} ${path} has mode ${shown}: other accounts can use it.`, "Restrict it: chmod 600.");
}
