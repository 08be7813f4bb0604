import type { Hex } from "viem";
import { fromRlp, isHex, size } from "viem/utils";

import { suggest } from "../regions/suggest";
import { CREATE2_FACTORY_ADDRESS, CREATE2_FACTORY_CODE, FORKS, InvalidGenesisError, QBFT_MIX_HASH } from "./genesis";

/** What is wrong with a genesis. */
export interface GenesisFinding {
  /** Where: `config.chainId`. */
  readonly path: string;
  readonly message: string;
}

/** Highest block gas limit: with 100M, blocks came every 8 to 13 s instead of 2 (measured, Besu 26.8.0). */
const HIGHEST_BLOCK_GAS_LIMIT = 100_000_000n;

/** Bytes of the vanity that leads extraData. */
const VANITY_BYTES = 32;

const FORK_NAMES = Object.keys(FORKS) as readonly (keyof typeof FORKS)[];
const CONFIG_KEYS = ["chainId", "zeroBaseFee", "qbft", ...FORK_NAMES];
const QBFT_KEYS = [
  ...["blockperiodseconds", "emptyblockperiodseconds", "epochlength", "requesttimeoutseconds"],
  ...["messagequeuelimit", "duplicatemessagelimit", "gossipedhistorylimit", "futuremessageslimit"],
];
const HEADER_KEYS = [
  "config",
  "nonce",
  "timestamp",
  "gasLimit",
  "difficulty",
  "mixHash",
  "coinbase",
  "extraData",
  "alloc",
];

type Json = Readonly<Record<string, unknown>>;

/**
 * Everything that makes a genesis other than one of Meridian's: what Besu refuses, and above all what it silently
 * accepts (measured, Besu 26.8.0): a misspelt fork, no chainId, no mixHash, a short vanity, a late fork without the
 * earlier ones, a request timeout of 0, validators out of order or without their 1 wei.
 *
 * @param genesis parsed JSON, of any shape
 * @returns findings in the order of the file; empty for a good one
 */
export function lintGenesis(genesis: unknown): GenesisFinding[] {
  const file = asObject(genesis);
  const config = asObject(file.config);
  return [
    ...unknownKeys("", file, HEADER_KEYS),
    ...unknownKeys("config.", config, CONFIG_KEYS),
    ...lintChainId(config),
    ...lintForks(config),
    ...(config.zeroBaseFee === true
      ? []
      : [finding("config.zeroBaseFee", "It is not true, so transactions cost gas.")]),
    ...lintTiming(config.qbft),
    ...lintHeader(file),
    ...lintExtraData(file.extraData, asObject(file.alloc)),
    ...lintFactory(asObject(file.alloc)),
  ];
}

/**
 * @throws {InvalidGenesisError} naming every finding of {@link lintGenesis}.
 */
export function requireCleanGenesis(genesis: unknown): void {
  const findings = lintGenesis(genesis);
  if (findings.length === 0) return;
  const hint = findings.map(({ path, message }) => `  ${path}: ${message}`).join("\n");
  throw new InvalidGenesisError(`The genesis is refused: ${findings.length} findings.`, { hint });
}

const finding = (path: string, message: string): GenesisFinding => ({ path, message });

const asObject = (value: unknown): Json => (typeof value === "object" && value !== null ? (value as Json) : {});

function unknownKeys(prefix: string, value: Json, known: readonly string[]): GenesisFinding[] {
  return Object.keys(value).flatMap((key) => {
    if (known.includes(key)) return [];
    const near = suggest(key, known);
    const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
    return [finding(`${prefix}${key}`, `Besu does not know it, or Meridian does not set it.${hint}`)];
  });
}

function lintChainId({ chainId }: Json): GenesisFinding[] {
  if (typeof chainId === "number" && Number.isSafeInteger(chainId) && chainId >= 1) return [];
  return [finding("config.chainId", `It is ${shown(chainId)}; without it, signatures are valid on other chains too.`)];
}

function lintForks(config: Json): GenesisFinding[] {
  const findings: GenesisFinding[] = [];
  let latest: { name: string; at: number } | undefined;
  const last = FORK_NAMES.findLastIndex((name) => config[name] !== undefined);
  FORK_NAMES.forEach((name, i) => {
    const at = config[name];
    if (at === undefined) {
      const later = i < last ? ` although ${FORK_NAMES[last] ?? ""} is there` : "";
      findings.push(finding(`config.${name}`, `It is missing${later}; name every fork.`));
    } else if (typeof at !== "number" || !Number.isSafeInteger(at) || at < 0) {
      findings.push(finding(`config.${name}`, `It is ${shown(at)}. Give a whole number.`));
    } else {
      // Blocks and times are different clocks: only forks of one kind can be out of order.
      if (latest && sameClock(latest.name, name) && at < latest.at) {
        findings.push(finding(`config.${name}`, `It is ${at}, before ${latest.name} at ${latest.at}.`));
      }
      latest = { name, at };
    }
  });
  return findings;
}

const sameClock = (a: string, b: string): boolean => a.endsWith("Time") === b.endsWith("Time");

function lintTiming(value: unknown): GenesisFinding[] {
  if (typeof value !== "object" || value === null) return [finding("config.qbft", "It is missing: no consensus.")];
  const qbft = value as Json;
  const whole = ["blockperiodseconds", "epochlength", "requesttimeoutseconds"].flatMap((key) =>
    isWhole(qbft[key], 1) ? [] : [finding(`config.qbft.${key}`, `It is ${shown(qbft[key])}. Give at least 1.`)],
  );
  const period = Number(qbft.blockperiodseconds);
  const timeout = Number(qbft.requesttimeoutseconds);
  const empty = qbft.emptyblockperiodseconds;
  return [
    ...unknownKeys("config.qbft.", qbft, QBFT_KEYS),
    ...whole,
    ...(timeout >= 1 && timeout <= period
      ? [finding("config.qbft.requesttimeoutseconds", `It is ${timeout}, within the block period of ${period}.`)]
      : []),
    ...(empty === undefined || isWhole(empty, period)
      ? []
      : [
          finding("config.qbft.emptyblockperiodseconds", `It is ${shown(empty)}, below the block period of ${period}.`),
        ]),
  ];
}

const isWhole = (value: unknown, least: number): boolean =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= least;

function lintHeader({ mixHash, difficulty, gasLimit }: Json): GenesisFinding[] {
  const findings: GenesisFinding[] = [];
  if (mixHash !== QBFT_MIX_HASH)
    findings.push(finding("mixHash", `It is ${shown(mixHash)}. QBFT's is ${QBFT_MIX_HASH}.`));
  if (difficulty !== "0x1") findings.push(finding("difficulty", `It is ${shown(difficulty)}. QBFT's is "0x1".`));
  if (!isHex(gasLimit) || BigInt(gasLimit) === 0n) {
    findings.push(finding("gasLimit", `It is ${shown(gasLimit)}. Give a number in hex.`));
  } else if (BigInt(gasLimit) > HIGHEST_BLOCK_GAS_LIMIT) {
    const why = "full blocks would take longer than their round";
    findings.push(finding("gasLimit", `It is ${BigInt(gasLimit)}: ${why}. Give at most ${HIGHEST_BLOCK_GAS_LIMIT}.`));
  }
  return findings;
}

function lintExtraData(extraData: unknown, alloc: Json): GenesisFinding[] {
  const parts = decode(extraData);
  if (parts === undefined) {
    return [finding("extraData", "It is not RLP([vanity, validators, votes, round, seals]).")];
  }
  const { vanity, validators } = parts;
  const findings: GenesisFinding[] = [];
  if (size(vanity) !== VANITY_BYTES) {
    findings.push(finding("extraData", `Its vanity is ${size(vanity)} bytes long. Give ${VANITY_BYTES}.`));
  }
  if (validators.length === 0) findings.push(finding("extraData", "It names no validators."));
  if (validators.some((validator, i) => validator <= (validators[i - 1] ?? ""))) {
    const why = "Besu does not sort, and another order is another genesis hash";
    findings.push(finding("extraData", `Its validators are not in ascending order, each once: ${why}.`));
  }
  const accounts = new Map(
    Object.entries(alloc).map(([address, account]) => [address.toLowerCase(), asObject(account)]),
  );
  const poor = validators.filter((validator) => {
    const balance = accounts.get(validator)?.balance;
    return !isHex(balance) || BigInt(balance === "0x" ? "0x0" : balance) === 0n;
  });
  if (poor.length > 0) {
    const why = "each of their blocks would make every transaction a conflict";
    findings.push(finding("alloc", `${poor.join(", ")} of extraData without 1 wei: ${why}.`));
  }
  return findings;
}

function decode(extraData: unknown): { readonly vanity: Hex; readonly validators: readonly Hex[] } | undefined {
  if (!isHex(extraData)) return undefined;
  try {
    const decoded: unknown = fromRlp(extraData);
    if (!Array.isArray(decoded) || decoded.length !== 5) return undefined;
    const [vanity, validators] = decoded as readonly unknown[];
    const isList = Array.isArray(validators) && validators.every((one) => isHex(one) && size(one) === 20);
    return isHex(vanity) && isList ? { vanity, validators } : undefined;
  } catch {
    return undefined;
  }
}

function lintFactory(alloc: Json): GenesisFinding[] {
  const factory = Object.entries(alloc).find(([a]) => a.toLowerCase() === CREATE2_FACTORY_ADDRESS.toLowerCase());
  if (asObject(factory?.[1]).code === CREATE2_FACTORY_CODE) return [];
  return [finding("alloc", `The CREATE2 factory is not at ${CREATE2_FACTORY_ADDRESS}: no contract could be deployed.`)];
}

const shown = (value: unknown): string => (value === undefined ? "missing" : JSON.stringify(value));
