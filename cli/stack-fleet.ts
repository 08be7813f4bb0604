import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { parse } from "yaml";

import { MeridianError } from "../errors";
import { type Fleet, parseFleet, readSettings } from "../fleet";

/**
 * The validated configuration of a stack.
 *
 * @param dir folder of the Pulumi program
 * @throws {MeridianError} without a `Pulumi.<stack>.yaml`, or for one that cannot be deployed.
 */
export function readStackFleet(stack: string, dir: string): Fleet {
  const file = join(resolve(dir), `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) throw new MeridianError(`There is no ${file}. Give --stack and --dir of a Pulumi program.`);
  const { config = {} } = (parse(readFileSync(file, "utf8")) ?? {}) as { config?: Record<string, unknown> };
  return parseFleet(readSettings(config));
}
