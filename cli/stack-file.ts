import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { parse } from "yaml";

import { MeridianError } from "../errors";
import { type Fleet, parseFleet, readSettings } from "../fleet";

/** A stack's file, validated. */
export interface StackFile {
  readonly fleet: Fleet;
  /** Everything under `config`, other namespaces' too. */
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * Reads `Pulumi.<stack>.yaml`.
 *
 * @param dir folder of the Pulumi program
 * @throws MeridianError for a file that is not there
 * @throws InvalidConfigurationError for one that cannot be deployed
 */
export function readStackFile(stack: string, dir: string): StackFile {
  const file = join(resolve(dir), `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) throw new MeridianError(`There is no ${file}. Give --stack and --dir of a Pulumi program.`);
  const { config } = (parse(readFileSync(file, "utf8")) ?? {}) as { config?: Record<string, unknown> | null };
  return { fleet: parseFleet(readSettings(config ?? {})), config: config ?? {} };
}
