import type { NodePorts } from "../../operations/local-plan";
import { freePorts } from "../../toolchain/ports";

/** Free ports for so many local nodes. */
export async function freeNodePorts(nodes: number): Promise<NodePorts[]> {
  const free = await freePorts(4 * nodes);
  return Array.from({ length: nodes }, (_, i) => {
    const [rpc = 0, p2p = 0, metrics = 0, admin = 0] = free.slice(4 * i);
    return { rpc, p2p, metrics, admin };
  });
}
