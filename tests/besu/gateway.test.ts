import { dirname, join } from "node:path";

import { besuArguments, renderToml } from "../../besu/config-toml";
import { nodeOptions } from "../../besu/node-options";
import { DEFAULT_METHODS } from "../../gateway/policy";
import { jsonRpc } from "../../operations/json-rpc";
import type { LocalNode } from "../../operations/local-plan";
import { type Gateway, hasNginx, startGateway } from "../support/gateway";
import { freeNodePorts } from "../support/node-ports";
import { describeTier } from "../support/tier";
import { clientFrame } from "../unit/gateway/script";
import { startNetwork, type TestNetwork } from "./support/network";

jest.setTimeout(240_000);

/** A node of role rpc beside a validator, on loopback; its WebSockets are at the port for administration. */
async function rpcNodeOf(validator: LocalNode): Promise<LocalNode> {
  const [ports] = await freeNodePorts(1);
  const network = dirname(validator.folder);
  const folder = join(network, "rpc-0");
  const [config, staticNodes] = [join(folder, "config.toml"), join(folder, "static-nodes.json")];
  const options = nodeOptions("rpc", {
    dataPath: join(folder, "data"),
    genesisFile: join(network, "genesis.json"),
    staticNodesFile: staticNodes,
    address: "127.0.0.1",
    validators: 1,
    rpcInterface: "127.0.0.1",
  });
  const here = { "p2p-port": ports!.p2p, "rpc-http-port": ports!.rpc, "rpc-ws-port": ports!.admin };
  const metrics = { "metrics-host": "127.0.0.1", "metrics-port": ports!.metrics };
  return {
    ...{ name: "rpc-0", address: "0x", enode: "", adminUrl: "", folder },
    ports: ports!,
    rpcUrl: `http://127.0.0.1:${ports!.rpc}`,
    args: [...besuArguments(config, options), "--p2p-interface=127.0.0.1", "--color-enabled=false"],
    files: {
      [config]: renderToml({ ...options, ...here, ...metrics }),
      [staticNodes]: JSON.stringify([validator.enode]),
    },
    shared: [],
  };
}

describeTier(
  "besu",
  "the RPC gateway in front of a real node of role rpc",
  () => {
    let network: TestNetwork;
    let node: LocalNode;
    let gateway: Gateway;
    /** What undoes each step that was taken. */
    const ends: (() => Promise<void>)[] = [];
    beforeAll(async () => {
      network = await startNetwork(1);
      ends.push(() => network.close());
      node = await rpcNodeOf(network.nodes[0]!);
      await network.start(node);
      ends.push(() => network.stop(node));
      const limits = { maxBatch: 10, maxBodyBytes: 65_536, messagesPerSecond: 100, headAgeSeconds: 30 };
      gateway = await startGateway(
        { rpc: node.ports.rpc, webSocket: node.ports.admin },
        { methods: [...DEFAULT_METHODS], ...limits },
      );
      ends.push(() => gateway.close());
      for (let attempt = 0; (await gateway.send("GET", "/health")).status !== 200; attempt++) {
        if (attempt === 480) throw new Error("The node follows no chain after 120 s.");
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    });
    afterAll(async () => {
      for (const end of ends.reverse()) await end();
    });
    const call = (method: string, ...params: unknown[]) => ({ jsonrpc: "2.0", id: 1, method, params });
    const resultOf = async (body: unknown) =>
      JSON.parse((await gateway.post(body)).text) as { result?: unknown; error?: { message: string } };

    test("passes a method that is offered: it is the validator's chain", async () => {
      const genesis = await jsonRpc<{ hash: string }>(network.nodes[0]!.rpcUrl, "eth_getBlockByNumber", "0x0", false);

      expect(await resultOf(call("eth_getBlockByNumber", "0x0", false))).toMatchObject({
        result: { hash: genesis.hash },
      });
      expect(await resultOf(call("eth_chainId"))).toMatchObject({ result: "0x8a" });
    });

    test("refuses what the node itself would answer, alone and in a batch", async () => {
      const direct = await jsonRpc(node.rpcUrl, "txpool_besuTransactions");
      expect(direct).toEqual([]);

      const refused = "txpool_besuTransactions is not offered here.";
      expect(await resultOf(call("txpool_besuTransactions"))).toMatchObject({ error: { message: refused } });
      expect(await resultOf([call("eth_chainId"), call("txpool_besuTransactions")])).toMatchObject({
        error: { message: refused },
      });
    });

    test("brings new blocks over a WebSocket, and holds it to the same methods", async () => {
      const frames = [clientFrame(JSON.stringify(call("eth_subscribe", "newHeads")))];
      const [subscribed = "", ...heads] = await gateway.talk(frames, 3);
      const { result } = JSON.parse(subscribed) as { result: string };
      for (const head of heads) {
        expect(JSON.parse(head)).toMatchObject({ method: "eth_subscription", params: { subscription: result } });
      }

      const [answer = ""] = await gateway.talk([clientFrame(JSON.stringify(call("txpool_besuTransactions")))], 1);
      // The node hears of a method that it has not, and its refusal reaches the caller.
      expect(JSON.parse(answer)).toMatchObject({ id: 1, error: { code: -32601 } });
    });
  },
  hasNginx,
);
