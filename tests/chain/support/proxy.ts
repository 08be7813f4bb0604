import { startRpcProxy, type RpcProxy, type RpcProxyOptions } from "../../../rehearsal/rpc-proxy";

/**
 * Runs `work` with a proxy before a node that is ended afterwards.
 * @param instead answers a method by an error of these words, or not at all (undefined)
 */
export async function withProxy<T>(
  target: string,
  work: (proxy: RpcProxy) => Promise<T>,
  instead?: RpcProxyOptions["instead"],
): Promise<T> {
  const proxy = await startRpcProxy(target, { instead });
  try {
    return await work(proxy);
  } finally {
    await proxy.close();
  }
}
