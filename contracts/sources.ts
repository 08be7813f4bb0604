import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { projectRoot } from "../toolchain/paths";
import { ContractsError, messageOf } from "./errors";

/** Standard JSON, as the compiler takes it. */
export interface StandardInput {
  readonly language: "Solidity";
  readonly sources: Readonly<Record<string, { readonly content: string }>>;
  readonly settings: {
    readonly remappings: readonly string[];
    readonly optimizer: { readonly enabled: boolean; readonly runs: number };
    readonly evmVersion: string;
    readonly outputSelection: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  };
}

/** An import leads to a file that is not there. */
export class MissingSourceError extends ContractsError {
  constructor(unit: string, importedBy: string, cause: unknown) {
    super(
      `${importedBy} imports ${unit}, which cannot be read (${messageOf(cause)}).`,
      "Correct the import, or install the locked packages again: npm ci.",
    );
  }
}

/** Chainlink's sources name OpenZeppelin's version in the path; npm installs that version under an alias. */
const remappings: readonly (readonly [from: string, to: string])[] = [
  ["@openzeppelin/contracts@5.0.2/", "@openzeppelin/contracts-5.0.2/"],
];

const importPattern = /^\s*import\s[^"';]*["']([^"']+)["']/gm;
const sourceFolder = "contracts/src";

const resolveImport = (path: string, importer: string): string => {
  if (path.startsWith(".")) return posix.join(posix.dirname(importer), path);
  const remapped = remappings.find(([from]) => path.startsWith(from));
  return remapped === undefined ? path : remapped[1] + path.slice(remapped[0].length);
};

const fileOf = (unit: string): string =>
  unit.startsWith("@") ? join(projectRoot, "node_modules", unit) : join(projectRoot, unit);

/** Reads a source unit and all that it imports, into `sources`. */
function collect(unit: string, importedBy: string, sources: Record<string, { content: string }>): void {
  if (unit in sources) return;
  let content: string;
  try {
    content = readFileSync(fileOf(unit), "utf8");
  } catch (error) {
    throw new MissingSourceError(unit, importedBy, error);
  }
  sources[unit] = { content };
  for (const [, path] of content.matchAll(importPattern)) {
    if (path !== undefined) collect(resolveImport(path, unit), unit, sources);
  }
}

/** Source units of our own contracts: one contract a file, the file's name is the contract's. */
export function ownUnits(): string[] {
  return readdirSync(join(projectRoot, sourceFolder))
    .filter((file) => file.endsWith(".sol"))
    .sort()
    .map((file) => `${sourceFolder}/${file}`);
}

/** The contract that a unit of ours holds: `contracts/src/WETH9.sol` -> `WETH9`. */
export const contractIn = (unit: string): string => posix.basename(unit, ".sol");

/**
 * The compiler's input for some of our units and everything they import.
 *
 * The metadata hash stays in the bytecode, so that a verification can be perfect. `prague` is the newest EVM version
 * of solc 0.8.30's stable ones; a later fork runs it.
 */
export function standardInput(units: readonly string[] = ownUnits()): StandardInput {
  const sources: Record<string, { content: string }> = {};
  for (const unit of units) collect(unit, "contracts/suite.ts", sources);
  const wanted = [
    "abi",
    "evm.bytecode.object",
    "evm.deployedBytecode.object",
    "evm.deployedBytecode.immutableReferences",
  ];
  return {
    language: "Solidity",
    sources,
    settings: {
      remappings: remappings.map(([from, to]) => `${from}=${to}`),
      optimizer: { enabled: true, runs: 200 },
      evmVersion: "prague",
      outputSelection: Object.fromEntries(units.map((unit) => [unit, { [contractIn(unit)]: wanted }])),
    },
  };
}

/** Version of the installed npm compiler, read without loading its eight megabytes. */
export function compilerVersion(): string {
  const manifest = readFileSync(join(projectRoot, "node_modules", "solc", "package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/** Names an input by its content and its compiler: the same key means the same output. */
export function contentKey(input: StandardInput, version: string = compilerVersion()): string {
  return createHash("sha256").update(version).update(JSON.stringify(input)).digest("hex").slice(0, 32);
}
