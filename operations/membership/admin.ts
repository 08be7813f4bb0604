import { randomBytes } from "node:crypto";

import type { AdminCall } from "../../besu/membership";
import { ADMIN_PORT } from "../../besu/node-options";
import { MeridianError } from "../../errors";
import type { RpcCall } from "../json-rpc";
import type { AzureClusters } from "../regions/azure-clusters";
import type { OperatedNetwork, OperatedValidator } from "../regions/network";

/** Calls over a validator's private port. */
export interface AdminCalls {
  /**
   * Makes calls, one after the other.
   *
   * @returns their results, in their order
   * @throws Error when the node is not there, or refuses one of them
   */
  readonly call: (
    validator: OperatedValidator,
    calls: readonly AdminCall[],
    signal: AbortSignal,
  ) => Promise<readonly unknown[]>;
}

/** Seconds that a node may take for all calls of one command. */
const ANSWER_SECONDS = 30;

/**
 * A WebSocket client in bash and coreutils, which Besu's image has; it has neither curl nor wget. Arguments: the port on
 * loopback, and a frame for each call, in base64. Prints each answer on a line. Without single quotes: it stands in them.
 */
const SCRIPT = `set -eu
export LC_ALL=C
exec 3<>/dev/tcp/127.0.0.1/$1
shift
printf "GET / HTTP/1.1\\r\\nHost: localhost\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Key: bWVyaWRpYW4tbWVyaWRpYQ==\\r\\nSec-WebSocket-Version: 13\\r\\n\\r\\n" >&3
IFS= read -r status <&3
case $status in *" 101 "*) ;; *) echo "no WebSocket: $status"; exit 1 ;; esac
while IFS= read -r line <&3 && [ \${#line} -gt 1 ]; do :; done
for frame; do
  printf %s "$frame" | base64 -d >&3
  set -- $(head -c 2 <&3 | od -An -tu1)
  [ "\${1:-}" = 129 ] || { echo "no answer"; exit 1; }
  size=$2
  if [ "$size" = 126 ]; then set -- $(head -c 2 <&3 | od -An -tu1); size=$(($1 * 256 + $2)); fi
  [ "$size" != 127 ] || { echo "too long an answer"; exit 1; }
  head -c "$size" <&3
  echo
done`;

/** A text in one frame, as a client sends it: masked (RFC 6455, 5.2). At most 65,535 bytes. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  if (payload.length > 0xffff) throw new RangeError(`A call of ${payload.length} bytes is too long.`);
  const long = payload.length > 125;
  const head = Buffer.from([0x81, 0x80 | (long ? 126 : payload.length)]);
  const size = long ? Buffer.from([payload.length >> 8, payload.length & 0xff]) : Buffer.alloc(0);
  return Buffer.concat([head, size, mask, payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0))]);
}

/** The shell command that makes the calls on the machine, or in the pod, where it runs. */
export function adminCommand(calls: readonly RpcCall[], port: number = ADMIN_PORT): string {
  const frames = calls.map((call, id) =>
    textFrame(JSON.stringify({ jsonrpc: "2.0", id, params: [], ...call })).toString("base64"),
  );
  return `timeout ${ANSWER_SECONDS} bash -c '${SCRIPT}' admin ${port} ${frames.join(" ")}`;
}

/**
 * What {@link adminCommand} has printed.
 *
 * @returns the results, in the order of the calls
 * @throws MeridianError for a call that was refused, or not answered
 */
export function readAnswers(printed: string, calls: readonly RpcCall[]): unknown[] {
  const lines = printed.split("\n").filter((line) => line.startsWith("{"));
  return calls.map(({ method }, i) => {
    const answer = parse(lines[i]);
    if (answer === undefined || (answer.error === undefined && answer.result === undefined)) {
      throw new MeridianError(`${method} was not answered: ${printed.trim().slice(0, 200) || "nothing was printed"}.`);
    }
    if (answer.error !== undefined) throw new MeridianError(`${method} was refused: ${answer.error.message}.`);
    return answer.result;
  });
}

interface Answer {
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

function parse(line: string | undefined): Answer | undefined {
  try {
    return line === undefined ? undefined : (JSON.parse(line) as Answer);
  } catch {
    return undefined;
  }
}

/** Calls made in the validators' pods: by Azure, in the region's cluster, which needs no way to its API server. */
export function podAdmin(clusters: Pick<AzureClusters, "run">, { regions }: OperatedNetwork): AdminCalls {
  return {
    call: async ({ region, ordinal }, calls, signal) => {
      const found = regions.find(({ name }) => name === region);
      if (found === undefined) throw new MeridianError(`The stack has no region ${region}.`);
      const pod = `kubectl --namespace besu exec validator-${ordinal}-0 --container besu --`;
      return readAnswers(await clusters.run(found, `${pod} ${adminCommand(calls)}`, signal), calls);
    },
  };
}
