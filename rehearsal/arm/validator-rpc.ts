import { numberToHex } from "viem";

import type { Block, SimulatedChain } from "./chain";
import type { Site } from "./sites";

/** The version that simulated validators call themselves. */
const CLIENT_VERSION = "besu/v26.8.0/rehearsed";

interface RpcRequest {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: readonly unknown[];
}

/**
 * Answers a JSON-RPC request, or a batch of them, as a validator does: the APIs ETH, NET and WEB3, and of these what the
 * operations ask.
 *
 * @param behind blocks by which the validator is behind the chain
 */
export function answerRpc(site: Site, chain: SimulatedChain, body: unknown, nowMs: number, behind = 0): unknown {
  if (Array.isArray(body)) return body.map((one) => answerRpc(site, chain, one, nowMs, behind));
  const { id = null, method, params = [] } = (body ?? {}) as RpcRequest;
  const answer = (result: unknown) => ({ jsonrpc: "2.0", id, result });
  const head = Math.max(0, chain.head(nowMs).number - behind);
  switch (method) {
    case "eth_blockNumber":
      return answer(numberToHex(head));
    case "eth_getBlockByNumber": {
      const number = params[0] === "latest" ? head : Number(params[0]);
      return answer(number > head ? null : describe(chain.at(number, nowMs)));
    }
    case "eth_syncing":
      return answer(
        behind === 0 ? false : { currentBlock: numberToHex(head), highestBlock: numberToHex(head + behind) },
      );
    case "net_peerCount":
      return answer(numberToHex(chain.up(nowMs) - 1));
    case "net_enode":
      return answer(site.enode);
    case "web3_clientVersion":
      return answer(CLIENT_VERSION);
    default:
      return { jsonrpc: "2.0", id, error: { code: -32601, message: `Method not found: ${String(method)}` } };
  }
}

const describe = (block: Block | undefined) =>
  block === undefined
    ? null
    : {
        number: numberToHex(block.number),
        hash: block.hash,
        timestamp: numberToHex(Math.floor(block.timestampMs / 1000)),
        miner: block.proposer,
        extraData: block.extraData,
      };
