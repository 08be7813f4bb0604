import type { Address } from "viem";
import { hexToNumber, isHex } from "viem/utils";
import { NoConnectionError } from "./errors";
import { errorWords, isAnswer } from "./json-rpc";
import { Post } from "./post";

/** A node that answers. */
export interface BatchNode {
  readonly chainId: number;
  /** Its newest block when it was asked: every item sees this one. */
  readonly block: number;
  readonly hasCode: (address: Address) => Promise<boolean>;
}

/** The first answers may take this long. */
const OPEN_TIMEOUT_MS = 15_000;

/** Asks a node who and where it is. @throws {NoConnectionError} */
export async function openNode(url: string): Promise<BatchNode> {
  const post = new Post(url);
  const ask = async (method: string, ...params: unknown[]): Promise<string> => {
    const request = { jsonrpc: "2.0", id: 1, method, params };
    const posted = await post.send(JSON.stringify(request), AbortSignal.timeout(OPEN_TIMEOUT_MS));
    if (posted.kind === "failed") throw new NoConnectionError(url, posted.reason);
    if (posted.kind === "refused") throw new NoConnectionError(url, `HTTP ${posted.status}`);
    if (!isAnswer(posted.json)) throw new NoConnectionError(url, "the answer is no JSON-RPC");
    const { result } = posted.json;
    if (!isHex(result)) throw new NoConnectionError(url, `${method}: ${errorWords(posted.json)}`);
    return result;
  };
  const chainId = hexToNumber((await ask("eth_chainId")) as `0x${string}`);
  const block = hexToNumber((await ask("eth_blockNumber")) as `0x${string}`);
  return { chainId, block, hasCode: async (address) => (await ask("eth_getCode", address, "latest")) !== "0x" };
}
