/** What the gateway lets through; rendered for gateway.js. */
export interface GatewayPolicy {
  /** JSON-RPC methods that may be called, over HTTP and over a WebSocket. */
  readonly methods: readonly string[];
  /** Most calls of one batch. */
  readonly maxBatch: number;
  /** Longest request and longest message, in bytes. */
  readonly maxBodyBytes: number;
  /** Most messages of one WebSocket in a second. */
  readonly messagesPerSecond: number;
  /** Seconds that the newest block may be old before /health says 503. */
  readonly headAgeSeconds: number;
}

/**
 * What applications need, and nothing that changes a node or costs it much: no filters, which live in one node's memory
 * and would have to be asked for there; no tracing; nothing of the pool.
 */
export const DEFAULT_METHODS: readonly string[] = [
  ...[
    "eth_blockNumber",
    "eth_call",
    "eth_chainId",
    "eth_estimateGas",
    "eth_feeHistory",
    "eth_gasPrice",
    "eth_getBalance",
  ],
  ...["eth_getBlockByHash", "eth_getBlockByNumber", "eth_getBlockReceipts", "eth_getBlockTransactionCountByHash"],
  ...["eth_getBlockTransactionCountByNumber", "eth_getCode", "eth_getLogs", "eth_getProof", "eth_getStorageAt"],
  ...["eth_getTransactionByBlockHashAndIndex", "eth_getTransactionByBlockNumberAndIndex", "eth_getTransactionByHash"],
  ...["eth_getTransactionCount", "eth_getTransactionReceipt", "eth_maxPriorityFeePerGas", "eth_sendRawTransaction"],
  ...["eth_subscribe", "eth_syncing", "eth_unsubscribe", "net_version", "web3_clientVersion"],
];

/**
 * Namespaces of which methods may be offered: those that Besu serves on an RPC node (besu/node-options.ts). No other can
 * be named, so that no gateway ever leads to a vote, a peer or a key.
 */
export const OFFERED_NAMESPACES: readonly string[] = ["eth", "net", "web3", "txpool"];

/** The namespace of a method: `eth` of `eth_call`. */
export const namespaceOf = (method: string): string => method.split("_")[0] ?? "";

/** `policy.js`, which gateway.js imports. */
export const renderPolicy = (policy: GatewayPolicy): string => `export default ${JSON.stringify(policy, null, 2)};\n`;
