import type { Abi, Address } from "viem";
import { getAddress, isAddress } from "viem/utils";
import { compileContracts } from "../compile";
import type { JournalLine } from "../deploy/journal-lines";
import { planChain } from "../plan";
import { readJournal } from "../status/journal-file";
import type { Suite } from "../suites/format";
import { BatchInputError } from "./errors";

/** How a contract may be named: by address, or by a name of the suite. */
export interface TargetOptions {
  readonly contract: string;
  /** Where names are looked up. */
  readonly suite: Suite;
  readonly chain: string;
  /** Folder of the journals, where the addresses of what was deployed are. */
  readonly journalFolder: string;
  /** With `owner`, the address is predicted instead. */
  readonly salt?: string;
  readonly owner?: string;
}

/** Where calls go. */
export interface Target {
  readonly address: Address;
  /** Empty when only an address is known. */
  readonly abi: Abi;
  /** Whether it was found by name, so that the node must be one of that chain. */
  readonly named: boolean;
}

/**
 * Finds a contract: an address as it is; a name of the suite (`WETH9`, `weth9`, `chain138-weth9`) by what the journal
 * says of its deployment, or predicted from salt and owner.
 *
 * @throws {BatchInputError}
 */
export function findTarget(options: TargetOptions): Target {
  const { contract, suite, chain, salt, owner } = options;
  if (contract.startsWith("0x")) {
    if (!isAddress(contract)) {
      throw new BatchInputError(`--contract ${contract} is no address (or its checksum is wrong).`, "Correct it.");
    }
    return { address: getAddress(contract), abi: [], named: false };
  }
  const onChain = suite.contracts.filter(({ chains }) => chains.includes(chain));
  const found = onChain.find(({ name, slug }) => [name, slug, `${chain}-${slug}`].includes(contract));
  if (found === undefined) {
    const known = onChain.map(({ name }) => name).join(", ");
    throw new BatchInputError(`${chain} has no contract "${contract}".`, `Give an address, or one of ${known}.`);
  }
  const build = compileContracts(undefined, suite);
  const behind = found.implementation === undefined ? [] : (build.artifacts[found.implementation]?.abi ?? []);
  const abi = [...(build.artifacts[found.name]?.abi ?? []), ...behind];
  const adopted = found.adopt[chain];
  if (adopted !== undefined) return { address: adopted.address, abi, named: true };
  if (salt !== undefined && owner !== undefined) {
    if (!isAddress(owner)) throw new BatchInputError(`--owner ${owner} is no address.`, "Correct it.");
    const planned = planChain(chain, { owner }, salt, build, suite).find((each) => each.contract === found.name);
    if (planned !== undefined) return { address: planned.address, abi, named: true };
  }
  const address = deployedAddress(readJournal(options.journalFolder, chain) ?? [], `${chain}-${found.slug}`);
  if (address === undefined) {
    throw new BatchInputError(
      `The journal of ${chain} in ${options.journalFolder} knows no deployment of ${found.name}.`,
      "Give its address, or --salt and --owner as it was deployed with, or --journal.",
    );
  }
  return { address, abi, named: true };
}

/** Address of the newest deployment of a name that was mined with success. Pure. */
export function deployedAddress(lines: readonly JournalLine[], name: string): Address | undefined {
  const mined = new Set(lines.flatMap((line) => (line.type === "mined" && line.status === "success" ? line.hash : [])));
  const signed = lines.filter((line) => line.type === "signed" && line.name === name && mined.has(line.hash));
  const newest = signed.at(-1);
  return newest?.type === "signed" ? newest.address : undefined;
}
