import { parseArgs } from "node:util";
import type { Address } from "viem";
import { isAddress } from "viem/utils";
import type { DeployMode } from "./deploy/deploy";
import { policyOf, type SendPolicy } from "./deploy/policy";
import { ContractsError, messageOf } from "./errors";
import { chainIds, suite, type ChainName, type ContractName, type SuiteSettings } from "./suite";

/** Options of the command line that name one contract of one chain; nothing secret and nothing of one machine. */
export interface ContractOptions {
  readonly chain: ChainName;
  readonly contract: ContractName;
  readonly salt: string;
  readonly settings: SuiteSettings;
  /** Address that the caller has predicted; another one means that sources changed in between. */
  readonly expectedAddress?: Address;
  /** How deployments follow each other; verification does not ask. */
  readonly mode: DeployMode;
  /** Fees and the depth that counts; verification does not ask. */
  readonly policy: SendPolicy;
  /** How long to wait for the chain in all, in milliseconds. */
  readonly timeoutMs: number;
}

/** The command line or the environment lacks something or has something wrong. */
export class OptionError extends ContractsError {}

const DEFAULT_TIMEOUT_SECONDS = 180;

const required = (value: string | undefined, name: string): string => {
  if (value === undefined) throw new OptionError(`--${name} is missing.`, `Give --${name}.`);
  return value;
};

/** An address out of text. @throws {OptionError} that names the option */
export const addressOption = (value: string, name: string): Address => {
  if (!isAddress(value)) {
    throw new OptionError(
      `--${name} is "${value}", which is no address.`,
      "Give 20 bytes as 0x…, checksummed if mixed.",
    );
  }
  return value;
};

/** A positive number of an option, in the option's own unit. */
export function positiveOption(value: string, name: string): number {
  const number = Number(value);
  if (!(number > 0 && Number.isFinite(number))) {
    throw new OptionError(`--${name} is "${value}".`, "Give a positive number.");
  }
  return number;
}

/** The chain of an option. @throws {OptionError} that lists the chains */
export function chainOption(value: string | undefined): ChainName {
  const given = required(value, "chain");
  const chains = Object.keys(chainIds) as ChainName[];
  const chain = chains.find((name) => name === given);
  if (chain === undefined) throw new OptionError(`There is no chain "${given}".`, `Give one of ${chains.join(", ")}.`);
  return chain;
}

function contractOption(value: string | undefined, chain: ChainName): ContractName {
  const given = required(value, "contract");
  const names = suite.filter(({ chains }) => chains.includes(chain)).map(({ name }) => name);
  const name = names.find((candidate) => candidate === given);
  if (name === undefined) {
    throw new OptionError(`${chain} has no contract "${given}".`, `Give one of ${names.join(", ")}.`);
  }
  return name;
}

/** Reads `--name value` pairs, and nothing else. @throws {OptionError} in Node's words */
export function readFlags<Name extends string>(
  argv: readonly string[],
  names: readonly Name[],
): Partial<Record<Name, string>> {
  try {
    const options = Object.fromEntries(names.map((name) => [name, { type: "string" as const }]));
    return parseArgs({ args: [...argv], options }).values as Partial<Record<Name, string>>;
  } catch (error) {
    const allowed = names.map((name) => `--${name}`).join(", ");
    throw new OptionError(`The command line cannot be read: ${messageOf(error)}.`, `Allowed: ${allowed}.`);
  }
}

const contractFlags = ["chain", "contract", "salt", "owner", "signers", "threshold", "address", "mode"] as const;
const policyFlags = ["max-fee-gwei", "max-priority-fee-gwei", "replace-after-blocks", "confirmations"] as const;

const modes: readonly DeployMode[] = ["batches", "dataflow"];

function modeOption(given: string): DeployMode {
  const mode = modes.find((name) => name === given);
  if (mode === undefined) throw new OptionError(`--mode is "${given}".`, `Give one of ${modes.join(", ")}.`);
  return mode;
}

/** The policy of a command line; what is not given is the default. @throws {OptionError} */
function policyOption(values: Partial<Record<(typeof policyFlags)[number], string>>): SendPolicy {
  const given = (name: (typeof policyFlags)[number], whole: boolean): number | undefined => {
    const value = values[name];
    const number = value === undefined ? undefined : positiveOption(value, name);
    if (!whole || number === undefined || Number.isInteger(number)) return number;
    throw new OptionError(`--${name} is "${value}".`, "Give a whole number from 1.");
  };
  return policyOf({
    maxFeeGwei: given("max-fee-gwei", false),
    maxPriorityFeeGwei: given("max-priority-fee-gwei", false),
    replaceAfterBlocks: given("replace-after-blocks", true),
    confirmations: given("confirmations", true),
  });
}

/** Reads the options that deployment and verification share. @throws {OptionError} */
export function parseContractOptions(argv: readonly string[]): ContractOptions {
  const values = readFlags(argv, [...contractFlags, ...policyFlags, "timeout-seconds"]);
  const chain = chainOption(values.chain);
  const signers = values.signers?.split(",").map((signer) => addressOption(signer, "signers"));
  const timeoutSeconds = positiveOption(
    values["timeout-seconds"] ?? String(DEFAULT_TIMEOUT_SECONDS),
    "timeout-seconds",
  );
  return {
    chain,
    contract: contractOption(values.contract, chain),
    salt: required(values.salt, "salt"),
    settings: {
      owner: addressOption(required(values.owner, "owner"), "owner"),
      ...(signers === undefined ? {} : { signers }),
      ...(values.threshold === undefined ? {} : { threshold: positiveOption(values.threshold, "threshold") }),
    },
    ...(values.address === undefined ? {} : { expectedAddress: addressOption(values.address, "address") }),
    mode: modeOption(values.mode ?? "batches"),
    policy: policyOption(values),
    timeoutMs: timeoutSeconds * 1000,
  };
}

/** Name of the environment variable that holds a chain's RPC address: `MERIDIAN_CHAIN138_RPC_URL`. */
export const rpcUrlVariable = (chain: ChainName): string => `MERIDIAN_${chain.toUpperCase()}_RPC_URL`;

/** A chain's RPC address, from the environment. @throws {OptionError} */
export function rpcUrlOf(chain: ChainName, environment: NodeJS.ProcessEnv = process.env): string {
  const variable = rpcUrlVariable(chain);
  const url = environment[variable];
  if (url === undefined || url === "") {
    throw new OptionError(`${variable} is not set.`, `Set it to the HTTP address of a node of ${chain}.`);
  }
  return url;
}
