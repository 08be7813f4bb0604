import type { Hex } from "viem";

import { encodeExtraData } from "../../../besu/extra-data";
import { nodeIdentity } from "../../../besu/keys";
import { renderToml } from "../../../besu/config-toml";
import { validatorOptions } from "../../../besu/node-options";
import { defaultPorts, LocalPlanError, MOST_LOCAL_VALIDATORS, planLocalNetwork } from "../../../operations/local-plan";

const keysOf = (count: number): Hex[] =>
  Array.from({ length: count }, (_, i): Hex => `0x${String(i + 1).padStart(64, "0")}`);
const planOf = (count: number) => planLocalNetwork({ folder: "/net", keys: keysOf(count) });
const linesOf = (text: string | undefined): string[] => (text ?? "").trim().split("\n");

test.each([1, 4, MOST_LOCAL_VALIDATORS])("%d nodes listen on different ports", (count) => {
  const ports = planOf(count).nodes.flatMap(({ ports: { rpc, p2p, metrics, admin } }) => [rpc, p2p, metrics, admin]);
  expect(new Set(ports).size).toBe(4 * count);
});

test("the first node has Besu's own ports, and each that follows the next ones", () => {
  expect(planOf(2).nodes.map(({ ports }) => ports)).toEqual([
    { rpc: 8545, p2p: 30303, metrics: 9545, admin: 8745 },
    { rpc: 8546, p2p: 30304, metrics: 9546, admin: 8746 },
  ]);
  expect(defaultPorts(1, 10_000).rpc).toBe(18546);
});

test("the genesis names the nodes' accounts as validators and gives each 1 wei", () => {
  const { nodes, files } = planOf(4);
  const genesis = JSON.parse(files["/net/genesis.json"] ?? "");
  const addresses = nodes.map(({ address }) => address);
  expect(addresses).toEqual(keysOf(4).map((key) => nodeIdentity(key).address));
  expect(genesis.extraData).toBe(encodeExtraData(addresses));
  for (const address of addresses) expect(genesis.alloc[address].balance).toBe("0x1");
  expect(genesis.config.chainId).toBe(138);
});

test("the static nodes are every node's enode, at the port on which it listens for peers", () => {
  const { nodes, files } = planOf(4);
  const enodes = JSON.parse(files["/net/static-nodes.json"] ?? "") as string[];
  expect(enodes.sort()).toEqual(nodes.map(({ enode }) => enode).sort());
  for (const { enode, ports } of nodes) expect(enode).toContain(`@127.0.0.1:${ports.p2p}`);
});

test("each node's flags are those of a validator of the regions, but for what loopback asks for", () => {
  const node = planOf(4).nodes[2]!;
  const inTheRegions = renderToml(
    validatorOptions({
      dataPath: "/net/validator-2/data",
      genesisFile: "/net/genesis.json",
      staticNodesFile: "/net/static-nodes.json",
      privateKeyFile: "/net/validator-2/node.key",
      address: "127.0.0.1",
      validators: 4,
    }),
  );
  const here = linesOf(node.files["/net/validator-2/config.toml"]);
  expect(here.filter((line) => !linesOf(inTheRegions).includes(line))).toEqual([
    "p2p-port=30305",
    'rpc-http-host="127.0.0.1"',
    "rpc-http-port=8547",
    'metrics-host="127.0.0.1"',
    "metrics-port=9547",
    "rpc-ws-port=8747",
  ]);
  expect(here).toHaveLength(linesOf(inTheRegions).length);
});

test("a node listens on loopback alone, and only its own key is in its files", () => {
  const [key = "0x"] = keysOf(1);
  for (const [i, node] of planOf(4).nodes.entries()) {
    expect(node.args).toContain("--p2p-interface=127.0.0.1");
    expect(Object.values(node.files).some((content) => content.includes(key))).toBe(i === 0);
    expect(node.args.join(" ")).not.toContain(key.slice(2));
  }
});

test.each([0, MOST_LOCAL_VALIDATORS + 1])("%d validators are refused with the range", (count) => {
  expect(() => planOf(count)).toThrow(LocalPlanError);
});

test("a network that was made before there was a port for administration gets Besu's next ones", () => {
  const ports = [{ rpc: 1001, p2p: 1002, metrics: 1003 } as never];
  expect(planLocalNetwork({ folder: "/net", keys: keysOf(1), ports }).nodes[0]?.adminUrl).toBe("ws://127.0.0.1:8745");
});

test("a port that two listeners want is refused by its number", () => {
  const ports = { rpc: 1001, p2p: 1002, metrics: 1003, admin: 1007 };
  const overlapping = [ports, { rpc: 1004, p2p: 1002, metrics: 1005, admin: 1006 }];
  expect(() => planLocalNetwork({ folder: "/net", keys: keysOf(2), ports: overlapping })).toThrow("port 1002");
});
