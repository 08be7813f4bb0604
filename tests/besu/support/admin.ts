import { createClient, webSocket } from "viem";

import type { AdminCall } from "../../../besu/membership";
import type { LocalNode } from "../../../operations/local-plan";

/** Makes calls over a node's private port, one after the other, and ends the connection. */
export async function administer<T = unknown>(
  { adminUrl }: LocalNode,
  ...calls: readonly (AdminCall | { readonly method: string; readonly params?: readonly unknown[] })[]
): Promise<T[]> {
  const transport = webSocket(adminUrl, { reconnect: false, retryCount: 0, timeout: 10_000 });
  const client = createClient({ transport });
  try {
    const answers: T[] = [];
    for (const call of calls) answers.push(await client.request(call as never));
    return answers;
  } finally {
    const socket = (await (client.transport as unknown as WebSocketTransport).getRpcClient()) as { close: () => void };
    socket.close();
  }
}

interface WebSocketTransport {
  readonly getRpcClient: () => Promise<unknown>;
}
