import { concatHex, encodeDeployData, getCreate2Address, isHex, keccak256, size, stringToHex } from "viem/utils";
import { zeroAddress, type Address, type Hex } from "viem";
import { CREATE2_FACTORY_ADDRESS } from "../besu/genesis";
import { ValueError, type Json } from "./batch/values";
import type { Artifact, Build } from "./compile";
import { linked, type Link } from "./link";
import { suite as ownSuite } from "./suite";
import { suiteError } from "./suites/errors";
import type { SettingName, Suite, SuiteContract } from "./suites/format";
import { needsOf, orderOf } from "./suites/parse";
import { abiValues, sourceOf, type Surroundings } from "./suites/values";
import { ContractsError } from "./errors";

/** Largest runtime code, in bytes (EIP-170). */
const MAX_RUNTIME_BYTES = 24_576;
/** Largest init code, in bytes (EIP-3860). */
const MAX_INIT_BYTES = 49_152;

/** What the stack's configuration says of every contract. */
export interface SuiteSettings {
  /** Account that owns what has an owner; the CREATE2 factory is msg.sender in a constructor, so it is explicit. */
  readonly owner: Address;
  /** Owners of the MultiSig. @default the owner alone */
  readonly signers?: readonly Address[];
  /** Confirmations that the MultiSig wants. @default more than half of the signers */
  readonly threshold?: number;
}

/** A constructor argument with its value, for messages. */
export interface PlannedArgument {
  readonly name: string;
  readonly value: unknown;
  /** Where the suite takes it from: `setting owner`, `address of CCIPRouter`, `value`. */
  readonly source: string;
}

/** A contract that somebody else deployed. */
export interface Adoption {
  /** Keccak-256 hash of its code. @default its code is compared with the source's, but for immutables */
  readonly codeHash?: Hex;
}

/** One contract of one chain, with everything that can be known before anything is sent. */
export interface PlannedContract {
  /** Logical name: `chain138-ccip-router`. */
  readonly name: string;
  /** Its name in the suite. */
  readonly contract: string;
  readonly chain: string;
  readonly chainId: number;
  readonly phase: string;
  /** From 0; a contract needs only contracts of lower batches. */
  readonly batch: number;
  /** Logical names of the contracts that it references, is linked with, or declares `after`. */
  readonly needs: readonly string[];
  readonly constructorArguments: readonly PlannedArgument[];
  readonly salt: Hex;
  /** `0x` for what is adopted. */
  readonly initCode: Hex;
  readonly initCodeHash: Hex;
  readonly address: Address;
  /** Empty, but for its name, for what is adopted without a source. */
  readonly artifact: Artifact;
  /** Its libraries. */
  readonly links: readonly Link[];
  /** It is there already, at this address, and not to be deployed. */
  readonly adopt?: Adoption;
  /** What an ERC-1967 proxy must run. */
  readonly implementation?: Address;
}

/** A contract is larger than a chain accepts. */
export class ContractTooLargeError extends ContractsError {
  constructor(name: string, what: string, bytes: number, limit: number) {
    super(`${name} has ${bytes} bytes of ${what}; chains refuse more than ${limit}.`, "Split the contract.");
  }
}

/** A salt of 32 bytes: hexadecimal as it is, any other text by its Keccak-256 hash. */
export function saltOf(text: string): Hex {
  return isHex(text) && size(text) === 32 ? text : keccak256(stringToHex(text));
}

/** What a setting gives: the stack's, or the contract's own owner. */
export function settingValue(settings: SuiteSettings, name: SettingName): Json {
  const signers = settings.signers ?? [settings.owner];
  switch (name) {
    case "owner":
      return settings.owner;
    case "signers":
      return signers;
    case "threshold":
      return settings.threshold ?? Math.floor(signers.length / 2) + 1;
  }
}

const noArtifact: Omit<Artifact, "name"> = {
  source: "",
  abi: [],
  creationCode: "0x",
  runtimeCode: "0x",
  immutables: [],
  links: [],
  input: {
    language: "Solidity",
    sources: {},
    settings: { remappings: [], optimizer: { enabled: true, runs: 200 }, evmVersion: "prague", outputSelection: {} },
  },
};

/** The contracts of a suite that are linked into one of its contracts, by the library's name in the code. */
function librariesOf(contract: SuiteContract, artifact: Artifact | undefined, suite: Suite): Map<string, string> {
  const libraries = new Map<string, string>();
  const place = `contracts[${suite.contracts.findIndex(({ name }) => name === contract.name)}] (${contract.name}).libraries`;
  for (const { library, source } of artifact?.links ?? []) {
    const name = contract.libraries[library] ?? suite.contracts.find((each) => each.contract === library)?.name;
    if (name === undefined) {
      const why = `Its code needs the library ${library} (${source}). Allowed: { ${library}: the name of a contract of the suite }, or such a contract.`;
      throw suiteError(suite, place, contract.libraries, why);
    }
    libraries.set(library, name);
  }
  const surplus = Object.keys(contract.libraries).find((library) => !libraries.has(library));
  if (surplus !== undefined && artifact !== undefined) {
    const known = libraries.size === 0 ? "none" : [...libraries.keys()].join(", ");
    throw suiteError(
      suite,
      `${place}.${surplus}`,
      contract.libraries[surplus],
      `Its code needs no such library. Allowed: ${known}.`,
    );
  }
  return libraries;
}

/**
 * Plans the contracts of one chain, in the suite's order. Pure: the same build, settings and salt give the same plan.
 *
 * @param salt 32 bytes, or any text
 * @throws {SuiteError}, {ContractTooLargeError}
 */
export function planChain(
  chain: string,
  settings: SuiteSettings,
  salt: string,
  build: Build,
  suite: Suite = ownSuite,
): PlannedContract[] {
  const onChain = suite.contracts.filter(({ chains }) => chains.includes(chain));
  const chainId = suite.chains[chain]?.chainId ?? 0;
  const parts = onChain.map((contract) => {
    const artifact = build.artifacts[contract.name];
    const libraries = librariesOf(contract, contract.adopt[chain] === undefined ? artifact : undefined, suite);
    const needs = [...new Set([...libraries.values(), ...needsOf(contract, chain)])];
    // What is there needs nothing; a proxy is compared with what it runs.
    const there = contract.implementation === undefined ? [] : [contract.implementation];
    return { contract, artifact, libraries, needs: contract.adopt[chain] === undefined ? needs : there };
  });
  const byName = new Map(parts.map((part) => [part.contract.name, part]));
  const logical = (name: string): string => `${chain}-${byName.get(name)?.contract.slug ?? name}`;
  const planned = new Map<string, PlannedContract>();
  const addressOf = (name: string): Address => planned.get(name)?.address ?? zeroAddress;

  orderOf(
    suite,
    parts.map(({ contract, needs }) => ({ name: contract.name, needs })),
  ).forEach((names, batch) => {
    for (const part of names.flatMap((name) => byName.get(name) ?? [])) {
      const { contract, libraries, needs } = part;
      const { name, phase, implementation } = contract;
      const artifact = part.artifact ?? { ...noArtifact, name };
      const common = {
        name: logical(name),
        contract: name,
        chain,
        chainId,
        phase,
        batch,
        needs: needs.map(logical),
        artifact,
        ...(implementation !== undefined && { implementation: addressOf(implementation) }),
      };
      const own = contract.adopt[chain];
      if (own !== undefined) {
        const { address, codeHash } = own;
        const nothing = {
          constructorArguments: [],
          salt: saltOf(""),
          initCode: "0x",
          initCodeHash: keccak256("0x"),
          links: [],
        } as const;
        planned.set(name, { ...common, ...nothing, address, adopt: codeHash === undefined ? {} : { codeHash } });
        continue;
      }
      const ownSettings = contract.owner === undefined ? settings : { ...settings, owner: contract.owner };
      const around = { chain, addressOf, settingOf: (setting: SettingName) => settingValue(ownSettings, setting) };
      const links = artifact.links.map(({ start, length, library }) => ({
        start,
        length,
        address: addressOf(libraries.get(library) ?? ""),
      }));
      const values = argumentsOf(suite, contract, artifact, around);
      const initCode = initCodeOf(artifact, links, values);
      const bytes = saltOf(contract.salt ?? salt);
      planned.set(name, {
        ...common,
        constructorArguments: contract.arguments.map((argument, index) => ({
          name: inputsOf(artifact)[index]?.name ?? `#${index}`,
          value: values[index],
          source: sourceOf(argument),
        })),
        salt: bytes,
        initCode,
        initCodeHash: keccak256(initCode),
        address: getCreate2Address({ from: CREATE2_FACTORY_ADDRESS, salt: bytes, bytecode: initCode }),
        links,
      });
    }
  });
  return onChain.flatMap(({ name }) => planned.get(name) ?? []);
}

const inputsOf = ({ abi }: Artifact) => abi.find((item) => item.type === "constructor")?.inputs ?? [];

function argumentsOf(
  suite: Suite,
  contract: SuiteContract,
  artifact: Artifact,
  around: Surroundings,
): readonly unknown[] {
  try {
    return abiValues(inputsOf(artifact), contract.arguments, around);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw wrongValue(suite, "contracts", contract.name, `arguments${error.path}`, contract.arguments, error.problem);
  }
}

/** The error about a value that its ABI type does not take. */
export function wrongValue(
  suite: Suite,
  list: "contracts" | "calls",
  name: string,
  field: string,
  given: unknown,
  problem: string,
) {
  const index = suite[list].findIndex((each) => each.name === name);
  const at = /\[(\d+)\]/.exec(field)?.[1];
  const value = Array.isArray(given) && at !== undefined ? (given as readonly unknown[])[Number(at)] : given;
  return suiteError(suite, `${list}[${index}] (${name}).${field}`, value, `It ${problem}.`);
}

function initCodeOf(artifact: Artifact, links: readonly Link[], args: readonly unknown[]): Hex {
  const bytecode = linked(artifact.creationCode, links);
  const initCode = encodeDeployData({ abi: artifact.abi, bytecode, args });
  const runtimeBytes = size(artifact.runtimeCode);
  if (runtimeBytes > MAX_RUNTIME_BYTES) {
    throw new ContractTooLargeError(artifact.name, "runtime code", runtimeBytes, MAX_RUNTIME_BYTES);
  }
  if (size(initCode) > MAX_INIT_BYTES) {
    throw new ContractTooLargeError(artifact.name, "init code", size(initCode), MAX_INIT_BYTES);
  }
  return initCode;
}

/** Call data that makes the factory create a contract: the salt, then the init code. */
export const factoryCall = (planned: Pick<PlannedContract, "salt" | "initCode">): Hex =>
  concatHex([planned.salt, planned.initCode]);
