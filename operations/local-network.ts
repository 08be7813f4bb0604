import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import type { Hex } from "viem";

import { MeridianError } from "../errors";
import type { LocalBesu } from "../toolchain/local-besu";
import { ensureImage, removeContainer } from "./local-container";
import { lastLogLines, pidOf, startNode, stopNode, writeFiles } from "./local-node";
import { type LocalNode, type LocalPlan, type NodePorts, planLocalNetwork } from "./local-plan";
import { networkStatus, type NetworkStatus } from "./local-status";

/** Four validators on two cores answer after 12 to 15 s and may lack a peer for a minute (measured, Besu 26.8.0). */
const READY_TIMEOUT_MS = 180_000;
const POLL_MS = 500;

/** The local network cannot do what was asked. */
export class LocalNetworkError extends MeridianError {
  override readonly name = "LocalNetworkError";
}

export interface UpOptions {
  /** Absolute path of the network's folder. */
  readonly folder: string;
  /** What runs the nodes that are started. */
  readonly besu: LocalBesu;
  /** How many, for a network that is made now. @default 4, or as many as there are */
  readonly validators?: number;
  /** @default 2 */
  readonly blockPeriodSeconds?: number;
  /** @default from 8545, 30303, 9545 and 8745 upwards */
  readonly ports?: readonly NodePorts[];
  /** @default 180,000 */
  readonly readyTimeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly onStep?: (step: string) => void;
}

/** What is written down of a network when it is made; the keys are why it is readable by its owner alone. */
interface NetworkRecord {
  readonly keys: readonly Hex[];
  readonly ports?: readonly NodePorts[];
  readonly blockPeriodSeconds?: number;
}

const recordFile = (folder: string): string => join(folder, "network.json");

/** The network of a folder; undefined when none was made there. @throws LocalNetworkError when its record is torn */
export function findLocalNetwork(folder: string): LocalPlan | undefined {
  if (!existsSync(recordFile(folder))) return undefined;
  let record: NetworkRecord;
  try {
    record = JSON.parse(readFileSync(recordFile(folder), "utf8")) as NetworkRecord;
  } catch (cause) {
    const hint = `Remove the folder ${folder} and begin anew.`;
    throw new LocalNetworkError(`${recordFile(folder)} is damaged.`, { hint, cause });
  }
  return planLocalNetwork({ folder, ...record });
}

/**
 * Starts the network of a folder, which it makes first if there is none, and waits until it is ready: every node has
 * all others as peers, and blocks advance. The nodes go on after this process. What runs already is left alone.
 *
 * @throws LocalNetworkError when it does not become ready in time; the nodes that it started are ended then
 */
export async function upLocalNetwork(options: UpOptions): Promise<NetworkStatus> {
  const { folder, validators, besu, onStep } = options;
  const plan = findLocalNetwork(folder) ?? create(options);
  if (validators !== undefined && validators !== plan.nodes.length) {
    throw new LocalNetworkError(`The local network has ${plan.nodes.length} validators, not ${validators}.`, {
      hint: "Its genesis is frozen. Forget it and its chain first: npx meridian local down --purge",
    });
  }
  const toStart = plan.nodes.filter((node) => pidOf(node) === undefined);
  // A container whose client was killed still has its node's ports.
  await Promise.all(toStart.map(removeContainer));
  for (const node of toStart) await requireFreePorts(node);
  if ("image" in besu && toStart.length > 0) await ensureImage(besu, options);
  writeFiles(plan.files);
  const where = "image" in besu ? ` in containers of ${besu.image}` : "";
  onStep?.(`starting ${toStart.length} of ${plan.nodes.length} validators${where}`);
  try {
    for (const node of toStart) await startNode(node, besu);
    return await whenReady(plan, options);
  } catch (error) {
    // What this cannot end either is left for the next `up` or `down`: the first error is the one that explains.
    await Promise.allSettled(toStart.map(stopNode));
    throw error;
  }
}

/**
 * Ends every node, and containers that were left behind.
 *
 * @param purge also forgets keys, genesis and chain
 * @returns how many nodes ran
 * @throws LocalContainerError when a container may still run; nothing is forgotten then
 */
export async function downLocalNetwork(folder: string, { purge = false } = {}): Promise<number> {
  const plan = findLocalNetwork(folder);
  const running = plan?.nodes.filter((node) => pidOf(node) !== undefined) ?? [];
  await Promise.all(plan?.nodes.map(stopNode) ?? []);
  if (purge) rmSync(folder, { recursive: true, force: true });
  return running.length;
}

function create({ folder, validators = 4, blockPeriodSeconds, ports }: UpOptions): LocalPlan {
  const record: NetworkRecord = {
    keys: Array.from({ length: validators }, (): Hex => `0x${randomBytes(32).toString("hex")}`),
    ...(ports !== undefined && { ports: ports.slice(0, validators) }),
    ...(blockPeriodSeconds !== undefined && { blockPeriodSeconds }),
  };
  // Planned before it is written down: what cannot be planned leaves nothing behind.
  const plan = planLocalNetwork({ folder, ...record });
  writeFiles({ [recordFile(folder)]: JSON.stringify(record) });
  return plan;
}

async function requireFreePorts({ name, ports }: LocalNode): Promise<void> {
  for (const port of Object.values(ports) as number[]) {
    const problem = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
      const server = createServer().once("error", resolve);
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(undefined)));
    });
    if (problem === undefined) continue;
    throw new LocalNetworkError(`${name} cannot listen on port ${port}: ${problem.code ?? problem.message}.`, {
      hint: "End what uses it, or shift all ports of a new network: npx meridian local up --shift-ports 10000",
    });
  }
}

/** Waits until the network is ready. @throws LocalNetworkError naming each node that is not */
export async function whenReady(
  plan: LocalPlan,
  { readyTimeoutMs = READY_TIMEOUT_MS, signal, onStep }: Pick<UpOptions, "readyTimeoutMs" | "signal" | "onStep"> = {},
): Promise<NetworkStatus> {
  const deadline = Date.now() + readyTimeoutMs;
  onStep?.("waiting for peers and blocks");
  let first: number | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const status = await networkStatus(plan);
    const ended = plan.nodes.find((node) => pidOf(node) === undefined);
    if (ended !== undefined) throw endedError(ended);
    if (status.head !== undefined) {
      first ??= status.head;
      if (status.connected && status.head > first) return status;
    }
    if (Date.now() > deadline) throw lateError(status, readyTimeoutMs);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

const endedError = (node: LocalNode): LocalNetworkError => {
  const said = lastLogLines(node, 8).map((line) => `  ${line}`);
  return new LocalNetworkError(`${node.name} ended by itself. Its last words:\n${said.join("\n")}`, {
    hint: `All of its log: npx meridian local logs ${node.name}`,
    exitCode: 1,
  });
};

const lateError = ({ nodes, needsPeers }: NetworkStatus, timeoutMs: number): LocalNetworkError => {
  const said = nodes.map(({ name, head, peers }) =>
    head === undefined ? `${name} does not answer` : `${name} is at block ${head} with ${peers ?? 0} peers`,
  );
  return new LocalNetworkError(`The network is not ready after ${timeoutMs / 1000} s: ${said.join("; ")}.`, {
    hint: `Every node should have ${needsPeers} peers, and blocks should advance: npx meridian local logs`,
    exitCode: 1,
  });
};
