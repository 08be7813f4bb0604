import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { jsonRpc } from "../../../operations/json-rpc";
import { downLocalNetwork, findLocalNetwork, upLocalNetwork } from "../../../operations/local-network";
import { startNode, stopNode, tieToThisProcess } from "../../../operations/local-node";
import type { LocalNode } from "../../../operations/local-plan";
import { findBesu } from "../../../toolchain/besu";
import { freePorts } from "../../../toolchain/ports";

/** A running network of real validators, in a folder of its own. */
export interface TestNetwork {
  readonly nodes: readonly LocalNode[];
  readonly start: (node: LocalNode) => Promise<void>;
  readonly stop: (node: LocalNode) => Promise<void>;
  /** Ends everything, and removes the folder. */
  readonly close: () => Promise<void>;
}

/** Starts a network with blocks of a second, and waits until it is ready. */
export async function startNetwork(validators: number): Promise<TestNetwork> {
  const { path: besu } = await findBesu();
  const folder = mkdtempSync(join(tmpdir(), "meridian-besu-"));
  const free = await freePorts(3 * validators);
  const ports = Array.from({ length: validators }, (_, i) => {
    const [rpc = 0, p2p = 0, metrics = 0] = free.slice(3 * i);
    return { rpc, p2p, metrics };
  });
  await upLocalNetwork({ folder, besu, validators, ports, blockPeriodSeconds: 1 });
  const nodes = findLocalNetwork(folder)?.nodes ?? [];
  const untie = tieToThisProcess(nodes);
  return {
    nodes,
    start: (node) => startNode(node, besu),
    stop: stopNode,
    close: async () => {
      await downLocalNetwork(folder);
      untie();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Number of a node's newest block. */
export const headOf = async ({ rpcUrl }: LocalNode): Promise<number> =>
  Number(await jsonRpc(rpcUrl, "eth_blockNumber"));

/**
 * Seconds until a node's chain has grown by `blocks`; bounded, so that a test fails instead of hanging.
 *
 * @returns undefined when it has not within `withinSeconds`
 */
export async function secondsToAdvance(
  node: LocalNode,
  blocks: number,
  withinSeconds: number,
): Promise<number | undefined> {
  const started = Date.now();
  const before = await headOf(node);
  while (Date.now() - started < withinSeconds * 1000) {
    if ((await headOf(node)) >= before + blocks) return (Date.now() - started) / 1000;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return undefined;
}
