import { z } from "zod";

import {
  DEFAULT_SUPERNET,
  MAX_VALIDATORS_PER_REGION,
  parseSupernet,
  AddressingError,
  refuseCollisions,
} from "./regions/addressing";
import { BESU_IMAGE } from "./besu/image";
import { keyVaultKeyPattern } from "./contracts/signers/key-id";
import { isRegion, suggestRegion } from "./regions/catalogue";
import { MINIMUM_VALIDATORS, quorumBudget } from "./regions/quorum";
import { scopes } from "./regions/scope";
import { describeIssue, InvalidConfigurationError, show, unknownSetting } from "./fleet-errors";
import { monitoringSchema } from "./fleet-monitoring";
import { operationsSchema } from "./fleet-operations";
import { findRpcFaults, rpcOverrideSchema, rpcSchema } from "./fleet-rpc";
import { choice, flag, ipv4Ranges, settings, text, vmSize, wholeNumber } from "./fleet-schema";

export { InvalidConfigurationError } from "./fleet-errors";

const regionName = z
  .string({ error: 'Allowed: an Azure region, such as "japaneast".' })
  .superRefine((name, context) => {
    if (isRegion(name)) return;
    const near = suggestRegion(name);
    const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
    const message = `It is not an Azure region.${hint} Allowed: a name that \`az account list-locations\` prints.`;
    context.addIssue({ code: "custom", message });
  });

const regionSchema = settings({
  name: regionName,
  validators: wholeNumber(1, MAX_VALIDATORS_PER_REGION, "validators in this region").default(1),
  rpc: rpcOverrideSchema.optional(),
});

const chainSchema = settings({
  chainId: wholeNumber(1, Number.MAX_SAFE_INTEGER, "EIP-155 chain id").default(138),
  blockPeriodSeconds: wholeNumber(1, 3600, "seconds between blocks").default(2),
  requestTimeoutSeconds: wholeNumber(2, 7200, "seconds until a round changes").optional(),
  // One 197 Mgas block took 29 to 56 s with round changes; 30M kept 2 to 5 s (measured, Besu 26.8.0).
  blockGasLimit: wholeNumber(5_000_000, 100_000_000, "gas in a block").default(30_000_000),
  futureBySender: wholeNumber(1, 100_000, "transactions of one sender that wait").optional(),
  parallelExecution: choice("auto", "on", "off").default("auto"),
  besuImage: text("a container image with its tag").default(BESU_IMAGE),
}).transform((chain) => ({
  ...chain,
  requestTimeoutSeconds: chain.requestTimeoutSeconds ?? 2 * chain.blockPeriodSeconds,
}));

const address = text("an address: 0x and 40 hex digits", /^0x[0-9a-fA-F]{40}$/).transform((a) => a as `0x${string}`);

const rpcUrl = text("an http(s) URL without user or password", /^https?:\/\/[^\s@]+$/);

const gwei = (what: string) => {
  const error = `Allowed: a number above 0, up to 1,000,000 (${what}, in gwei for a gas).`;
  return z.number({ error }).positive({ error }).max(1_000_000, { error });
};

const contractChainSchema = settings({
  rpcUrl: rpcUrl.optional(),
  maxFeeGwei: gwei("the most that a transaction may offer").optional(),
  maxPriorityFeeGwei: gwei("the most of it that may be a tip").optional(),
  replaceAfterBlocks: wholeNumber(1, 100_000, "blocks until a stuck transaction is replaced").optional(),
  confirmations: wholeNumber(1, 1_000, "blocks from which a deployment counts").optional(),
});

const keyVaultKey = text("https://NAME.vault.azure.net/keys/KEY, with or without a version", keyVaultKeyPattern);

const endpoint = text('"public", or an http(s) URL without user or password', /^(public|https?:\/\/[^\s@]+)$/);

const publishSchema = settings({
  sourcify: endpoint.optional(),
  blockscout: endpoint.optional(),
  etherscan: endpoint.optional(),
});

const contractsSchema = settings({
  salt: text("the CREATE2 salt: any text, or 0x and 64 hex digits"),
  owner: address,
  signers: z
    .array(address, { error: "Allowed: a list of addresses." })
    .min(1, "Allowed: at least one address.")
    .optional(),
  threshold: wholeNumber(1, 100, "confirmations that the MultiSig wants").optional(),
  suite: text("a YAML or JSON file, relative to the checkout", /\.(ya?ml|json)$/).optional(),
  mode: choice("batches", "dataflow").default("batches"),
  keyVaultKey: keyVaultKey.optional(),
  // Whether the suite has these chains is known once it is read (config.ts); Meridian's own are checked below.
  chains: z.record(z.string(), contractChainSchema, { error: "Allowed: a mapping of the suite's chains." }),
  // Read by `meridian verify` alone; the program publishes nothing.
  publish: z.record(z.string(), publishSchema, { error: "Allowed: a mapping of the suite's chains." }).optional(),
});

const clusterSchema = settings({
  kubernetesVersion: text('a Kubernetes version, such as "1.34"', /^1\.\d{1,3}(\.\d{1,3})?$/).default("1.34"),
  tier: choice("Standard", "Free").default("Standard"),
  systemVmSize: vmSize.default("Standard_D4s_v5"),
  systemNodes: wholeNumber(1, 20, "nodes of the system pool").default(3),
  validatorVmSize: vmSize.default("Standard_D4s_v5"),
  validatorNodes: wholeNumber(1, MAX_VALIDATORS_PER_REGION, "nodes of the validator pool").optional(),
  disks: choice("auto", "PremiumV2_LRS", "Premium_LRS").default("auto"),
  access: choice("entra", "local").default("entra"),
  login: choice("azurecli", "workloadidentity", "msi", "spn").default("azurecli"),
  administratorId: text(
    "the object id of a user, group or application",
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  ).optional(),
  apiServer: choice("private", "ranges", "open").default("private"),
  authorizedRanges: ipv4Ranges.default([]),
});

const snapshotsSchema = settings({
  enabled: flag.default(true),
  everyHours: z
    .literal([1, 2, 3, 4, 6, 8, 12, 24], { error: "Allowed: 1, 2, 3, 4, 6, 8, 12 or 24 (hours between snapshots)." })
    .default(24),
  // Azure keeps 500 incremental snapshots of a disk (Azure docs, "Create an incremental snapshot for managed disks").
  keep: wholeNumber(1, 400, "ready snapshots of each disk").default(7),
  // The official image, registry.k8s.io/kubectl, has no shell in 1.34.
  image: text("a container image with sh, sort, awk and kubectl, and its tag").default("alpine/k8s:1.34.1"),
});

const supernet = z.string({ error: "Allowed: an IPv4 network, in quotes." }).superRefine((value, context) => {
  try {
    parseSupernet(value);
  } catch (error) {
    if (!(error instanceof AddressingError)) throw error;
    context.addIssue({ code: "custom", message: error.message });
  }
});

const engineSchema = settings({
  versionAliases: choice("drop", "keep").default("drop"),
  stackTraces: choice("short", "full").default("short"),
  debugMessages: choice("drop", "keep").default("drop"),
});

const listOfRegions = "Allowed: a list such as [{ name: japaneast, validators: 2 }].";
const tagText = text("the tag's value, 1 to 256 characters", /^.{1,256}$/);

const fleetShape = settings({
  regions: z.array(regionSchema, { error: listOfRegions }),
  chain: chainSchema.prefault({}),
  contracts: contractsSchema,
  cluster: clusterSchema.prefault({}),
  snapshots: snapshotsSchema.prefault({}),
  rpc: rpcSchema.prefault({}),
  monitoring: monitoringSchema.prefault({}),
  network: settings({
    supernet: supernet.default(DEFAULT_SUPERNET),
    globalLocation: regionName.default("westeurope"),
    reserved: ipv4Ranges.default([]),
  }).prefault({}),
  scope: choice(...scopes).default("fleet"),
  phases: choice("overlap", "barrier").default("overlap"),
  protect: flag.default(true),
  allowSingleRegionHalt: flag.default(false),
  tags: z.record(z.string(), tagText, { error: "Allowed: a mapping of tag names to text." }).default({}),
  engine: engineSchema.prefault({}),
  operations: operationsSchema.prefault({}),
});

const fleetSchema = fleetShape.superRefine((fleet, context) => {
  const refuse = (path: PropertyKey[], message: string, value?: string) =>
    context.addIssue({ code: "custom", path, message, params: { value } });

  fleet.regions.forEach(({ name }, i) => {
    const first = fleet.regions.findIndex((other) => other.name === name);
    if (first < i) {
      const remedy = `Allowed: each region once; raise meridian:regions[${first}].validators instead.`;
      refuse(["regions", i, "name"], `It is named twice, first in meridian:regions[${first}]. ${remedy}`);
    }
  });
  const validators = fleet.regions.reduce((sum, region) => sum + region.validators, 0);
  if (validators < MINIMUM_VALIDATORS) {
    const why = "QBFT tolerates floor((N-1)/3) faults, which is none with fewer than 4 validators.";
    refuse(["regions"], `Allowed: ${MINIMUM_VALIDATORS} or more. ${why}`, `${validators} validators in all`);
  } else if (!fleet.allowSingleRegionHalt && fleet.regions.every((region) => regionSchema.safeParse(region).success)) {
    const { singleRegionHalt, stoppable, quorum } = quorumBudget(fleet.regions);
    singleRegionHalt.slice(0, 1).forEach((halt) => {
      const value = `${halt.validators} of ${validators} validators in ${halt.name}`;
      const why = `The chain halts if that region fails: it needs ${quorum}.`;
      const remedy = `Allowed: at most ${stoppable} in one region, or meridian:allowSingleRegionHalt: true.`;
      refuse(["regions"], `${why} ${remedy}`, value);
    });
  }
  const { signers = [fleet.contracts.owner], threshold = 1 } = fleet.contracts;
  if (threshold > signers.length) {
    refuse(["contracts", "threshold"], `Allowed: at most ${signers.length}, the number of signers.`);
  }
  if (fleet.contracts.suite === undefined) refuseUnknownChains(fleet.contracts, refuse);
  const { apiServer, authorizedRanges } = fleet.cluster;
  if ((apiServer === "ranges") !== authorizedRanges.length > 0) {
    const why = apiServer === "ranges" ? "one range or more" : 'none unless meridian:cluster.apiServer is "ranges"';
    refuse(["cluster", "authorizedRanges"], `Allowed: ${why}.`, show(authorizedRanges));
  }
  if (fleet.scope !== "fleet" && fleet.phases === "barrier") {
    refuse(
      ["phases"],
      'Allowed: "overlap" where meridian:scope is not "fleet": a barrier joins regions, which have stacks apart.',
    );
  }
  refuseReserved(fleet, refuse);
  for (const { path, message, value } of findRpcFaults(fleet)) refuse([...path], message, value);
  const { blockPeriodSeconds, requestTimeoutSeconds, chainId } = fleet.chain;
  if (requestTimeoutSeconds <= blockPeriodSeconds) {
    const why = `more than the block period, meridian:chain.blockPeriodSeconds (${blockPeriodSeconds})`;
    refuse(["chain", "requestTimeoutSeconds"], `Allowed: ${why}; otherwise a healthy chain changes rounds.`);
  }
  if (chainId !== 138 && fleet.contracts.suite === undefined && fleet.contracts.chains.chain138 !== undefined) {
    refuse(["chain", "chainId"], "Allowed: 138 as long as meridian:contracts.chains has chain138.");
  }
});

/** The chains of Meridian's own suite (contracts/suite.ts, which a test compares). */
const ownChains = ["chain138", "chain1"];

function refuseUnknownChains(
  contracts: Pick<z.output<typeof contractsSchema>, "chains" | "publish">,
  refuse: (path: PropertyKey[], message: string) => void,
): void {
  for (const key of ["chains", "publish"] as const) {
    for (const chain of Object.keys(contracts[key] ?? {})) {
      if (!ownChains.includes(chain)) refuse(["contracts", key, chain], unknownSetting(chain, ownChains));
    }
  }
}

/** Addresses that are in use elsewhere, and that a region would take. */
function refuseReserved(
  { regions, network }: z.output<typeof fleetShape>,
  refuse: (path: PropertyKey[], message: string) => void,
): void {
  const names = regions.map(({ name }) => name).filter(isRegion);
  for (const [key, reserved] of [
    ["supernet", []],
    ["reserved", network.reserved],
  ] as const) {
    try {
      refuseCollisions(names, reserved, network.supernet);
    } catch (error) {
      if (!(error instanceof AddressingError)) throw error;
      refuse(["network", key], error.message);
      return;
    }
  }
}

/** A validated stack configuration, with every default filled in. Keys and units: docs/configuration.md. */
export type Fleet = z.output<typeof fleetSchema>;
export type FleetRegion = Fleet["regions"][number];
export type ClusterSettings = Fleet["cluster"];
export type SnapshotSettings = Fleet["snapshots"];
export type ChainSettings = Fleet["chain"];

/** The chains that get contracts, in the suite's order as far as it is Meridian's own, with what each needs to know. */
export function contractChains({ contracts }: Fleet) {
  const { chains, suite, salt, owner, signers, threshold, mode, keyVaultKey } = contracts;
  const common = { suite, salt, owner, signers, threshold, mode, keyVaultKey };
  const order = (name: string): number => ownChains.indexOf(name) + 1 || ownChains.length + 1;
  const names = Object.keys(chains).sort((one, other) => order(one) - order(other));
  return names.map((chain) => ({ chain, ...common, ...chains[chain] }));
}

/** The keys of the configuration, without their namespace. */
export const settingNames: readonly string[] = Object.keys(fleetSchema.shape);

/**
 * Turns raw configuration, a mapping of keys such as `regions` to parsed values, into a {@link Fleet}.
 *
 * @throws {InvalidConfigurationError} for the first thing wrong: one message with its key, value and what is allowed.
 */
export function parseFleet(raw: unknown): Fleet {
  if (raw === null || typeof raw !== "object") {
    throw new InvalidConfigurationError(`The configuration is ${show(raw)}. Allowed: a mapping of meridian: keys.`);
  }
  const result = fleetSchema.safeParse(raw);
  if (result.success) return result.data;
  throw new InvalidConfigurationError(describeIssue(result.error.issues[0], raw));
}

const NAMESPACE = "meridian:";

/**
 * The settings of the `meridian` namespace by key. Every key, not only known ones, so that a misspelt one is refused.
 *
 * @param config values by full key: as the engine hands them over (text, and JSON for what is not text), or as they
 * stand under `config` in a stack file, where the CLI writes `"false"` for false
 */
export function readSettings(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const own = Object.entries(config).filter(([key]) => key.startsWith(NAMESPACE));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(NAMESPACE.length), parseJsonOrKeep(value)]));
}

function parseJsonOrKeep(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
