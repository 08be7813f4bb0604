import { type NodeOptions, nodeOptions, type NodePlace, type NodeRole } from "./node-options";

/** Why each option has its value: what docs/flags.md prints. */
export const FLAGS: Readonly<Record<keyof NodeOptions, string>> = {
  "data-path": "the node's disk",
  "data-storage-format":
    "BONSAI can execute in parallel, FOREST cannot and is refused, and with it the profile ENTERPRISE; an archive keeps every block's state (experimental in Besu, not measured by us)",
  "sync-mode": "every node executes every block; there is no checkpoint to trust",
  "genesis-file": "the same file for all, for ever; a node refuses a database with another one",
  "node-private-key-file": "a validator's identity; without it Besu makes one in data-path",
  "static-nodes-file": "the peers, by address: a hostname fails without experimental flags; read at start only",
  "discovery-enabled": "peers are known, so nobody else is looked for or told",
  "nat-method": "the address is fixed and known; detection would announce the pod's",
  "p2p-host": "the address that peers reach: the load balancer's",
  "p2p-port": "Besu's default",
  "max-peers": "room for every validator and every other node that connects; Besu's default is 25",
  "min-gas-price": "the chain is free of fees; the default of 1000 wei would never mine a free transaction",
  "tx-pool-min-gas-price": "the same for the pool; the default of 1000 wei would refuse it",
  "rpc-http-enabled": "probes, operators and applications",
  "rpc-http-host": "all of the pod's addresses; who may connect is the network policy's business",
  "rpc-http-port": "Besu's default",
  "rpc-http-api": "no ADMIN, QBFT or MINER: whoever reaches the RPC can neither vote nor add peers",
  "host-allowlist":
    "against DNS rebinding; it gates /liveness, /readiness and /metrics too, so probes say Host: localhost, and a pod adds its own address on the command line, by which its metrics are read",
  "metrics-enabled": "for Prometheus",
  "metrics-host": "all of the pod's addresses",
  "metrics-port": "Besu's default",
  "remote-connections-limit-enabled":
    "by default others may begin only 60% of max-peers connections, and a full mesh of known peers needs more",
  "bonsai-parallel-tx-processing-enabled":
    "from 4 cores on: with 2 it costs a fifth of the throughput (66 to 71 Mgas/s instead of 86 to 93), with many it gains",
  "tx-pool-max-future-by-sender":
    "transactions of one sender in flight; Besu's default is 200, and 2000 took a batch of 1,000 in any order",
  "rpc-http-max-active-connections": "as in Besu's profile for private networks; the default is 80",
  "rpc-ws-enabled": "subscriptions (rpc); administration (validator)",
  "rpc-ws-host":
    "rpc: all of the pod's addresses; validator: its loopback alone, so that only who may port-forward into the pod administers it",
  "rpc-ws-port": "Besu's default",
  "rpc-ws-api": "rpc: as for HTTP; validator: peers and votes, which a change of the validator set needs",
};

/** A place with every choice made, whose values stand for their meaning in the table. */
const EXAMPLE: NodePlace = {
  dataPath: "/data",
  genesisFile: "/etc/besu/genesis.json",
  privateKeyFile: "/etc/besu-key/node.key",
  staticNodesFile: "/etc/besu/static-nodes.json",
  address: "10.25.0.10",
  validators: 48,
  cores: 4,
  futureBySender: 200,
};

const ROLES: readonly NodeRole[] = ["validator", "rpc", "archive", "sentry", "bootnode"];

/**
 * The table of docs/flags.md in Markdown: every option of any role, its value by role for a fleet of 48 validators on 4
 * cores, and why.
 */
export function renderFlagTable(): string {
  const byRole = ROLES.map((role) => nodeOptions(role, EXAMPLE));
  const rows = (Object.keys(FLAGS) as (keyof NodeOptions)[]).map((flag) => {
    const values = byRole.map((options) => (options[flag] === undefined ? "–" : JSON.stringify(options[flag])));
    return [`\`${flag}\``, valueCell(values), FLAGS[flag]];
  });
  const lines = [["flag", "value", "why"], ["---", "---", "---"], ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** One value where all roles agree, otherwise each value with its roles; the roles with none are left out. */
function valueCell(values: readonly string[]): string {
  const distinct = [...new Set(values)];
  if (distinct.length === 1) return `\`${distinct[0] ?? ""}\``;
  return distinct
    .filter((value) => value !== "–")
    .map((value) => `\`${value}\` (${ROLES.filter((_, i) => values[i] === value).join(", ")})`)
    .join("; ");
}
