import { suggest } from "../regions/suggest";
import { FLAGS } from "./flags";
import { InvalidNodeOptionsError } from "./node-options";

/** Options of Besu, by name without dashes, as they stand in a file or on a command line. */
export type RawOptions = Readonly<Record<string, unknown>>;

interface Rule {
  readonly flag: string;
  readonly refuses: (value: unknown, options: RawOptions) => boolean;
  readonly why: string;
}

const among =
  (...bad: readonly unknown[]) =>
  (value: unknown): boolean =>
    bad.includes(typeof value === "string" ? value.toUpperCase() : value);

const lists =
  (...bad: readonly string[]) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.some((one) => bad.includes(String(one).toUpperCase()));

const present = () => true;

/** Namespaces with which a caller votes, adds peers, or changes the node. */
const POWERFUL = ["ADMIN", "QBFT", "IBFT", "MINER", "PERM", "PLUGINS", "ENGINE", "TESTING"] as const;

/** What is never right on a chain of Meridian's. Sources: measurements with Besu 26.8.0, and Besu's own source. */
const RULES: readonly Rule[] = [
  {
    flag: "data-storage-format",
    refuses: among("FOREST"),
    why: "FOREST disables parallel execution and grows faster; use BONSAI",
  },
  {
    flag: "profile",
    refuses: among("ENTERPRISE", "PRIVATE"),
    why: "that profile selects FOREST; leave profile out",
  },
  { flag: "sync-mode", refuses: (value) => value !== "FULL", why: "a validator executes every block; use FULL" },
  {
    flag: "block-txs-selection-max-time",
    refuses: present,
    why: "Besu refuses it with QBFT; lower the block gas limit instead",
  },
  {
    flag: "poa-block-txs-selection-max-time",
    refuses: present,
    why: "QBFT ignores it after Paris (besu#11005); lower the block gas limit instead",
  },
  {
    flag: "min-gas-price",
    refuses: (value) => value !== 0,
    why: "the chain is free of fees, and free transactions would never be mined; use 0",
  },
  {
    flag: "tx-pool-min-gas-price",
    refuses: (value) => value !== 0,
    why: "the chain is free of fees, and the pool would refuse every transaction; use 0",
  },
  {
    flag: "nat-method",
    refuses: (value) => value !== "NONE",
    why: "the address is known, and Besu would announce another one; use NONE",
  },
  { flag: "host-allowlist", refuses: lists("*", "ALL"), why: "any web page could call the node by DNS rebinding" },
  { flag: "rpc-http-cors-origins", refuses: lists("*", "ALL"), why: "any web page could call the node" },
  {
    flag: "rpc-http-api",
    refuses: lists(...POWERFUL),
    why: "whoever reaches the RPC could vote, add peers or change the node",
  },
  {
    flag: "rpc-ws-api",
    refuses: (value, options) => options["rpc-ws-host"] !== "127.0.0.1" && lists(...POWERFUL)(value),
    why: "whoever reaches the port could vote, add peers or change the node; only rpc-ws-host 127.0.0.1 is private",
  },
  {
    flag: "bonsai-limit-trie-logs-enabled",
    refuses: (value) => value === true,
    why: "Besu refuses it with sync-mode FULL and BONSAI",
  },
];

const KNOWN: readonly string[] = [...new Set([...Object.keys(FLAGS), ...RULES.map(({ flag }) => flag)])];

/**
 * What is wrong with options of Besu: each refused by a rule above, misspelt, or unknown to Meridian.
 *
 * @returns one sentence a finding; empty for good options
 */
export function lintNodeOptions(options: RawOptions): string[] {
  const unknown = Object.keys(options).filter((flag) => !KNOWN.includes(flag));
  return [
    ...RULES.flatMap(({ flag, refuses, why }) => {
      const value = options[flag];
      return value !== undefined && refuses(value, options) ? [`${flag} is ${JSON.stringify(value)}: ${why}.`] : [];
    }),
    ...unknown.map((flag) => {
      const near = suggest(flag, KNOWN);
      return `${flag} is no option that Meridian knows.${near === undefined ? "" : ` Did you mean "${near}"?`}`;
    }),
  ];
}

/**
 * @throws {InvalidNodeOptionsError} naming every finding of {@link lintNodeOptions}.
 */
export function requireCleanOptions(options: RawOptions): void {
  const findings = lintNodeOptions(options);
  if (findings.length === 0) return;
  const hint = findings.map((finding) => `  ${finding}`).join("\n");
  throw new InvalidNodeOptionsError(`Besu's options are refused: ${findings.length} findings.`, { hint });
}
