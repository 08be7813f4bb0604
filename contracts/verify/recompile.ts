import { setLibSourcifyLogger, type ISolidityCompiler, type SolidityOutput } from "@ethereum-sourcify/lib-sourcify";
import type { SolidityJsonInput } from "@ethereum-sourcify/lib-sourcify";
import { compileCached } from "../compiler";
import { contractIn, ownUnits, type StandardInput } from "../sources";

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

/**
 * The npm compiler as lib-sourcify wants one. It compiles from the sources on its own, apart from what was deployed,
 * and once for all contracts: the result is cached by the content of sources, settings and compiler.
 *
 * @param announce receives one line before a compilation
 */
export function recompiler(announce: (line: string) => void): ISolidityCompiler {
  return {
    compile(version, asked: SolidityJsonInput): Promise<SolidityOutput> {
      const outputSelection = Object.fromEntries(ownUnits().map((unit) => [unit, { [contractIn(unit)]: wanted }]));
      const input = { ...asked, settings: { ...asked.settings, outputSelection } } as unknown as StandardInput;
      const output = compileCached("verify", input, () => {
        announce(`recompiling the contracts with solc ${version}: a few seconds, once per change of a source`);
      });
      return Promise.resolve(output as unknown as SolidityOutput);
    },
  };
}
