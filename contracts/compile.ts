import { posix } from "node:path";
import type { Abi, Hex } from "viem";
import { ContractsError } from "./errors";
import { compileCached, type CodeRange } from "./compiler";
import { compilerVersion, contentKey, standardInput, type StandardInput } from "./sources";
import { suite as ownSuite } from "./suite";
import type { Suite } from "./suites/format";

/** A place in the creation code where the address of a library goes. */
export interface LinkReference extends CodeRange {
  /** Source unit of the library. */
  readonly source: string;
  readonly library: string;
}

/** A compiled contract: what a deployment and a verification need of it. */
export interface Artifact {
  /** Its name in the source. */
  readonly name: string;
  /** Source unit, `contracts/src/WETH9.sol`. */
  readonly source: string;
  readonly abi: Abi;
  /** Creation code without constructor arguments; placeholders where libraries go. */
  readonly creationCode: Hex;
  /** Runtime code as the compiler leaves it: zeros where immutables go. */
  readonly runtimeCode: Hex;
  /** Where immutables stand in the runtime code. */
  readonly immutables: readonly CodeRange[];
  readonly links: readonly LinkReference[];
  /** What it was compiled from, together with the rest of its suite. */
  readonly input: StandardInput;
}

/** All compiled contracts, by their names in the suite. */
export interface Build {
  /** Hash of sources, settings and compiler. */
  readonly key: string;
  readonly compiler: string;
  readonly artifacts: Readonly<Record<string, Artifact>>;
}

/** The compiler gave no such contract. */
export class NoSuchContractError extends ContractsError {
  constructor(name: string, unit: string) {
    super(
      `${unit} holds no contract ${name} that can be deployed.`,
      "Name the contract inside the file by `contract`, where the suite calls it otherwise.",
    );
  }
}

const announceOnStderr = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/**
 * Compiles a suite's contracts with the npm compiler. Cheap when nothing changed: the result is cached in
 * node_modules/.cache/meridian by the content of sources, settings and compiler.
 *
 * @param onProgress receives one line before a compilation, because it takes seconds
 * @throws {CompilationFailedError}, {MissingSourceError}, {NoSuchContractError}
 */
export function compileContracts(
  onProgress: (line: string) => void = announceOnStderr,
  suite: Pick<Suite, "path" | "folder" | "contracts"> = ownSuite,
): Build {
  const input = standardInput(suite);
  const version = compilerVersion();
  const output = compileCached("build", input, () => {
    const count = suite.contracts.length;
    onProgress(`Compiling ${count} contracts with solc ${version}: a few seconds, once per change of a source.`);
  });

  const artifacts = suite.contracts.flatMap(({ name, contract, source: file }): [string, Artifact][] => {
    if (file === undefined) return [];
    const source = posix.normalize(file);
    const compiled = output.contracts?.[source]?.[contract];
    if (compiled === undefined || compiled.evm.bytecode.object === "") throw new NoSuchContractError(contract, source);
    const { bytecode, deployedBytecode } = compiled.evm;
    const links = Object.entries(bytecode.linkReferences ?? {}).flatMap(([unit, libraries]) =>
      Object.entries(libraries).flatMap(([library, ranges]) =>
        ranges.map((range): LinkReference => ({ ...range, source: unit, library })),
      ),
    );
    const artifact: Artifact = {
      name: contract,
      source,
      abi: compiled.abi as Abi,
      creationCode: `0x${bytecode.object}`,
      runtimeCode: `0x${deployedBytecode.object}`,
      immutables: Object.values(deployedBytecode.immutableReferences ?? {}).flat(),
      links,
      input,
    };
    return [[name, artifact]];
  });
  return { key: contentKey(input, version), compiler: version, artifacts: Object.fromEntries(artifacts) };
}
