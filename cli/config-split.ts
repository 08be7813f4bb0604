import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { MeridianError } from "../errors";
import { saysTheSame, splitConfiguration, type StackPart } from "../operations/rollout/split";
import { writeText } from "./files";

export interface SplitOptions {
  readonly stack: string;
  readonly dir: string;
  readonly check?: boolean;
}

const fileOf = (dir: string, stack: string): string => join(resolve(dir), `Pulumi.${stack}.yaml`);

const textOf = (file: string): string | undefined => (existsSync(file) ? readFileSync(file, "utf8") : undefined);

/** The parts of a network as they should be, and whether their files say so. */
export function readParts(
  stack: string,
  dir: string,
): (StackPart & { readonly file: string; readonly current: boolean })[] {
  const base = textOf(fileOf(dir, stack));
  if (base === undefined) {
    throw new MeridianError(`There is no ${fileOf(dir, stack)}. Give --stack and --dir of a Pulumi program.`);
  }
  return splitConfiguration(stack, base, (part) => textOf(fileOf(dir, part))).map((part) => {
    const file = fileOf(dir, part.stack);
    const now = textOf(file);
    return { ...part, file, current: now !== undefined && saysTheSame(now, part.text) };
  });
}

/** Whether a network has been split: its `global` stack has a file. */
export const isSplit = (stack: string, dir: string): boolean => existsSync(fileOf(dir, `${stack}.global`));

/** Runs `meridian config split`. */
export function split({ stack, dir, check = false }: SplitOptions): void {
  const stale = readParts(stack, dir).filter(({ current }) => !current);
  for (const { file, text } of check ? [] : stale) writeText(file, text);
  const what = check ? "would be written" : "written";
  const lines = stale.map((part) => `Pulumi.${part.stack}.yaml ${what}`);
  process.stdout.write(`${lines.length > 0 ? lines.join("\n") : "Every part is as it should be."}\n`);
  if (check && stale.length > 0) process.exitCode = 1;
}
