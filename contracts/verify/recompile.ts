import { setLibSourcifyLogger, type ISolidityCompiler, type SolidityOutput } from "@ethereum-sourcify/lib-sourcify";
import type { SolidityJsonInput } from "@ethereum-sourcify/lib-sourcify";
import { NoSuchContractError, type Artifact } from "../compile";
import { compileCached, type CompilerOutput } from "../compiler";
import { compilerVersion, contentKey, type StandardInput } from "../sources";

/** What the compiler writes into the metadata of a contract, as far as it is used. */
export interface CompiledMetadata {
  /** With its commit: `0.8.30+commit.73712a01`. */
  readonly compiler: { readonly version: string };
  readonly sources: Readonly<Record<string, { readonly license?: string }>>;
}

// The library logs to stdout, which belongs to the result.
const ignore = (): void => undefined;
setLibSourcifyLogger({ logLevel: 0, log: ignore, setLevel: ignore });

/** What lib-sourcify reads of a compiled contract; `legacyAssembly` tells where the metadata hash stands. */
const wanted = [
  "abi",
  "metadata",
  "evm.legacyAssembly",
  "evm.bytecode.object",
  "evm.bytecode.linkReferences",
  "evm.deployedBytecode.object",
  "evm.deployedBytecode.linkReferences",
  "evm.deployedBytecode.immutableReferences",
];

/** The newest output: reading two megabytes again for each of nine contracts takes longer than comparing them. */
let newest: { readonly key: string; readonly output: CompilerOutput } | undefined;

/**
 * The npm compiler as lib-sourcify wants one. It compiles from the sources on its own, apart from what was deployed,
 * and once for all contracts: the result is cached by the content of sources, settings and compiler.
 *
 * @param input what was deployed was compiled from; the library asks for more of it than is used
 * @param announce receives one line before a compilation
 */
export function recompiler(input: StandardInput, announce: (line: string) => void): ISolidityCompiler {
  return {
    compile(version, asked: SolidityJsonInput): Promise<SolidityOutput> {
      const { sources } = asked as unknown as Pick<StandardInput, "sources">;
      return Promise.resolve(recompile(version, { ...input, sources }, announce) as unknown as SolidityOutput);
    },
  };
}

/** The metadata that the compiler writes for one of our contracts, out of the same recompilation. */
export function compiledMetadata(artifact: Artifact, announce: (line: string) => void): CompiledMetadata {
  const { name, source, input } = artifact;
  const { metadata } = recompile(compilerVersion(), input, announce).contracts?.[source]?.[name] ?? {};
  if (metadata === undefined) throw new NoSuchContractError(name, source);
  return JSON.parse(metadata) as CompiledMetadata;
}

function recompile(version: string, given: StandardInput, announce: (line: string) => void): CompilerOutput {
  const outputSelection = Object.fromEntries(
    Object.entries(given.settings.outputSelection).map(([unit, contracts]) => [
      unit,
      Object.fromEntries(Object.keys(contracts).map((name) => [name, wanted])),
    ]),
  );
  const input: StandardInput = { ...given, settings: { ...given.settings, outputSelection } };
  const key = contentKey(input, version);
  if (newest?.key === key) return newest.output;
  const output = compileCached("verify", input, () => {
    announce(`recompiling the contracts with solc ${version}: a few seconds, once per change of a source`);
  });
  newest = { key, output };
  return output;
}
