import { posix } from "node:path";

import { compileCached } from "../../../contracts/compiler";
import { planChain } from "../../../contracts/plan";
import { compileContracts } from "../../../contracts/compile";
import { journalFolder } from "../../../contracts/program";
import { standardInput } from "../../../contracts/sources";
import { readJournal } from "../../../contracts/status/journal-file";
import { stackContracts } from "../../../contracts/status/stack-settings";
import type { Suite } from "../../../contracts/suites/format";
import { loadSuite } from "../../../contracts/suites/load";
import type { KnownContract, KnownContracts, Variable } from "../names";

export interface KnownOptions {
  readonly chainId: number;
  /** Whose configuration predicts addresses. @default none: only what the journal says */
  readonly stack?: string | undefined;
  /** @default Meridian's own, or the stack's */
  readonly suite?: string | undefined;
  /** @default the deployer's, contracts/program.ts */
  readonly journal?: string | undefined;
  /** Receives a line before a compilation, because it takes seconds. */
  readonly onProgress: (line: string) => void;
}

/**
 * The suite's contracts on a chain, by address: where the journal says that they were deployed, and where a stack's
 * configuration puts them.
 *
 * @throws {SuiteError}, {StackFileError}, {JournalDamagedError}
 */
export function knownContracts(options: KnownOptions): KnownContracts {
  const { chainId, journal = journalFolder(), onProgress } = options;
  const stack = options.stack === undefined ? undefined : stackContracts(options.stack);
  const suite = stack?.suite ?? loadSuite(options.suite);
  const names = new Map<string, string>();
  for (const chain of Object.keys(suite.chains).filter((name) => suite.chains[name]?.chainId === chainId)) {
    for (const line of readJournal(journal, chain) ?? []) {
      if (line.type !== "signed" || line.address === undefined) continue;
      const found = suite.contracts.find(({ slug }) => `${chain}-${slug}` === line.name);
      if (found !== undefined) names.set(line.address.toLowerCase(), found.name);
    }
    if (!stack?.chains.some((one) => one.chain === chain)) continue;
    const build = compileContracts(onProgress, suite);
    for (const { address, contract } of planChain(chain, stack.settings, stack.salt, build, suite)) {
      names.set(address.toLowerCase(), contract);
    }
  }
  if (names.size === 0) return new Map();
  const layouts = layoutsOf(suite, onProgress);
  return new Map([...names].map(([at, name]): [string, KnownContract] => [at, { name, variables: layouts(name) }]));
}

/** As solc prints it. */
interface Layout {
  readonly storage?: readonly { readonly label: string; readonly slot: string; readonly type: string }[];
}

/** The variables of the suite's contracts, by name in the suite. */
function layoutsOf(suite: Suite, onProgress: (line: string) => void): (name: string) => Variable[] {
  const input = standardInput(suite);
  const outputSelection = { "*": { "*": ["storageLayout"] } };
  const output = compileCached("layout", { ...input, settings: { ...input.settings, outputSelection } }, () =>
    onProgress("Reading the storage layout of the contracts: a second, once per change of a source."),
  );
  return (name) => {
    const found = suite.contracts.find((contract) => contract.name === name);
    if (found?.source === undefined) return [];
    const compiled = output.contracts?.[posix.normalize(found.source)]?.[found.contract] as
      { readonly storageLayout?: Layout } | undefined;
    return (compiled?.storageLayout?.storage ?? []).map(({ label, slot, type }) => ({
      label,
      slot: Number(slot),
      mappings: type.split("t_mapping(").length - 1,
    }));
  };
}
