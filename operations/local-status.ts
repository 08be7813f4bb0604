import type { Address } from "viem";

import { jsonRpc } from "./json-rpc";
import { pidOf } from "./local-node";
import type { LocalNode, LocalPlan } from "./local-plan";

/** One node, as it is now. */
export interface NodeStatus {
  readonly name: string;
  readonly address: Address;
  readonly rpcUrl: string;
  /** Absent when it does not run. */
  readonly pid?: number;
  /** Its newest block; absent when it does not answer. */
  readonly head?: number;
  readonly peers?: number;
}

/** A network, as it is now. */
export interface NetworkStatus {
  readonly folder: string;
  readonly chainId: number;
  readonly nodes: readonly NodeStatus[];
  /** How many peers each node should have: all others. */
  readonly needsPeers: number;
  /** Whether every node runs, answers and has all others as peers. */
  readonly connected: boolean;
  /** The newest block of any node. */
  readonly head?: number;
}

/** Asks every node at once. */
export async function networkStatus({ folder, chainId, nodes }: LocalPlan): Promise<NetworkStatus> {
  const found = await Promise.all(nodes.map(nodeStatus));
  const heads = found.flatMap(({ head }) => (head === undefined ? [] : [head]));
  const needsPeers = nodes.length - 1;
  return {
    folder,
    chainId,
    nodes: found,
    needsPeers,
    connected: found.every(({ peers }) => peers === needsPeers),
    ...(heads.length > 0 && { head: Math.max(...heads) }),
  };
}

async function nodeStatus(node: LocalNode): Promise<NodeStatus> {
  const { name, address, rpcUrl } = node;
  const pid = pidOf(node);
  const known = { name, address, rpcUrl, ...(pid !== undefined && { pid }) };
  // Without a process of ours, whoever answers at that port is not our node.
  if (pid === undefined) return known;
  try {
    const [head, peers] = await Promise.all([
      jsonRpc<string>(rpcUrl, "eth_blockNumber"),
      jsonRpc<string>(rpcUrl, "net_peerCount"),
    ]);
    return { ...known, head: Number(head), peers: Number(peers) };
  } catch {
    return known; // it is starting, or ending
  }
}
