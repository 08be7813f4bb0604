import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectRoot } from "../toolchain/paths";
import { ContractsError } from "./errors";
import { withFileLock } from "./file-lock";
import { compilerVersion, contentKey, type StandardInput } from "./sources";

/** Largest answer of the compiler that is read, in bytes; the suite's has about three million. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** A part of some code, in bytes. */
export interface CodeRange {
  readonly start: number;
  readonly length: number;
}

/** What the compiler says of one contract, as far as Meridian uses it. */
export interface CompiledContract {
  readonly abi: readonly unknown[];
  /** JSON in itself; only where it was asked for. */
  readonly metadata?: string;
  readonly evm: {
    readonly bytecode: {
      readonly object: string;
      /** Places for libraries' addresses, in bytes, by source unit and library. */
      readonly linkReferences?: Readonly<Record<string, Readonly<Record<string, readonly CodeRange[]>>>>;
    };
    readonly deployedBytecode: {
      readonly object: string;
      readonly immutableReferences?: Readonly<Record<string, readonly CodeRange[]>>;
    };
  };
}

export interface CompilerOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, CompiledContract>>>>;
}

/** The Solidity sources do not compile, or the compiler itself failed. */
export class CompilationFailedError extends ContractsError {
  constructor(details: string) {
    super(`The contracts do not compile:\n${details.trim()}\n`, "Correct the Solidity source named above.");
  }
}

/**
 * Runs the installed npm compiler in a process of its own.
 * @throws {CompilationFailedError} with the compiler's messages
 */
export function runCompiler(input: StandardInput): CompilerOutput {
  const child = spawnSync(process.execPath, [join(projectRoot, "contracts", "solc.mjs"), "--standard-json"], {
    input: JSON.stringify(input),
    maxBuffer: MAX_OUTPUT_BYTES,
    encoding: "utf8",
  });
  if (child.error !== undefined) throw new CompilationFailedError(child.error.message);
  if (child.status !== 0) throw new CompilationFailedError(child.stderr);
  const output = JSON.parse(child.stdout) as CompilerOutput;
  const errors = output.errors?.filter(({ severity }) => severity === "error") ?? [];
  if (errors.length > 0) throw new CompilationFailedError(errors.map((error) => error.formattedMessage).join("\n"));
  return output;
}

const cacheFolder = join(projectRoot, "node_modules", ".cache", "meridian", "contracts");

const readJson = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as unknown;
  } catch {
    return undefined; // Absent or torn: compile again.
  }
};

/**
 * The compiler's output for an input, from the cache if this very input was compiled by this very compiler before.
 * Several processes may ask at once: one compiles, the others wait for it.
 *
 * @param purpose folder of the cache; deployment and verification do not share one, so that a verification rests on a
 * compilation of its own
 * @param announce called once before a compilation, to say why it takes a while
 */
export function compileCached(purpose: string, input: StandardInput, announce: () => void): CompilerOutput {
  const path = join(cacheFolder, purpose, `${contentKey(input, compilerVersion())}.json`);
  const cached = readJson(path);
  if (cached !== undefined) return cached as CompilerOutput;

  mkdirSync(dirname(path), { recursive: true });
  return withFileLock(`${path}.lock`, () => {
    const made = readJson(path);
    if (made !== undefined) return made as CompilerOutput;
    announce();
    const output = runCompiler(input);
    const aside = `${path}.${process.pid}`;
    writeFileSync(aside, JSON.stringify(output));
    renameSync(aside, path);
    return output;
  });
}
