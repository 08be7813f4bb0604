import { join } from "node:path";

import type { Address, Hex } from "viem";

import { enodeUrl } from "../besu/enode";
import { createGenesis } from "../besu/genesis";
import { nodeIdentity } from "../besu/keys";
import { besuArguments, renderToml } from "../besu/config-toml";
import { validatorOptions, type NodeOptions } from "../besu/node-options";
import { renderStaticNodes } from "../besu/static-nodes";
import { MeridianError } from "../errors";

/** Everything is on loopback: nobody else reaches these nodes. */
const LOOPBACK = "127.0.0.1";

/** Besu's own ports, of the first node; the others count up from there. Its 8546 is the second node's RPC. */
const FIRST_PORTS = { rpc: 8545, p2p: 30303, metrics: 9545, admin: 8745 } as const;

/** Beyond it a laptop has neither the memory (300 to 460 MB a node, measured) nor the ports of one range. */
export const MOST_LOCAL_VALIDATORS = 16;

/** The TCP ports of one node. */
export interface NodePorts {
  readonly rpc: number;
  readonly p2p: number;
  readonly metrics: number;
  /** Peers and votes, by WebSocket. */
  readonly admin: number;
}

/**
 * Ports of the node with this number: 8545, 30303, 9545 and 8745 for node 0, one more for each that follows.
 *
 * @param shift added to each
 */
export const defaultPorts = (ordinal: number, shift = 0): NodePorts => ({
  rpc: FIRST_PORTS.rpc + ordinal + shift,
  p2p: FIRST_PORTS.p2p + ordinal + shift,
  metrics: FIRST_PORTS.metrics + ordinal + shift,
  admin: FIRST_PORTS.admin + ordinal + shift,
});

export interface LocalNetworkSettings {
  /** Absolute path of the network's own folder. */
  readonly folder: string;
  /** Each validator's private key; as many as there are validators. */
  readonly keys: readonly Hex[];
  /** Ports of each validator, in the same order. @default defaultPorts */
  readonly ports?: readonly NodePorts[];
  /** @default 138 */
  readonly chainId?: number;
  /** @default 2 */
  readonly blockPeriodSeconds?: number;
}

/** One process of the network. */
export interface LocalNode {
  /** `validator-0` */
  readonly name: string;
  /** Account that signs its blocks. */
  readonly address: Address;
  readonly enode: string;
  readonly ports: NodePorts;
  readonly rpcUrl: string;
  /** Where it takes the calls of besu/membership.ts, by WebSocket. */
  readonly adminUrl: string;
  /** Absolute path of the folder of its own. */
  readonly folder: string;
  /** What Besu is started with, beside `--config-file`'s content. */
  readonly args: readonly string[];
  /** Content by absolute path; private keys are among them. */
  readonly files: Readonly<Record<string, string>>;
  /** Absolute paths of the files outside its folder that it reads, as all nodes do. */
  readonly shared: readonly string[];
}

/** A network that needs nothing but being written down and started. */
export interface LocalPlan {
  readonly folder: string;
  readonly chainId: number;
  readonly nodes: readonly LocalNode[];
  /** Files that all nodes read: content by absolute path. */
  readonly files: Readonly<Record<string, string>>;
}

/** A network that this machine cannot run. */
export class LocalPlanError extends MeridianError {
  override readonly name = "LocalPlanError";
}

/**
 * The network of the regions, on one machine: genesis, keys, peers and flags come from the functions that the
 * components call. Only what loopback asks for differs: addresses, ports, folders.
 *
 * @throws {LocalPlanError} for a number of validators out of range, or a port that two would listen on
 */
export function planLocalNetwork(settings: LocalNetworkSettings): LocalPlan {
  const { folder, keys, chainId = 138, blockPeriodSeconds = 2 } = settings;
  if (keys.length < 1 || keys.length > MOST_LOCAL_VALIDATORS) {
    throw new LocalPlanError(`A local network of ${keys.length} validators is not possible.`, {
      hint: `Give 1 to ${MOST_LOCAL_VALIDATORS}; four are the fewest that survive the loss of one.`,
    });
  }
  // A network of an earlier version has no port for its administration written down.
  const ports = keys.map((_, ordinal) => ({ ...defaultPorts(ordinal), ...settings.ports?.[ordinal] }));
  requireDistinct(ports);
  const identities = keys.map(nodeIdentity);
  const enodes = identities.map(({ publicKey }, i) => enodeUrl(publicKey, LOOPBACK, ports[i]?.p2p));
  const shared = { genesis: join(folder, "genesis.json"), staticNodes: join(folder, "static-nodes.json") };
  const genesis = createGenesis({
    chainId,
    blockPeriodSeconds,
    validators: identities.map(({ address }) => address),
  });

  const nodes = keys.map((key, ordinal): LocalNode => {
    const name = `validator-${ordinal}`;
    const own = join(folder, name);
    const nodePorts = ports[ordinal] ?? defaultPorts(ordinal);
    const [config, keyFile] = [join(own, "config.toml"), join(own, "node.key")];
    const options = validatorOptions({
      dataPath: join(own, "data"),
      genesisFile: shared.genesis,
      staticNodesFile: shared.staticNodes,
      privateKeyFile: keyFile,
      address: LOOPBACK,
      validators: keys.length,
    });
    const listening = onLoopback(options, nodePorts);
    return {
      name,
      address: identities[ordinal]?.address ?? "0x",
      enode: enodes[ordinal] ?? "",
      ports: nodePorts,
      rpcUrl: `http://${LOOPBACK}:${nodePorts.rpc}`,
      adminUrl: `ws://${LOOPBACK}:${nodePorts.admin}`,
      folder: own,
      // In a pod it listens on every address, and its log goes to no file.
      args: [...besuArguments(config, listening), `--p2p-interface=${LOOPBACK}`, "--color-enabled=false"],
      files: { [config]: renderToml(listening), [keyFile]: `${key}\n` },
      shared: Object.values(shared),
    };
  });
  return {
    folder,
    chainId,
    nodes,
    files: {
      [shared.genesis]: `${JSON.stringify(genesis, null, 2)}\n`,
      [shared.staticNodes]: `${renderStaticNodes(enodes)}\n`,
    },
  };
}

const onLoopback = (options: NodeOptions, ports: NodePorts): NodeOptions => ({
  ...options,
  "p2p-port": ports.p2p,
  "rpc-http-host": LOOPBACK,
  "rpc-http-port": ports.rpc,
  "metrics-host": LOOPBACK,
  "metrics-port": ports.metrics,
  "rpc-ws-port": ports.admin,
});

function requireDistinct(ports: readonly NodePorts[]): void {
  const all = ports.flatMap(({ rpc, p2p, metrics, admin }) => [rpc, p2p, metrics, admin]);
  const repeated = all.find((port, i) => all.indexOf(port) !== i);
  if (repeated !== undefined) {
    throw new LocalPlanError(`Two of the network's listeners want port ${repeated}.`, {
      hint: "Give every node ports of its own.",
    });
  }
}
