import { MeridianError } from "../errors";
import { P2P_PORT } from "./enode";

/** Loopback of the node's own pod or machine: Kubernetes' port-forward reaches it, and no peer or application. */
const LOOPBACK = "127.0.0.1";

/** Besu's default ports. */
export const RPC_PORT = 8545;
export const WS_PORT = 8546;
export const METRICS_PORT = 9545;
/** A validator's administration, on its loopback alone: Besu's port for WebSockets, which it has no other use for. */
export const ADMIN_PORT = WS_PORT;

/** Besu's own default for `max-peers`. */
const DEFAULT_MAX_PEERS = 25;

/** Transactions of one sender that Besu's pool keeps ahead of its nonce unless told otherwise (measured: 200 of 1,000). */
export const DEFAULT_FUTURE_BY_SENDER = 200;

/** Connections of Besu's own profile for private networks (enterprise-private.toml); its default is 80. */
const RPC_CONNECTIONS = 300;

/**
 * Cores from which blocks are executed in parallel. On 2 cores it costs (66 to 71 Mgas/s with, 86 to 93 without; measured,
 * Besu 26.8.0); on many it gains (p50 282 -> 207 ms, Besu's own figure). Between the two nothing was measured.
 */
export const PARALLEL_FROM_CORES = 4;

/** Whether a node executes a block's transactions in parallel; `auto` decides by its cores. */
export type ParallelExecution = "auto" | "on" | "off";

/** JSON-RPC namespaces that anyone may be shown; the others change the node or the chain, or cost too much. */
type PublicApi = "ETH" | "NET" | "WEB3";

/** Adding peers, and votes. */
type AdminApi = "ADMIN" | "QBFT";

/** What a node is for. */
export type NodeRole =
  /** Signs blocks. Its RPC is for probes and the region's own network; peers and votes are for who may port-forward. */
  | "validator"
  /** Answers applications, behind a gateway; no validator's key. */
  | "rpc"
  /** Answers about old blocks, and traces. */
  | "archive"
  /** Stands between validators and other nodes, so that validators have no other peers. */
  | "sentry"
  /** Lets nodes outside the list of peers find the network: the only role with discovery. */
  | "bootnode";

/** The options of a Besu node that Meridian sets; names are those of Besu's command line, without the dashes. */
export interface NodeOptions {
  readonly "data-path": string;
  readonly "data-storage-format": "BONSAI" | "X_BONSAI_ARCHIVE";
  readonly "sync-mode": "FULL";
  readonly "genesis-file": string;
  readonly "node-private-key-file"?: string;
  readonly "static-nodes-file": string;
  readonly "discovery-enabled": boolean;
  readonly "nat-method": "NONE";
  readonly "p2p-host": string;
  readonly "p2p-port": number;
  readonly "max-peers": number;
  readonly "min-gas-price": number;
  readonly "tx-pool-min-gas-price": number;
  readonly "rpc-http-enabled": boolean;
  readonly "rpc-http-host": string;
  readonly "rpc-http-port": number;
  readonly "rpc-http-api": readonly (PublicApi | "TXPOOL" | "DEBUG" | "TRACE")[];
  readonly "host-allowlist": readonly string[];
  readonly "metrics-enabled": boolean;
  readonly "metrics-host": string;
  readonly "metrics-port": number;
  readonly "remote-connections-limit-enabled": boolean;
  readonly "bonsai-parallel-tx-processing-enabled"?: boolean;
  readonly "tx-pool-max-future-by-sender"?: number;
  readonly "rpc-http-max-active-connections"?: number;
  readonly "rpc-ws-enabled"?: boolean;
  readonly "rpc-ws-host"?: string;
  readonly "rpc-ws-port"?: number;
  readonly "rpc-ws-api"?: readonly (PublicApi | AdminApi)[];
}

/** Where a node lives, and what it can do. */
export interface NodePlace {
  /** Where the node keeps its database. */
  readonly dataPath: string;
  readonly genesisFile: string;
  /** The node's own key. @default one that Besu makes in its data path; a validator has to name its own */
  readonly privateKeyFile?: string;
  readonly staticNodesFile: string;
  /** The address at which peers reach it. */
  readonly address: string;
  /** Validators of the whole chain. */
  readonly validators: number;
  /** Other nodes that connect to this one: RPC nodes, sentries, late joiners. @default 0 */
  readonly otherPeers?: number;
  /** Cores the node may use. @default unknown */
  readonly cores?: number;
  /** @default "auto": by the cores, from {@link PARALLEL_FROM_CORES} on; where they are unknown Besu's own choice, which is on */
  readonly parallelExecution?: ParallelExecution;
  /** Transactions of one sender that may wait. @default 200, Besu's own; 2000 held a batch of 1,000 in any order */
  readonly futureBySender?: number;
  /** Interface on which HTTP and WebSocket are served. @default 0.0.0.0; 127.0.0.1 behind a gateway in the same pod */
  readonly rpcInterface?: "0.0.0.0" | "127.0.0.1";
  /** Names in the Host header that are answered, besides localhost and the address. @default none */
  readonly hosts?: readonly string[];
}

export type ValidatorPlace = NodePlace & { readonly privateKeyFile: string };

/** Options that no node of Meridian may have. */
export class InvalidNodeOptionsError extends MeridianError {
  override readonly name = "InvalidNodeOptionsError";
}

/** The options of a validator that finds its peers by `static-nodes.json` alone. */
export const validatorOptions = (place: ValidatorPlace): NodeOptions => nodeOptions("validator", place);

/**
 * The options of a node of any role. Why each has its value: docs/flags.md.
 *
 * @throws {InvalidNodeOptionsError} for a validator without a key, or a number out of its range.
 */
export function nodeOptions(role: NodeRole, place: NodePlace): NodeOptions {
  const { privateKeyFile, futureBySender, rpcInterface = "0.0.0.0" } = place;
  if (role === "validator" && privateKeyFile === undefined) {
    throw new InvalidNodeOptionsError("The validator has no key file. Give privateKeyFile: its key is its identity.");
  }
  for (const name of ["validators", "otherPeers", "cores", "futureBySender"] as const) requireCount(name, place[name]);
  const parallel = executesInParallel(place);
  return {
    "data-path": place.dataPath,
    "data-storage-format": role === "archive" ? "X_BONSAI_ARCHIVE" : "BONSAI",
    "sync-mode": "FULL",
    "genesis-file": place.genesisFile,
    ...(privateKeyFile !== undefined && { "node-private-key-file": privateKeyFile }),
    "static-nodes-file": place.staticNodesFile,
    "discovery-enabled": role === "bootnode",
    "nat-method": "NONE",
    "p2p-host": place.address,
    "p2p-port": P2P_PORT,
    "max-peers": Math.max(DEFAULT_MAX_PEERS, place.validators + (place.otherPeers ?? 0)),
    // Both default to 1000 wei, which refuses the free transactions of a zero-fee chain.
    "min-gas-price": 0,
    "tx-pool-min-gas-price": 0,
    "rpc-http-enabled": true,
    "rpc-http-host": rpcInterface,
    "rpc-http-port": RPC_PORT,
    "rpc-http-api": apisOf(role),
    // It gates /liveness, /readiness and /metrics too: probes say "Host: localhost".
    "host-allowlist": ["localhost", place.address, ...(place.hosts ?? [])],
    "metrics-enabled": true,
    "metrics-host": "0.0.0.0",
    "metrics-port": METRICS_PORT,
    // Besu would let others begin at most 60% of max-peers connections, which a full mesh of known peers exceeds.
    "remote-connections-limit-enabled": false,
    ...(parallel !== undefined && { "bonsai-parallel-tx-processing-enabled": parallel }),
    ...(futureBySender !== undefined && { "tx-pool-max-future-by-sender": futureBySender }),
    ...(role === "validator" && {
      "rpc-ws-enabled": true,
      "rpc-ws-host": LOOPBACK,
      "rpc-ws-port": ADMIN_PORT,
      "rpc-ws-api": ["ADMIN", "QBFT"],
    }),
    ...(role === "rpc" && {
      "rpc-http-max-active-connections": RPC_CONNECTIONS,
      "rpc-ws-enabled": true,
      "rpc-ws-host": rpcInterface,
      "rpc-ws-port": WS_PORT,
      "rpc-ws-api": ["ETH", "NET", "WEB3"],
    }),
  };
}

/** Undefined where nothing decides. */
function executesInParallel({ parallelExecution = "auto", cores }: NodePlace): boolean | undefined {
  if (parallelExecution !== "auto") return parallelExecution === "on";
  return cores === undefined ? undefined : cores >= PARALLEL_FROM_CORES;
}

/**
 * What to say of parallel execution that was asked for where it costs: undefined where there is nothing to say.
 *
 * @param key of the configuration that asked for it
 */
export function parallelWarning(
  key: string,
  { parallelExecution = "auto", cores }: Pick<NodePlace, "parallelExecution" | "cores">,
): string | undefined {
  if (parallelExecution !== "on" || cores === undefined || cores >= PARALLEL_FROM_CORES) return undefined;
  return `${key} is "on" for nodes with ${cores} ${cores === 1 ? "core" : "cores"}: on 2 cores it cost a fifth of the throughput or more (measured, Besu 26.8.0). "auto" leaves it off below ${PARALLEL_FROM_CORES}.`;
}

/** No ADMIN, QBFT or MINER over HTTP: whoever may call a node's RPC must not be able to vote, or to add peers. */
function apisOf(role: NodeRole): NodeOptions["rpc-http-api"] {
  switch (role) {
    case "validator":
    case "sentry":
    case "bootnode":
      return ["ETH", "NET", "WEB3"];
    case "rpc":
      return ["ETH", "NET", "WEB3", "TXPOOL"];
    case "archive":
      return ["ETH", "NET", "WEB3", "DEBUG", "TRACE"];
  }
}

function requireCount(name: string, value: number | undefined): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) return;
  throw new InvalidNodeOptionsError(`${name} is ${value}. Give a whole number of at least 0.`);
}
