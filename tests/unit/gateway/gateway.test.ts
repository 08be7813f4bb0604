import fc from "fast-check";

import { DEFAULT_METHODS, namespaceOf, OFFERED_NAMESPACES } from "../../../gateway/policy";
import { clientFrame, loadGateway, readFrames } from "./script";

const policy = {
  methods: ["eth_call", "eth_subscribe"],
  maxBatch: 3,
  maxBodyBytes: 200,
  messagesPerSecond: 4,
  headAgeSeconds: 60,
};
const { judge, webSocketFilter } = loadGateway(policy);
const call = (method: string, more: object = {}) => ({ jsonrpc: "2.0", id: 7, method, ...more });
const errorOf = (request: unknown) =>
  JSON.parse(judge(typeof request === "string" ? request : JSON.stringify(request)).answer ?? "{}") as {
    id?: unknown;
    error?: { code: number; message: string };
  };

describe("the gateway's judgement of a request", () => {
  it("passes a call of a method that is offered, and nothing but its own four fields", () => {
    const { forward } = judge(JSON.stringify(call("eth_call", { params: [{ to: "0x1" }, "latest"], extra: "x" })));

    expect(JSON.parse(forward!)).toEqual(call("eth_call", { params: [{ to: "0x1" }, "latest"] }));
  });

  it.each(["admin_addPeer", "qbft_proposeValidatorVote", "eth_call ", "ETH_CALL", "__proto__", "constructor", ""])(
    "refuses the method %j, to its caller",
    (method) => {
      expect(errorOf(call(method))).toMatchObject({ id: 7, error: { code: -32604 } });
    },
  );

  it("refuses a batch in which one method is not offered, and names that one", () => {
    const batch = [call("eth_call"), call("admin_peers", { id: 8 }), call("eth_call")];

    expect(errorOf(batch)).toMatchObject({ id: 8, error: { message: "admin_peers is not offered here." } });
  });

  it.each<[string, unknown, number]>([
    ["too long a batch", Array.from({ length: 4 }, () => call("eth_call")), -32005],
    ["an empty batch", [], -32600],
    ["a batch in a batch", [[call("eth_call")]], -32600],
    ["no object", "7", -32600],
    ["no JSON", "{", -32700],
    ["nothing", "", -32700],
    ["a method that is no text", call("eth_call", { method: ["eth_call"] }), -32600],
    ["an id that is an object", call("eth_call", { id: {} }), -32600],
    ["an id too large to stay what it is", '{"id":9007199254740993,"method":"eth_call"}', -32600],
    ["params that are text", call("eth_call", { params: "x" }), -32600],
  ])("refuses %s", (_, request, code) => {
    expect(errorOf(request).error?.code).toBe(code);
  });

  it("passes on what it judged where a key stands twice", () => {
    const { forward } = judge('{"id":1,"method":"admin_peers","method":"eth_call"}');

    expect(forward).toBe('{"jsonrpc":"2.0","id":1,"method":"eth_call"}');
  });

  it("never passes a method that is not offered, whatever surrounds it", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom("eth_call", "admin_peers"), fc.boolean(), (noise, method, batch) => {
        const request = call(method, { params: [noise] });
        const { forward = "" } = judge(JSON.stringify(batch ? [call("eth_call"), request] : request));
        const passed = forward === "" ? [] : [JSON.parse(forward) as { method: string }].flat();
        expect(passed.filter((one) => !policy.methods.includes(one.method))).toEqual([]);
      }),
    );
  });
});

describe("the gateway's judgement of a WebSocket", () => {
  const handshake = Buffer.from("GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n");
  /** What the node gets of these bytes, in chunks, after the handshake. */
  const pass = (chunks: readonly Buffer[], now = () => 0) => {
    const filter = webSocketFilter(now);
    const out = Buffer.concat([handshake, ...chunks].map((chunk) => filter(chunk)));
    expect(out.subarray(0, handshake.length)).toEqual(handshake);
    return readFrames(out.subarray(handshake.length)).map(({ opcode, payload }) =>
      opcode === 8 && payload.length >= 2 ? `close ${payload.readUInt16BE(0)}` : `${opcode} ${payload.toString()}`,
    );
  };
  const subscribe = JSON.stringify(call("eth_subscribe", { params: ["newHeads"] }));

  it("passes a subscription", () => {
    expect(pass([clientFrame(subscribe)])).toEqual([`1 ${subscribe}`]);
  });

  it("turns a refused call into one that the node refuses under the same id", () => {
    expect(pass([clientFrame(JSON.stringify(call("admin_peers")))])).toEqual([
      '1 {"jsonrpc":"2.0","id":7,"method":"gateway_refused"}',
    ]);
  });

  it("judges a message that comes in fragments, with a ping between them, as the whole that it is", () => {
    const text = JSON.stringify(call("admin_peers"));
    const fragments = [clientFrame(text.slice(0, 9), 1, false), clientFrame("!", 9), clientFrame(text.slice(9), 0)];

    expect(pass(fragments)).toEqual(["9 !", '1 {"jsonrpc":"2.0","id":7,"method":"gateway_refused"}']);
  });

  it("sees the same however the bytes are cut", () => {
    const bytes = Buffer.concat([
      clientFrame(subscribe),
      clientFrame(JSON.stringify(call("miner_start"))),
      clientFrame("", 8),
    ]);
    const whole = pass([bytes]);

    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length }), fc.integer({ min: 0, max: bytes.length }), (a, b) => {
        const [first, second] = [Math.min(a, b), Math.max(a, b)];
        expect(pass([bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)])).toEqual(whole);
      }),
    );
    expect(whole).toHaveLength(3);
  });

  it.each<[string, Buffer, number]>([
    ["binary messages", clientFrame(subscribe, 2), 1003],
    ["a compressed message", Buffer.concat([Buffer.from([0xc1]), clientFrame(subscribe).subarray(1)]), 1002],
    ["a frame without a mask", Buffer.from([0x81, 0x01, 0x7b]), 1002],
    ["a continuation of nothing", clientFrame("{}", 0), 1002],
    ["a message that is too long", clientFrame("x".repeat(201)), 1009],
    ["one that says it is longer than memory", Buffer.from([0x81, 0xff, 0, 0, 0, 1, 0, 0, 0, 0]), 1009],
    [
      "fragments that are too long together",
      Buffer.concat([clientFrame("x".repeat(150), 1, false), clientFrame("x".repeat(51), 0)]),
      1009,
    ],
    ["what is no JSON", clientFrame("{"), 1008],
  ])("closes on %s, and passes nothing after", (_, bytes, code) => {
    expect(pass([bytes, clientFrame(subscribe)])).toEqual([`close ${code}`]);
  });

  it("closes on more messages in a second than are allowed, and counts anew in the next", () => {
    let time = 0;
    const many = Array.from({ length: 4 }, () => clientFrame(subscribe));

    expect(pass([...many, clientFrame(subscribe)]).at(-1)).toBe("close 1008");
    expect(pass([...many, ...many], () => (time += 200))).toHaveLength(8);
  });
});

describe("the methods that are offered unless others are named", () => {
  it("are of namespaces that cannot change a node or a vote", () => {
    expect(DEFAULT_METHODS.filter((method) => !OFFERED_NAMESPACES.includes(namespaceOf(method)))).toEqual([]);
  });

  it("are each named once", () => {
    expect(new Set(DEFAULT_METHODS).size).toBe(DEFAULT_METHODS.length);
  });
});
