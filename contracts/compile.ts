import type { Abi, Hex } from "viem";
import { ContractsError } from "./errors";
import { compileCached } from "./compiler";
import { compilerVersion, contentKey, contractIn, ownUnits, standardInput } from "./sources";

/** A compiled contract: what a deployment and a verification need of it. */
export interface Artifact {
  readonly name: string;
  /** Source unit, `contracts/src/WETH9.sol`. */
  readonly source: string;
  readonly abi: Abi;
  /** Creation code without constructor arguments. */
  readonly creationCode: Hex;
  /** Runtime code as the compiler leaves it: zeros where immutables go. */
  readonly runtimeCode: Hex;
  /** Where immutables stand in the runtime code, in bytes. */
  readonly immutables: readonly { readonly start: number; readonly length: number }[];
}

/** All compiled contracts, by name. */
export interface Build {
  /** Hash of sources, settings and compiler. */
  readonly key: string;
  readonly compiler: string;
  readonly artifacts: Readonly<Record<string, Artifact>>;
}

/** The compiler gave no contract of the file's name. */
export class NoSuchContractError extends ContractsError {
  constructor(name: string, unit: string) {
    super(`${unit} holds no contract ${name} that can be deployed.`, "One contract a file, named as the file.");
  }
}

const announceOnStderr = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/**
 * Compiles everything in contracts/src with the npm compiler. Cheap when nothing changed: the result is cached in
 * node_modules/.cache/meridian by the content of sources, settings and compiler.
 *
 * @param onProgress receives one line before a compilation, because it takes seconds
 * @throws {CompilationFailedError}, {MissingSourceError}, {NoSuchContractError}
 */
export function compileContracts(onProgress: (line: string) => void = announceOnStderr): Build {
  const units = ownUnits();
  const input = standardInput(units);
  const version = compilerVersion();
  const output = compileCached("build", input, () => {
    onProgress(`Compiling ${units.length} contracts with solc ${version}: a few seconds, once per change of a source.`);
  });

  const artifacts = units.map((source): Artifact => {
    const name = contractIn(source);
    const compiled = output.contracts?.[source]?.[name];
    if (compiled === undefined || compiled.evm.bytecode.object === "") throw new NoSuchContractError(name, source);
    const { bytecode, deployedBytecode } = compiled.evm;
    return {
      name,
      source,
      abi: compiled.abi as Abi,
      creationCode: `0x${bytecode.object}`,
      runtimeCode: `0x${deployedBytecode.object}`,
      immutables: Object.values(deployedBytecode.immutableReferences ?? {}).flat(),
    };
  });
  const byName = Object.fromEntries(artifacts.map((artifact) => [artifact.name, artifact]));
  return { key: contentKey(input, version), compiler: version, artifacts: byName };
}
