import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { projectRoot } from "../toolchain/paths";
import { ContractsError, messageOf } from "./errors";
import type { Suite } from "./suites/format";

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

const resolveImport = (path: string, importer: string): string => {
  if (path.startsWith(".")) return posix.join(posix.dirname(importer), path);
  const remapped = remappings.find(([from]) => path.startsWith(from));
  return remapped === undefined ? path : remapped[1] + path.slice(remapped[0].length);
};

/** A unit of an npm package, or one in the suite's folder. */
const fileOf = (unit: string, folder: string): string =>
  unit.startsWith("@") ? join(projectRoot, "node_modules", unit) : join(folder, unit);

/** Reads a source unit and all that it imports, into `sources`. */
function collect(unit: string, importedBy: string, folder: string, sources: Record<string, { content: string }>): void {
  if (unit in sources) return;
  let content: string;
  try {
    content = readFileSync(fileOf(unit, folder), "utf8");
  } catch (error) {
    throw new MissingSourceError(unit, importedBy, error);
  }
  sources[unit] = { content };
  for (const [, path] of content.matchAll(importPattern)) {
    if (path !== undefined) collect(resolveImport(path, unit), unit, folder, sources);
  }
}

const wanted = [
  "abi",
  "evm.bytecode.object",
  "evm.bytecode.linkReferences",
  "evm.deployedBytecode.object",
  "evm.deployedBytecode.immutableReferences",
];

/**
 * The compiler's input for a suite's contracts and everything they import. Units are named by their paths in the
 * suite's folder, because the names are in the metadata, whose hash is in the bytecode and so in the address.
 *
 * The metadata hash stays in the bytecode, so that a verification can be perfect. `prague` is the newest EVM version
 * of solc 0.8.30's stable ones; a later fork runs it.
 *
 * @throws {MissingSourceError}
 */
export function standardInput({
  path,
  folder,
  contracts,
}: Pick<Suite, "path" | "folder" | "contracts">): StandardInput {
  const byUnit = new Map<string, Set<string>>();
  for (const { source, contract } of contracts) {
    if (source === undefined) continue;
    const unit = posix.normalize(source);
    byUnit.set(unit, (byUnit.get(unit) ?? new Set()).add(contract));
  }
  const units = [...byUnit].sort(([one], [other]) => (one < other ? -1 : 1));
  const sources: Record<string, { content: string }> = {};
  for (const [unit] of units) collect(unit, path ?? "contracts/suite.ts", folder, sources);
  return {
    language: "Solidity",
    sources,
    settings: {
      remappings: remappings.map(([from, to]) => `${from}=${to}`),
      optimizer: { enabled: true, runs: 200 },
      evmVersion: "prague",
      outputSelection: Object.fromEntries(
        units.map(([unit, names]) => [unit, Object.fromEntries([...names].sort().map((name) => [name, wanted]))]),
      ),
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
