import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";

import { renderNginxConfig } from "../../../gateway/nginx-config";
import { type Answer, type Gateway, hasNginx, startGateway } from "../../support/gateway";
import { clientFrame, readFrames } from "./script";

const describeNginx = hasNginx ? describe : describe.skip;

// Needs nginx with njs (Debian: nginx-light, libnginx-mod-http-js, libnginx-mod-stream-js) and openssl.
describeNginx("nginx with the generated configuration, in front of a node", () => {
  const got: { body: string; headers: Record<string, unknown> }[] = [];
  const upgrades: Record<string, unknown>[] = [];
  let timestamp = Date.now();
  let node: Server;
  let sockets: Server;
  let gateway: Gateway;

  beforeAll(async () => {
    node = createServer((call, reply) => {
      let body = "";
      call.on("data", (part: Buffer) => (body += part.toString()));
      call.on("end", () => {
        got.push({ body, headers: call.headers });
        reply.setHeader("content-type", "application/json");
        reply.end(
          JSON.stringify({
            jsonrpc: "2.0",
            id: 1,
            result: { timestamp: `0x${Math.floor(timestamp / 1000).toString(16)}` },
          }),
        );
      });
    });
    // Answers every message with the message itself.
    sockets = createServer().on("upgrade", (call, socket: Socket) => {
      upgrades.push(call.headers);
      const accept = createHash("sha1")
        .update(`${call.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest("base64");
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      socket.on("error", () => socket.destroy());
      socket.on("data", (data: Buffer) => {
        for (const { opcode, payload } of readFrames(data)) {
          socket.write(Buffer.concat([Buffer.from([0x80 | opcode, payload.length]), payload]));
        }
      });
    });
    for (const server of [node, sockets]) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const ports = {
      rpc: (node.address() as AddressInfo).port,
      webSocket: (sockets.address() as AddressInfo).port,
    };
    const limits = { maxBatch: 2, maxBodyBytes: 4096, messagesPerSecond: 100, headAgeSeconds: 60 };
    gateway = await startGateway(ports, { methods: ["eth_call", "eth_subscribe"], ...limits });
  });
  afterAll(async () => {
    await gateway.close();
    for (const server of [node, sockets]) server.close();
  });
  beforeEach(() => got.splice(0));

  const send: Gateway["send"] = (...of) => gateway.send(...of);
  const post: Gateway["post"] = (...of) => gateway.post(...of);
  const talk: Gateway["talk"] = (...of) => gateway.talk(...of);
  const call = (method: string) => ({ jsonrpc: "2.0", id: 5, method });

  it("passes a call that is allowed, without the caller's headers", async () => {
    const { status, text } = await post(call("eth_call"), { authorization: "Bearer x" });

    expect({ status, result: (JSON.parse(text) as { result: object }).result }).toMatchObject({
      status: 200,
      result: {},
    });
    expect(got.map(({ body }) => JSON.parse(body) as object)).toEqual([call("eth_call")]);
    expect(got[0]!.headers).toMatchObject({ host: "localhost", "content-type": "application/json" });
    expect(got[0]!.headers).not.toHaveProperty("authorization");
  });

  it.each([
    ["a method", call("admin_addPeer")],
    ["a batch with one", [call("eth_call"), call("admin_addPeer")]],
    ["too long a batch", [call("eth_call"), call("eth_call"), call("eth_call")]],
  ])("refuses %s that is not allowed, and the node hears nothing of it", async (_, body) => {
    const { status, text } = await post(body);

    expect(status).toBe(200);
    expect(JSON.parse(text)).toHaveProperty("error.code");
    expect(got).toEqual([]);
  });

  it.each<[string, () => Promise<Answer>, number]>([
    ["another host", () => post(call("eth_call"), { host: "other.example.org" }), 421],
    ["a page of another origin", () => post(call("eth_call"), { origin: "https://evil.example.org" }), 403],
    ["a form of another page", () => post(call("eth_call"), { "content-type": "text/plain" }), 415],
    ["too long a body", () => post(call("x".repeat(5000))), 413],
    ["another path", () => send("POST", "/besu", "{}"), 404],
    ["another verb", () => send("PUT", "/", "{}"), 405],
    ["a WebSocket's path without one", () => send("GET", "/ws"), 426],
  ])("refuses %s", async (_, ask, status) => {
    expect((await ask()).status).toBe(status);
    expect(got).toEqual([]);
  });

  it("tells a page of a named origin that it may call, and no other", async () => {
    const named = await send("OPTIONS", "/", "", { origin: "https://app.example.org" });
    const plain = await post(call("eth_call"));

    expect(named).toMatchObject({ status: 204, headers: { "access-control-allow-origin": "https://app.example.org" } });
    expect(plain.headers).not.toHaveProperty("access-control-allow-origin");
  });

  it("is healthy while the node's newest block is young, whatever the host is called", async () => {
    timestamp = Date.now();
    expect((await send("GET", "/health", "", { host: "10.0.0.1" })).status).toBe(200);
    timestamp = Date.now() - 300_000;
    expect((await send("GET", "/health", "", { host: "10.0.0.1" })).status).toBe(503);
    timestamp = 0;
    expect((await send("GET", "/health")).status).toBe(503);
  });

  it("passes what is allowed over a WebSocket, and asks for no compression", async () => {
    const subscribe = JSON.stringify({ ...call("eth_subscribe"), params: ["newHeads"] });

    expect(await talk([clientFrame(subscribe)], 1)).toEqual([subscribe]);
    expect(upgrades.at(-1)).not.toHaveProperty("sec-websocket-extensions");
    expect(upgrades.at(-1)).toMatchObject({ host: "localhost" });
  });

  it("lets no other method through a WebSocket, in one frame or in several", async () => {
    const text = JSON.stringify(call("admin_addPeer"));
    const refused = JSON.stringify({ jsonrpc: "2.0", id: 5, method: "gateway_refused" });
    const frames = [clientFrame(text), clientFrame(text.slice(0, 7), 1, false), clientFrame(text.slice(7), 0)];

    expect(await talk(frames, 2)).toEqual([refused, refused]);
    expect(await talk([clientFrame("not json")], 1)).toEqual(["close 1008"]);
  });

  it("refuses a WebSocket that a page of another origin opens", async () => {
    expect(await talk([], 1, "Origin: https://evil.example.org\r\n")).toEqual(["403"]);
  });

  it("renders nothing that could end a value", () => {
    const bad = { hosts: [], origins: ['https://x" evil'], requestsPerSecond: 1, connections: 1, maxBodyBytes: 1 };

    expect(() => renderNginxConfig({ ...bad, certificate: { chain: "a", key: "b" }, scripts: "/x" })).toThrow(
      "cannot stand",
    );
    expect(readFileSync(join(gateway.folder, "nginx.conf"), "utf8")).toContain("server_name rpc.example.org;");
  });
});
