import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Hex } from "viem";

import { jsonRpc } from "../../../operations/json-rpc";
import { downLocalNetwork, findLocalNetwork, upLocalNetwork } from "../../../operations/local-network";
import { startNode, stopNode, tieToThisProcess, writeFiles } from "../../../operations/local-node";
import { type LocalNode, planLocalNetwork } from "../../../operations/local-plan";
import { findBesu } from "../../../toolchain/besu";
import { freeNodePorts } from "../../support/node-ports";

/** A running network of real validators, in a folder of its own. */
export interface TestNetwork {
  /** The validators of the genesis. */
  readonly nodes: readonly LocalNode[];
  /** Their private keys. */
  readonly keys: readonly Hex[];
  readonly start: (node: LocalNode) => Promise<void>;
  readonly stop: (node: LocalNode) => Promise<void>;
  /** Starts one more node, which is no validator yet; the others know nothing of it. */
  readonly join: () => Promise<LocalNode>;
  /** Ends everything, and removes the folder. */
  readonly close: () => Promise<void>;
}

/** Starts a network with blocks of a second, and waits until it is ready. */
export async function startNetwork(validators: number): Promise<TestNetwork> {
  const besu = await findBesu();
  const folder = mkdtempSync(join(tmpdir(), "meridian-besu-"));
  // As Besu's image does (besu, docker/Dockerfile), and it goes before config.toml: what is private has to stay so.
  Object.assign(process.env, { BESU_RPC_HTTP_HOST: "0.0.0.0", BESU_RPC_WS_HOST: "0.0.0.0" });
  const ports = await freeNodePorts(validators);
  await upLocalNetwork({ folder, besu, validators, ports, blockPeriodSeconds: 1 });
  const nodes = findLocalNetwork(folder)?.nodes ?? [];
  const { keys } = JSON.parse(readFileSync(join(folder, "network.json"), "utf8")) as { keys: Hex[] };
  const untie = [tieToThisProcess(nodes)];
  const joined: LocalNode[] = [];
  return {
    nodes,
    keys,
    join: async () => {
      const key: Hex = `0x${randomBytes(32).toString("hex")}`;
      const withIt = [...ports, ...(await freeNodePorts(1))];
      const plan = planLocalNetwork({ folder, keys: [...keys, key], ports: withIt, blockPeriodSeconds: 1 });
      const newcomer = plan.nodes[validators]!;
      // As in Kubernetes: the list of peers changes for all, who read it at their next start, and the genesis stays.
      writeFiles(Object.fromEntries(Object.entries(plan.files).filter(([path]) => !path.endsWith("genesis.json"))));
      joined.push(newcomer);
      await startNode(newcomer, besu);
      untie.push(tieToThisProcess([newcomer]));
      return newcomer;
    },
    start: (node) => startNode(node, besu),
    stop: stopNode,
    close: async () => {
      await Promise.all(joined.map(stopNode));
      await downLocalNetwork(folder);
      untie.forEach((end) => end());
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
