import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";

import { withLock } from "../contracts/file-lock";
import { MeridianError } from "../errors";
import { quorum } from "../regions/quorum";
import { generateStackFile } from "./config-file";
import { readEnvFile } from "./config-env";
import { ConfigInputError, type Inputs } from "./config-inputs";
import { readOutputs } from "./config-outputs";
import { readRegionList } from "./config-regions";
import { replaceFile } from "./files";

export interface GenerateOptions {
  readonly stack: string;
  readonly regions?: string;
  readonly from?: string;
  readonly fromOutputs?: string;
  readonly check?: boolean;
  /** Folder of Pulumi.yaml. */
  readonly dir: string;
}

/** How long to wait for another run that writes, in milliseconds; each takes well under a second. */
const LOCK_TIMEOUT_MS = 60_000;

/**
 * Writes a stack file from its inputs, or with `check` says what would change and sets the exit code 1.
 *
 * @throws {MeridianError} for an input that is wrong, with its file and line.
 */
export async function generate(options: GenerateOptions): Promise<void> {
  if (!/^[\w.-]+$/.test(options.stack)) {
    throw new MeridianError(`"${options.stack}" is no stack's name. Use letters, digits, dot, dash and underscore.`);
  }
  const inputs = readInputs(options);
  const project = join(resolve(options.dir), "Pulumi.yaml");
  if (!existsSync(project))
    throw new MeridianError(`There is no ${project}. Give --dir the folder of a Pulumi program.`);
  const file = join(resolve(options.dir), `Pulumi.${options.stack}.yaml`);
  const name = basename(file);

  // The lock is on Pulumi.yaml, which nobody replaces: a lock on the file itself would go with the file that is replaced.
  const { changes, fleet } = await withLock(project, LOCK_TIMEOUT_MS, async () => {
    const text = existsSync(file) ? readFileSync(file, "utf8") : undefined;
    const generated = generateStackFile(text, name, inputs);
    if (options.check !== true && generated.changes.length > 0) replaceFile(file, generated.text);
    return Promise.resolve(generated);
  });

  if (inputs.ignored.length > 0) process.stderr.write(`No settings of Meridian: ${inputs.ignored.join(", ")}\n`);
  if (changes.length === 0) {
    process.stdout.write(`${name} is as the inputs say.\n`);
    return;
  }
  const validators = fleet.regions.reduce((sum, region) => sum + region.validators, 0);
  const size = `${fleet.regions.length} regions, ${validators} validators, quorum ${quorum(validators)}`;
  const done = options.check === true ? "would change" : "written";
  process.stdout.write(`${changes.join("\n")}\n${name} ${done}: ${size}.\n`);
  if (options.check === true) process.exitCode = 1;
}

/** Every input; what is read last wins. */
function readInputs({ regions, from, fromOutputs }: GenerateOptions): Inputs {
  const read = (path: string | undefined, parse: (text: string, file: string) => Inputs): Inputs[] =>
    path === undefined ? [] : [parse(readInput(path), basename(path))];
  const all = [...read(fromOutputs, readOutputs), ...read(from, readEnvFile), ...read(regions, readRegionList)];
  if (all.length === 0) {
    throw new MeridianError("There is nothing to write. Give --regions, --from or --from-outputs.");
  }
  return {
    given: all.flatMap(({ given }) => given),
    origins: lastRegions(all),
    ignored: all.flatMap(({ ignored }) => ignored),
  };
}

/** The places of the list of regions that counts: those of a list that was overruled would name the wrong file. */
const lastRegions = (all: readonly Inputs[]): Inputs["origins"] =>
  all.findLast(({ given }) => given.some(({ path }) => path[0] === "regions"))?.origins ?? [];

function readInput(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigInputError(`${path} cannot be read: ${reason}`);
  }
}
