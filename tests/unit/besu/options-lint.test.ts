import { InvalidNodeOptionsError, type NodeRole, nodeOptions } from "../../../besu/node-options";
import { lintNodeOptions, requireCleanOptions } from "../../../besu/options-lint";

const place = {
  dataPath: "/data",
  genesisFile: "/genesis.json",
  privateKeyFile: "/node.key",
  staticNodesFile: "/static-nodes.json",
  address: "10.25.0.10",
  validators: 48,
};
const good = { ...nodeOptions("validator", place) };

describe("lintNodeOptions", () => {
  it.each<NodeRole>(["validator", "rpc", "archive", "sentry", "bootnode"])("finds nothing in our own %s", (role) => {
    expect(lintNodeOptions({ ...nodeOptions(role, { ...place, cores: 8, futureBySender: 2000 }) })).toEqual([]);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ "data-storage-format": "FOREST" }, 'data-storage-format is "FOREST"'],
    [{ "data-storage-format": "forest" }, 'data-storage-format is "forest"'],
    [{ profile: "ENTERPRISE" }, 'profile is "ENTERPRISE": that profile selects FOREST'],
    [{ "sync-mode": "SNAP" }, 'sync-mode is "SNAP"'],
    [{ "block-txs-selection-max-time": 1000 }, "block-txs-selection-max-time is 1000: Besu refuses it with QBFT"],
    [{ "poa-block-txs-selection-max-time": 75 }, "poa-block-txs-selection-max-time is 75: QBFT ignores it"],
    [{ "min-gas-price": 1000 }, "min-gas-price is 1000"],
    [{ "tx-pool-min-gas-price": 1000 }, "tx-pool-min-gas-price is 1000"],
    [{ "nat-method": "AUTO" }, 'nat-method is "AUTO"'],
    [{ "host-allowlist": ["*"] }, 'host-allowlist is ["*"]'],
    [{ "rpc-http-cors-origins": ["all"] }, 'rpc-http-cors-origins is ["all"]'],
    [{ "rpc-http-api": ["ETH", "ADMIN"] }, 'rpc-http-api is ["ETH","ADMIN"]'],
    [{ "rpc-ws-host": "0.0.0.0", "rpc-ws-api": ["qbft"] }, 'rpc-ws-api is ["qbft"]'],
    [{ "rpc-ws-host": undefined, "rpc-ws-api": ["ADMIN"] }, 'rpc-ws-api is ["ADMIN"]'],
    [{ "bonsai-limit-trie-logs-enabled": true }, "bonsai-limit-trie-logs-enabled is true"],
    [{ "max-peer": 5 }, 'max-peer is no option that Meridian knows. Did you mean "max-peers"?'],
  ])("refuses %j", (change, message) => {
    expect(lintNodeOptions({ ...good, ...change })).toEqual([expect.stringContaining(message)]);
  });

  it("names key and value of each setting that would silently end parallel execution", () => {
    const asked = { ...good, "bonsai-parallel-tx-processing-enabled": true };
    expect(lintNodeOptions(asked)).toEqual([]);
    expect(lintNodeOptions({ ...asked, "data-storage-format": "FOREST", profile: "ENTERPRISE" })).toEqual([
      'data-storage-format is "FOREST": FOREST disables parallel execution and grows faster; use BONSAI.',
      'profile is "ENTERPRISE": that profile selects FOREST; leave profile out.',
    ]);
  });

  it("accepts votes and peers on the loopback alone", () => {
    expect(good).toMatchObject({ "rpc-ws-host": "127.0.0.1", "rpc-ws-api": ["ADMIN", "QBFT"] });
    expect(lintNodeOptions(good)).toEqual([]);
  });
});

describe("requireCleanOptions", () => {
  it("throws one error that names every finding", () => {
    expect(() => requireCleanOptions(good)).not.toThrow();
    const findings = lintNodeOptions({ ...good, "sync-mode": "SNAP", profile: "ENTERPRISE" });

    expect(findings).toHaveLength(2);
    expect(() => requireCleanOptions({ ...good, "sync-mode": "SNAP", profile: "ENTERPRISE" })).toThrow(
      new InvalidNodeOptionsError("Besu's options are refused: 2 findings."),
    );
  });
});
