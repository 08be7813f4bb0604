import { enodeUrl } from "../../../besu/enode";
import { besuArguments, renderToml } from "../../../besu/config-toml";
import {
  InvalidNodeOptionsError,
  nodeOptions,
  type NodeRole,
  PARALLEL_FROM_CORES,
  parallelWarning,
  validatorOptions,
} from "../../../besu/node-options";
import { renderStaticNodes } from "../../../besu/static-nodes";

const place = {
  dataPath: "/data",
  genesisFile: "/etc/besu/genesis.json",
  privateKeyFile: "/etc/besu-key/node.key",
  staticNodesFile: "/etc/besu/static-nodes.json",
  address: "10.25.0.10",
  validators: 5,
};

describe("validatorOptions", () => {
  it("renders as the TOML that Besu reads", () => {
    expect(renderToml(validatorOptions(place))).toBe(
      [
        'data-path="/data"',
        'data-storage-format="BONSAI"',
        'sync-mode="FULL"',
        'genesis-file="/etc/besu/genesis.json"',
        'node-private-key-file="/etc/besu-key/node.key"',
        'static-nodes-file="/etc/besu/static-nodes.json"',
        "discovery-enabled=false",
        'nat-method="NONE"',
        'p2p-host="10.25.0.10"',
        "p2p-port=30303",
        "max-peers=25",
        "min-gas-price=0",
        "tx-pool-min-gas-price=0",
        "rpc-http-enabled=true",
        'rpc-http-host="0.0.0.0"',
        "rpc-http-port=8545",
        'rpc-http-api=["ETH","NET","WEB3"]',
        'host-allowlist=["localhost","10.25.0.10"]',
        "metrics-enabled=true",
        'metrics-host="0.0.0.0"',
        "metrics-port=9545",
        "remote-connections-limit-enabled=false",
        "rpc-ws-enabled=true",
        'rpc-ws-host="127.0.0.1"',
        "rpc-ws-port=8546",
        'rpc-ws-api=["ADMIN","QBFT"]',
        "",
      ].join("\n"),
    );
  });

  it.each([
    [4, 25],
    [25, 25],
    [48, 48],
  ])("leaves room for all %i validators as peers", (validators, maxPeers) => {
    expect(validatorOptions({ ...place, validators })["max-peers"]).toBe(maxPeers);
  });
});

describe("renderToml", () => {
  it("refuses options that the lint refuses, so that no node gets them", () => {
    const open = { ...validatorOptions(place), "rpc-ws-host": "0.0.0.0" };

    expect(() => renderToml(open)).toThrow(InvalidNodeOptionsError);
  });
});

describe("besuArguments", () => {
  it("says the interfaces on the command line, which goes before the environment of Besu's image", () => {
    expect(besuArguments("/c.toml", validatorOptions(place))).toEqual([
      "--config-file=/c.toml",
      "--rpc-http-host=0.0.0.0",
      "--rpc-ws-host=127.0.0.1",
    ]);
    expect(besuArguments("/c.toml", nodeOptions("archive", place))).toEqual([
      "--config-file=/c.toml",
      "--rpc-http-host=0.0.0.0",
    ]);
  });
});

describe("nodeOptions", () => {
  const { privateKeyFile, ...keyless } = place;
  const roles: NodeRole[] = ["validator", "rpc", "archive", "sentry", "bootnode"];

  it("lets a node of every role make its own key, and a validator not", () => {
    for (const role of roles.slice(1)) expect(nodeOptions(role, keyless)).not.toHaveProperty("node-private-key-file");
    expect(() => nodeOptions("validator", keyless)).toThrow(InvalidNodeOptionsError);
    expect(nodeOptions("validator", place)["node-private-key-file"]).toBe(privateKeyFile);
  });

  it("lets nobody vote or add peers from outside the pod, in any role", () => {
    const open = roles.flatMap((role) => {
      const { "rpc-http-api": http, "rpc-ws-api": webSocket = [], "rpc-ws-host": host } = nodeOptions(role, place);
      return [...http, ...(host === "127.0.0.1" ? [] : webSocket)];
    });

    expect([...new Set(open)].sort()).toEqual(["DEBUG", "ETH", "NET", "TRACE", "TXPOOL", "WEB3"]);
  });

  it("has a private port for votes and peers in a validator alone, which a change of the validators needs", () => {
    const administered = roles.filter((role) => nodeOptions(role, place)["rpc-ws-api"]?.includes("QBFT"));

    expect(administered).toEqual(["validator"]);
  });

  it("discovers peers in a bootnode alone", () => {
    expect(roles.filter((role) => nodeOptions(role, place)["discovery-enabled"])).toEqual(["bootnode"]);
  });

  it("keeps every block's state in an archive alone, and FOREST nowhere", () => {
    expect(roles.map((role) => nodeOptions(role, place)["data-storage-format"])).toEqual([
      "BONSAI",
      "BONSAI",
      "X_BONSAI_ARCHIVE",
      "BONSAI",
      "BONSAI",
    ]);
  });

  it("serves WebSockets and more connections as an RPC node, and answers to its names", () => {
    expect(nodeOptions("rpc", { ...place, hosts: ["rpc.example.com"] })).toMatchObject({
      "rpc-http-max-active-connections": 300,
      "rpc-ws-enabled": true,
      "rpc-ws-port": 8546,
      "host-allowlist": ["localhost", "10.25.0.10", "rpc.example.com"],
    });
  });

  it("executes in parallel by the node's cores", () => {
    const parallel = (cores?: number) =>
      nodeOptions("validator", { ...place, cores })["bonsai-parallel-tx-processing-enabled"];

    expect([2, PARALLEL_FROM_CORES - 1, PARALLEL_FROM_CORES, undefined].map(parallel)).toEqual([
      false,
      false,
      true,
      undefined,
    ]);
  });

  it.each<NodeRole>(["validator", "rpc", "archive"])("takes the choice of parallel execution for a %s", (role) => {
    const parallel = (parallelExecution: "auto" | "on" | "off", cores?: number) =>
      nodeOptions(role, { ...place, cores, parallelExecution })["bonsai-parallel-tx-processing-enabled"];

    expect([parallel("on", 2), parallel("off", 64), parallel("on"), parallel("auto", 64)]).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  it("warns of parallel execution that was asked for where it costs, naming the key", () => {
    const warning = parallelWarning("meridian:chain.parallelExecution", { parallelExecution: "on", cores: 2 });

    expect(warning).toMatch(/^meridian:chain\.parallelExecution is "on" for nodes with 2 cores: on 2 cores it cost/);
    for (const quiet of [
      { parallelExecution: "on", cores: 4 } as const,
      { cores: 2 },
      { parallelExecution: "on" } as const,
    ])
      expect(parallelWarning("key", quiet)).toBeUndefined();
  });

  it("takes the choice of transactions in flight, and counts other peers", () => {
    const options = nodeOptions("rpc", { ...place, validators: 48, otherPeers: 10, futureBySender: 2000 });

    expect([options["tx-pool-max-future-by-sender"], options["max-peers"]]).toEqual([2000, 58]);
  });

  it.each(["validators", "otherPeers", "cores", "futureBySender"])("refuses a negative or broken %s", (name) => {
    for (const bad of [-1, 1.5, NaN]) {
      expect(() => nodeOptions("rpc", { ...place, [name]: bad })).toThrow(`${name} is ${bad}. Give a whole number`);
    }
  });
});

describe("peers", () => {
  it("are named by an enode with key, address and port", () => {
    expect(enodeUrl(`0x${"ab".repeat(64)}`, "10.25.0.10")).toBe(`enode://${"ab".repeat(64)}@10.25.0.10:30303`);
  });

  it("are the same file whatever the order of the configuration", () => {
    expect(renderStaticNodes(["enode://b", "enode://a"])).toBe('[\n  "enode://a",\n  "enode://b"\n]');
  });
});
