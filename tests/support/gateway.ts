import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { connect as connectTls } from "node:tls";

import { renderNginxConfig } from "../../gateway/nginx-config";
import { type GatewayPolicy, renderPolicy } from "../../gateway/policy";
import { freePorts } from "../../toolchain/ports";
import { readFrames, scripts } from "../unit/gateway/script";

const inFolder = (folders: readonly string[], name: string) =>
  folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
const programs = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"];
const nginx = inFolder(programs, "nginx");
const openssl = inFolder(programs, "openssl");
const moduleNames = ["ngx_stream_module.so", "ngx_http_js_module.so", "ngx_stream_js_module.so"];
const modules = moduleNames.flatMap((name) => inFolder(["/usr/lib/nginx/modules", "/etc/nginx/modules"], name) ?? []);

/** Whether nginx with njs (Debian: nginx-light, libnginx-mod-http-js, libnginx-mod-stream-js) and openssl are here. */
export const hasNginx = nginx !== undefined && openssl !== undefined && modules.length === 3;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export interface Gateway {
  /** Files of nginx, among them nginx.conf. */
  readonly folder: string;
  readonly send: (method: string, path: string, body?: string, headers?: Record<string, string>) => Promise<Answer>;
  readonly post: (body: unknown, headers?: Record<string, string>) => Promise<Answer>;
  /**
   * Opens a WebSocket and sends these frames.
   *
   * @returns so many answers, or fewer up to a close, which is `close 1008`; a refused opening is its status, `403`
   */
  readonly talk: (frames: readonly Buffer[], answers: number, headers?: string) => Promise<string[]>;
  readonly close: () => Promise<void>;
}

/** Starts real nginx with the generated configuration in front of a node at these ports of loopback. */
export async function startGateway(
  node: { readonly rpc: number; readonly webSocket: number },
  policy: GatewayPolicy,
): Promise<Gateway> {
  const folder = mkdtempSync(join(tmpdir(), "meridian-gateway-"));
  const [port = 0, filterPort = 0] = await freePorts(2);
  const [chain, key] = [join(folder, "tls.crt"), join(folder, "tls.key")];
  const subject = ["-subj", "/CN=rpc.example.org", "-days", "2", "-nodes"];
  const algorithm = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
  execFileSync(openssl!, ["req", "-x509", ...algorithm, ...subject, "-keyout", key, "-out", chain], {
    stdio: "ignore",
  });
  copyFileSync(join(scripts, "gateway.js"), join(folder, "gateway.js"));
  writeFileSync(join(folder, "policy.js"), renderPolicy(policy));
  const file = join(folder, "nginx.conf");
  writeFileSync(
    file,
    renderNginxConfig({
      hosts: ["rpc.example.org"],
      origins: ["https://app.example.org"],
      requestsPerSecond: 1000,
      connections: 50,
      maxBodyBytes: policy.maxBodyBytes,
      certificate: { chain, key },
      scripts: folder,
      modules,
      port,
      filterPort,
      node,
      temporary: folder,
    }),
  );
  const log: string[] = [];
  const gateway = spawn(nginx!, ["-c", file, "-p", folder, "-e", "stderr", "-g", "daemon off; master_process off;"], {
    // A pipe of Node's is a socket, which nginx cannot open as /dev/stdout.
    stdio: ["ignore", "ignore", "pipe"],
  });
  gateway.stderr.on("data", (part: Buffer) => log.push(part.toString()));

  const send: Gateway["send"] = (method, path, body = "", headers = {}) =>
    new Promise((resolve, reject) => {
      const json = { host: "rpc.example.org", "content-type": "application/json", ...headers };
      const to = { host: "127.0.0.1", port, rejectUnauthorized: false, agent: false } as const;
      const call = request({ ...to, method, path, headers: json });
      call.on("error", reject);
      call.on("response", (response) => {
        let text = "";
        response.on("data", (part: Buffer) => (text += part.toString()));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      });
      call.end(body);
    });
  for (let attempt = 0; ; attempt++) {
    if (gateway.exitCode !== null || attempt === 500) throw new Error(log.join(""));
    const answer = await send("GET", "/health").catch(() => undefined);
    if (answer !== undefined) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return {
    folder,
    send,
    post: (body, headers) => send("POST", "/", JSON.stringify(body), headers),
    talk: (frames, answers, headers = "") => talkTo(port, frames, answers, headers),
    close: async () => {
      if (gateway.exitCode === null) {
        const ended = new Promise((resolve) => gateway.once("exit", resolve));
        gateway.kill();
        await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const talkTo = (port: number, frames: readonly Buffer[], answers: number, headers: string): Promise<string[]> =>
  new Promise((resolve, reject) => {
    const socket = connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false }, () =>
      socket.write(
        `GET /ws HTTP/1.1\r\nHost: rpc.example.org\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate\r\n${headers}\r\n`,
      ),
    );
    let bytes = Buffer.alloc(0);
    let upgraded = false;
    socket.on("error", reject);
    socket.on("data", (data: Buffer) => {
      bytes = Buffer.concat([bytes, data]);
      const end = bytes.indexOf("\r\n\r\n");
      if (!upgraded && end >= 0) {
        const status = bytes.subarray(9, 12).toString();
        if (status !== "101") {
          socket.destroy();
          resolve([status]);
          return;
        }
        upgraded = true;
        bytes = bytes.subarray(end + 4);
        frames.forEach((frame) => socket.write(frame));
      }
      const read = readFrames(bytes);
      if (upgraded && read.length >= answers) {
        socket.destroy();
        resolve(
          read.map(({ opcode, payload }) => (opcode === 8 ? `close ${payload.readUInt16BE(0)}` : payload.toString())),
        );
      }
    });
  });
