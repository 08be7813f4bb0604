import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { promisify } from "node:util";

import { type AdminCall, introduce, validatorSet, voteOn } from "../../../../besu/membership";
import { adminCommand, podAdmin, readAnswers } from "../../../../operations/membership/admin";
import type { OperatedNetwork } from "../../../../operations/regions/network";

jest.setTimeout(120_000);

const someone = "0x00000000000000000000000000000000000000a1";

/** A WebSocket server that answers each text by a function, one frame each; undefined ends the connection. */
async function serve(answer: (text: string) => string | undefined): Promise<{ server: Server; port: number }> {
  const server = createServer((_, response) => response.writeHead(403).end());
  server.on("upgrade", (request, socket: Socket) => {
    const key = String(request.headers["sec-websocket-key"]);
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
    socket.write([...head, `Sec-WebSocket-Accept: ${accept}`, "", ""].join("\r\n"));
    socket.on("error", () => undefined);
    let kept = Buffer.alloc(0);
    socket.on("data", (data: Buffer) => {
      kept = Buffer.concat([kept, data]);
      for (;;) {
        const short = (kept[1] ?? 0) & 0x7f;
        const at = short === 126 ? 4 : 2;
        if (kept.length < at + 4) return;
        const size = short === 126 ? kept.readUInt16BE(2) : short;
        if (kept.length < at + 4 + size) return;
        expect([kept[0], (kept[1] ?? 0) & 0x80]).toEqual([0x81, 0x80]);
        const mask = kept.subarray(at, at + 4);
        const text = kept.subarray(at + 4, at + 4 + size).map((byte, i) => byte ^ (mask[i % 4] ?? 0));
        kept = kept.subarray(at + 4 + size);
        const answered = answer(text.toString());
        if (answered === undefined) socket.destroy();
        else socket.write(frame(answered));
      }
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return { server, port: (server.address() as AddressInfo).port };
}

function frame(text: string): Buffer {
  const payload = Buffer.from(text);
  const head = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from([0x81, ...head]), payload]);
}

/** Runs the command as a pod's shell would; what it prints, also when it fails. */
async function inShell(command: string): Promise<string> {
  try {
    return (await promisify(execFile)("bash", ["-c", command])).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    return stdout + stderr;
  }
}

async function ask(calls: readonly AdminCall[], answer: (text: string) => string | undefined): Promise<unknown[]> {
  const { server, port } = await serve(answer);
  try {
    return readAnswers(await inShell(adminCommand(calls, port)), calls);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const result = (text: string, value: unknown): string => {
  const { id } = JSON.parse(text) as { id: number };
  return JSON.stringify({ jsonrpc: "2.0", id, result: value });
};

it.each([1, 2, 5, 6, 48, 1_000])("calls are answered in order, with a set of %i validators too", async (count) => {
  const set = Array.from({ length: count }, (_, i) => `0x${String(i).padStart(40, "0")}`);
  const heard: unknown[] = [];
  const enode = `enode://${"ab".repeat(64)}@10.3.0.10:30303`;
  const calls = [validatorSet, introduce(enode), voteOn(someone, "add")];
  const answers = await ask(calls, (text) => {
    const { method, params } = JSON.parse(text) as AdminCall;
    heard.push({ method, params });
    return result(text, method === validatorSet.method ? set : true);
  });

  expect(answers).toEqual([set, true, true]);
  expect(heard).toEqual(calls);
});

test("a refusal of the node names the call", async () => {
  const refuse = () =>
    JSON.stringify({ jsonrpc: "2.0", id: 0, error: { code: -32604, message: "Method not enabled" } });
  await expect(ask([voteOn(someone, "add")], refuse)).rejects.toThrow(
    "qbft_proposeValidatorVote was refused: Method not enabled.",
  );
});

test("a connection that ends before the answer is an error, not an answer", async () => {
  await expect(ask([validatorSet], () => undefined)).rejects.toThrow(/was not answered: no answer/);
});

test("a port where nobody speaks WebSocket, or nobody listens, is an error", async () => {
  const server = createServer((_, response) => response.writeHead(403).end());
  server.on("upgrade", (_, socket) => socket.on("error", () => undefined).end("HTTP/1.1 403 Forbidden\r\n\r\n"));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const printed = await inShell(adminCommand([validatorSet], port));
  await new Promise((closed) => server.close(closed));

  expect(() => readAnswers(printed, [validatorSet])).toThrow("no WebSocket: HTTP/1.1 403 Forbidden");
  const nobody = await inShell(adminCommand([validatorSet], port));
  expect(() => readAnswers(nobody, [validatorSet])).toThrow("was not answered");
});

test("in a cluster the command runs in the validator's own pod, and nothing in it needs quoting", async () => {
  const region = { name: "japaneast", resourceGroup: "g", cluster: "c", validators: [] };
  const network: OperatedNetwork = { stack: "dev", regions: [region], blockPeriodSeconds: 2, requestTimeoutSeconds: 4 };
  const commands: string[] = [];
  const run = (_: unknown, command: string) => {
    commands.push(command);
    return Promise.resolve('{"jsonrpc":"2.0","id":0,"result":true}\n');
  };
  const admin = podAdmin({ run }, network);
  const { signal } = new AbortController();
  await expect(
    admin.call({ region: "japaneast", ordinal: 2, url: "" }, [introduce(`enode://'; rm -rf /; '`)], signal),
  ).resolves.toEqual([true]);

  const [, script, rest] = commands[0]?.split("'") ?? [];
  expect(commands[0]).toMatch(/^kubectl --namespace besu exec validator-2-0 --container besu -- timeout 30 bash -c '/);
  expect(script).toContain("/dev/tcp/127.0.0.1/$1");
  expect(rest).toMatch(/^ admin 8546 [A-Za-z0-9+/=]+$/);
});
