import { parseArgs } from "node:util";
import type { Address } from "viem";
import { isAddress } from "viem/utils";
import type { DeployMode } from "./deploy/deploy";
import { policyOf, type SendPolicy } from "./deploy/policy";
import { ContractsError, messageOf } from "./errors";
import type { SuiteSettings } from "./plan";
import type { Suite } from "./suites/format";
import { loadSuite } from "./suites/load";

/** Options of the command line that name a chain and its plan; nothing secret and nothing of one machine. */
export interface PlanOptions {
  readonly suite: Suite;
  readonly chain: string;
  readonly salt: string;
  readonly settings: SuiteSettings;
  /** Fees and the depth that counts; verification does not ask. */
  readonly policy: SendPolicy;
  /** How long to wait for the chain in all, in milliseconds. */
  readonly timeoutMs: number;
}

/** Options of a deployment of a whole chain. */
export interface ChainOptions extends PlanOptions {
  /** How deployments follow each other; verification does not ask. */
  readonly mode: DeployMode;
}

/** Options that name one contract of one chain. */
export interface ContractOptions extends ChainOptions {
  /** Its name in the suite. */
  readonly contract: string;
  /** Address that the caller has predicted; another one means that sources changed in between. */
  readonly expectedAddress?: Address;
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
export function chainOption(value: string | undefined, suite: Pick<Suite, "chains">): string {
  const given = required(value, "chain");
  const chains = Object.keys(suite.chains);
  if (chains.includes(given)) return given;
  throw new OptionError(`There is no chain "${given}".`, `Give one of ${chains.join(", ")}.`);
}

function contractOption(value: string | undefined, chain: string, suite: Suite): string {
  const given = required(value, "contract");
  const names = suite.contracts.filter(({ chains }) => chains.includes(chain)).map(({ name }) => name);
  if (names.includes(given)) return given;
  throw new OptionError(`${chain} has no contract "${given}".`, `Give one of ${names.join(", ")}.`);
}

function callOption(value: string | undefined, chain: string, suite: Suite): string {
  const given = required(value, "call");
  const names = suite.calls.filter(({ chains }) => chains.includes(chain)).map(({ name }) => name);
  if (names.includes(given)) return given;
  throw new OptionError(`${chain} has no call "${given}".`, `Give one of ${names.join(", ") || "none"}.`);
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

const settingFlags = ["suite", "chain", "salt", "owner", "signers", "threshold", "timeout-seconds"] as const;
const policyFlags = ["max-fee-gwei", "max-priority-fee-gwei", "replace-after-blocks", "confirmations"] as const;

const modes: readonly DeployMode[] = ["batches", "dataflow"];

/** The mode of an option. @throws {OptionError} */
export function modeOption(given: string): DeployMode {
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

function planOptions(values: Partial<Record<(typeof settingFlags | typeof policyFlags)[number], string>>): PlanOptions {
  const suite = loadSuite(values.suite);
  const chain = chainOption(values.chain, suite);
  const signers = values.signers?.split(",").map((signer) => addressOption(signer, "signers"));
  const timeoutSeconds = positiveOption(
    values["timeout-seconds"] ?? String(DEFAULT_TIMEOUT_SECONDS),
    "timeout-seconds",
  );
  return {
    suite,
    chain,
    salt: required(values.salt, "salt"),
    settings: {
      owner: addressOption(required(values.owner, "owner"), "owner"),
      ...(signers === undefined ? {} : { signers }),
      ...(values.threshold === undefined ? {} : { threshold: positiveOption(values.threshold, "threshold") }),
    },
    policy: policyOption(values),
    timeoutMs: timeoutSeconds * 1000,
  };
}

const contractFlags = [...settingFlags, ...policyFlags, "contract", "address", "mode"] as const;

/** Reads the options that deployment and verification of one contract share. @throws {OptionError}, {SuiteError} */
export function parseContractOptions(argv: readonly string[]): ContractOptions {
  const values = readFlags(argv, contractFlags);
  const options = planOptions(values);
  return {
    ...options,
    contract: contractOption(values.contract, options.chain, options.suite),
    ...(values.address === undefined ? {} : { expectedAddress: addressOption(values.address, "address") }),
    mode: modeOption(values.mode ?? "batches"),
  };
}

/** Reads the options of a deployment: of one contract, or of the whole chain. @throws {OptionError}, {SuiteError} */
export function parseDeployOptions(argv: readonly string[]): ContractOptions | ChainOptions {
  const values = readFlags(argv, contractFlags);
  if (values.contract !== undefined) return parseContractOptions(argv);
  if (values.address !== undefined) throw new OptionError("--address is given without --contract.", "Give --contract.");
  return { ...planOptions(values), mode: modeOption(values.mode ?? "batches") };
}

/** Options of the command line that name one call of one chain. */
export interface CallOptions extends PlanOptions {
  /** Its name in the suite. */
  readonly call: string;
}

/** Reads the options of a call after deployment. @throws {OptionError}, {SuiteError} */
export function parseCallOptions(argv: readonly string[]): CallOptions {
  // The digest is for the engine alone: another one is another command line, so that the call is looked at again.
  const values = readFlags(argv, [...settingFlags, ...policyFlags, "call", "digest"]);
  const options = planOptions(values);
  return { ...options, call: callOption(values.call, options.chain, options.suite) };
}

/** Name of the environment variable that holds a chain's RPC address: `MERIDIAN_CHAIN138_RPC_URL`. */
export const rpcUrlVariable = (chain: string): string => `MERIDIAN_${chain.toUpperCase()}_RPC_URL`;

/** A chain's RPC address, from the environment. @throws {OptionError} */
export function rpcUrlOf(chain: string, environment: NodeJS.ProcessEnv = process.env): string {
  const variable = rpcUrlVariable(chain);
  const url = environment[variable];
  if (url === undefined || url === "") {
    throw new OptionError(`${variable} is not set.`, `Set it to the HTTP address of a node of ${chain}.`);
  }
  return url;
}
