import type { Address, Hex } from "viem";
import { concatHex, keccak256 } from "viem/utils";
import type { ChainClient } from "../client";
import type { PlannedContract } from "../plan";
import { runConstructor } from "../simulate";
import { absentOf, foresee, type Foreseen } from "./foresee";

/** What a preflight found: the graph can be deployed. */
export interface Preflight {
  /** `simulated` as a whole; `piecewise` where the node has no eth_simulateV1, which sees less. */
  readonly how: "simulated" | "piecewise";
  /** Contracts that are not there yet, in the order of the simulation. */
  readonly missing: readonly string[];
  /** Gas of all that is missing, factory and intrinsic gas included; null when piecewise. */
  readonly gas: bigint | null;
  /** What the simulation saw of each; undefined when piecewise. */
  readonly foreseen: Foreseen | undefined;
}

/** Names a graph: the same addresses are the same init codes and salt. */
export const graphKey = (graph: readonly Pick<PlannedContract, "address">[]): Hex =>
  keccak256(concatHex(graph.map(({ address }) => address).sort()));

/** In an order in which they can be deployed. */
export const inOrder = (graph: readonly PlannedContract[]): PlannedContract[] =>
  graph.toSorted((a, b) => a.batch - b.batch);

/**
 * Tries a chain's whole graph before its first transaction, in one simulation.
 *
 * @param from the deployer: tx.origin
 * @throws {ConstructorRevertedError}, {UndeployableError}: nothing may be sent
 */
export async function preflight(
  client: ChainClient,
  graph: readonly PlannedContract[],
  from: Address,
): Promise<Preflight> {
  const foreseen = await foresee(client, inOrder(graph), from);
  if (foreseen === "unsupported") return piecewise(client, inOrder(graph));
  const gas = [...foreseen.gas.values()].reduce((sum, each) => sum + each, 0n);
  return { how: "simulated", missing: [...foreseen.gas.keys()], gas, foreseen };
}

/**
 * Without eth_simulateV1: each constructor by eth_call. A contract that needs one that is not there yet cannot be
 * judged so, and is left to its own deployment.
 */
async function piecewise(client: ChainClient, ordered: readonly PlannedContract[]): Promise<Preflight> {
  const missing = await absentOf(client, ordered);
  const names = new Set(missing.map(({ name }) => name));
  const judged = missing.filter(({ needs }) => !needs.some((need) => names.has(need)));
  await Promise.all(judged.map((planned) => runConstructor(client, planned)));
  return { how: "piecewise", missing: [...names], gas: null, foreseen: undefined };
}
