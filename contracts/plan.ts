import { concatHex, encodeDeployData, getCreate2Address, isHex, keccak256, size, stringToHex } from "viem/utils";
import type { Address, Hex } from "viem";
import { CREATE2_FACTORY_ADDRESS } from "../besu/genesis";
import type { Artifact, Build } from "./compile";
import { ContractsError } from "./errors";
import { batchesOf } from "./graph";
import {
  chainIds,
  suite,
  type ChainName,
  type ConstructorArgument,
  type ContractName,
  type SuiteContract,
  type SuiteSettings,
} from "./suite";

/** Largest runtime code, in bytes (EIP-170). */
const MAX_RUNTIME_BYTES = 24_576;
/** Largest init code, in bytes (EIP-3860). */
const MAX_INIT_BYTES = 49_152;

/** A constructor argument with its value, for messages. */
export interface PlannedArgument {
  readonly name: string;
  readonly value: unknown;
  /** Where the suite takes it from: `setting owner`, `address of CCIPRouter`, `value`. */
  readonly source: string;
}

/** One contract of one chain, with everything that can be known before anything is sent. */
export interface PlannedContract {
  /** Logical name: `chain138-ccip-router`. */
  readonly name: string;
  readonly contract: ContractName;
  readonly chain: ChainName;
  readonly chainId: number;
  readonly phase: string;
  /** From 0; a contract needs only contracts of lower batches. */
  readonly batch: number;
  /** Logical names of the contracts that it references or declares `after`. */
  readonly needs: readonly string[];
  readonly constructorArguments: readonly PlannedArgument[];
  readonly salt: Hex;
  readonly initCode: Hex;
  readonly initCodeHash: Hex;
  readonly address: Address;
  readonly artifact: Artifact;
}

/** A contract is larger than a chain accepts. */
export class ContractTooLargeError extends ContractsError {
  constructor(name: string, what: string, bytes: number, limit: number) {
    super(`${name} has ${bytes} bytes of ${what}; chains refuse more than ${limit}.`, "Split the contract.");
  }
}

/** The suite asks for something that cannot be. */
export class SuiteError extends ContractsError {}

/** A salt of 32 bytes: hexadecimal as it is, any other text by its Keccak-256 hash. */
export function saltOf(text: string): Hex {
  return isHex(text) && size(text) === 32 ? text : keccak256(stringToHex(text));
}

/** The contracts of a chain that a contract needs first, without repetition. */
export function needsOf(contract: SuiteContract): ContractName[] {
  const references = contract.arguments.flatMap((argument) =>
    argument.kind === "reference" ? [argument.contract] : [],
  );
  return [...new Set([...references, ...contract.after])];
}

const settingOf = (settings: SuiteSettings, name: keyof SuiteSettings): unknown => {
  const signers = settings.signers ?? [settings.owner];
  switch (name) {
    case "owner":
      return settings.owner;
    case "signers":
      return signers;
    case "threshold":
      return BigInt(settings.threshold ?? Math.floor(signers.length / 2) + 1);
  }
};

/**
 * Plans the contracts of one chain, in the suite's order. Pure: the same build, settings and salt give the same plan.
 *
 * @param salt 32 bytes, or any text
 * @throws {CycleError}, {UnknownContractError}, {ContractTooLargeError}, {SuiteError}
 */
export function planChain(
  chain: ChainName,
  settings: SuiteSettings,
  salt: string,
  build: Build,
  contracts: readonly SuiteContract[] = suite,
): PlannedContract[] {
  const onChain = contracts.filter(({ chains }) => chains.includes(chain));
  const byName = new Map<string, SuiteContract>(onChain.map((contract) => [contract.name, contract]));
  const batches = batchesOf(onChain.map((contract) => ({ name: contract.name, needs: needsOf(contract) })));
  const saltBytes = saltOf(salt);
  const planned = new Map<string, PlannedContract>();

  const argumentValue = (argument: ConstructorArgument): unknown => {
    switch (argument.kind) {
      case "reference":
        return planned.get(argument.contract)?.address;
      case "setting":
        return settingOf(settings, argument.setting);
      case "value":
        return argument.value;
      case "byChain":
        return argument.values[chain];
    }
  };

  batches.forEach((names, batch) => {
    for (const name of names) {
      const contract = byName.get(name);
      const artifact = build.artifacts[name];
      if (contract === undefined || artifact === undefined) {
        throw new SuiteError(`The suite names ${name}, but contracts/src has no ${name}.sol.`, "Add or rename it.");
      }
      const values = contract.arguments.map(argumentValue);
      const initCode = initCodeOf(artifact, values);
      planned.set(name, {
        name: `${chain}-${contract.slug}`,
        contract: contract.name,
        chain,
        chainId: chainIds[chain],
        phase: contract.phase,
        batch,
        needs: needsOf(contract).map((need) => `${chain}-${byName.get(need)?.slug ?? need}`),
        constructorArguments: contract.arguments.map((argument, index) => ({
          name: inputNames(artifact)[index] ?? `#${index}`,
          value: values[index],
          source: sourceOf(argument),
        })),
        salt: saltBytes,
        initCode,
        initCodeHash: keccak256(initCode),
        address: getCreate2Address({ from: CREATE2_FACTORY_ADDRESS, salt: saltBytes, bytecode: initCode }),
        artifact,
      });
    }
  });
  return onChain.flatMap(({ name }) => planned.get(name) ?? []);
}

const inputNames = ({ abi }: Artifact): (string | undefined)[] =>
  abi.find((item) => item.type === "constructor")?.inputs.map(({ name }) => name) ?? [];

const sourceOf = (argument: ConstructorArgument): string => {
  switch (argument.kind) {
    case "reference":
      return `address of ${argument.contract}`;
    case "setting":
      return `setting ${argument.setting}`;
    case "value":
    case "byChain":
      return "value in the suite";
  }
};

function initCodeOf(artifact: Artifact, args: readonly unknown[]): Hex {
  let initCode: Hex;
  try {
    initCode = encodeDeployData({ abi: artifact.abi, bytecode: artifact.creationCode, args });
  } catch (error) {
    throw new SuiteError(
      `The constructor of ${artifact.name} does not take the suite's arguments (${args.map(String).join(", ")}).`,
      "Compare contracts/suite.ts with the contract.",
      { cause: error },
    );
  }
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
