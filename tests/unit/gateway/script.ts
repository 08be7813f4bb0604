import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { GatewayPolicy } from "../../../gateway/policy";

/** What gateway.js makes of a request: what the node gets, or what the caller gets. */
export interface Verdict {
  readonly forward?: string;
  readonly answer?: string;
}

interface GatewayScript {
  readonly judge: (text: string) => Verdict;
  readonly webSocketFilter: (now: () => number) => (data: Buffer) => Buffer;
}

export const scripts = join(__dirname, "../../../gateway");

/** gateway.js as it is, in Node, with this policy in place of its policy.js. */
export function loadGateway(policy: GatewayPolicy): GatewayScript {
  const text = readFileSync(join(scripts, "gateway.js"), "utf8")
    .replace(/^import policy .*$/m, "")
    .replace("export default", "return");
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const load = new Function("policy", "Buffer", text) as (
    policy: GatewayPolicy,
    buffer: typeof Buffer,
  ) => GatewayScript;
  return load(policy, Buffer);
}

/** A client's frame with a mask, as a browser sends it. */
export function clientFrame(
  payload: string | Buffer,
  opcode = 1,
  final = true,
  mask = Buffer.from([1, 2, 3, 4]),
): Buffer {
  const bytes = Buffer.from(payload);
  const length =
    bytes.length < 126
      ? Buffer.from([0x80 | bytes.length])
      : bytes.length < 65_536
        ? Buffer.from([0x80 | 126, bytes.length >> 8, bytes.length & 0xff])
        : Buffer.from(
            [0x80 | 127, 0, 0, 0, 0, bytes.length >>> 24, bytes.length >> 16, bytes.length >> 8, bytes.length].map(
              (n) => n & 0xff,
            ),
          );
  const masked = bytes.map((byte, i) => byte ^ mask[i % 4]!);
  return Buffer.concat([Buffer.from([(final ? 0x80 : 0) | opcode]), length, mask, masked]);
}

/** Frames of either side, taken apart. */
export function readFrames(bytes: Buffer): { opcode: number; payload: Buffer }[] {
  const frames = [];
  for (let at = 0; at + 2 <= bytes.length;) {
    const masked = (bytes[at + 1]! & 0x80) !== 0;
    let size = bytes[at + 1]! & 0x7f;
    let start = at + 2;
    if (size === 126) [size, start] = [bytes.readUInt16BE(at + 2), at + 4];
    else if (size === 127) [size, start] = [bytes.readUInt32BE(at + 6), at + 10];
    const mask = masked ? bytes.subarray(start, start + 4) : Buffer.alloc(4);
    if (masked) start += 4;
    if (start + size > bytes.length) break;
    const payload = Buffer.from(bytes.subarray(start, start + size).map((byte, i) => byte ^ mask[i % 4]!));
    frames.push({ opcode: bytes[at]! & 0x0f, payload });
    at = start + size;
  }
  return frames;
}
