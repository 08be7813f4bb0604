import type { Address, Hex } from "viem";
import { concatHex, keccak256 } from "viem/utils";
import { CREATE2_FACTORY_ADDRESS } from "../../besu/genesis";
import type { ChainClient } from "../client";
import { ContractsError } from "../errors";
import { factoryCall, type PlannedContract } from "../plan";
import { ConstructorRevertedError, runConstructor } from "../simulate";
import { simulateBlocks, type SimulatedBlock, type SimulatedCall } from "./simulate-blocks";

/** What a preflight found: the graph can be deployed. */
export interface Preflight {
  /** `simulated` as a whole; `piecewise` where the node has no eth_simulateV1, which sees less. */
  readonly how: "simulated" | "piecewise";
  /** Contracts that are not there yet, in the order of the simulation. */
  readonly missing: readonly string[];
  /** Gas of all that is missing, factory and intrinsic gas included; null when piecewise. */
  readonly gas: bigint | null;
}

/** A contract of the graph cannot be deployed although its constructor does not revert. */
export class UndeployableError extends ContractsError {
  constructor(planned: PlannedContract) {
    super(
      `The deployment of ${planned.name} would fail although its constructor does not revert.`,
      "Nothing was sent. It needs more than 16,777,216 gas, or its code is larger than the chain accepts.",
    );
  }
}

/** Names a graph: the same addresses are the same init codes and salt. */
export const graphKey = (graph: readonly Pick<PlannedContract, "address">[]): Hex =>
  keccak256(concatHex(graph.map(({ address }) => address).sort()));

const inOrder = (graph: readonly PlannedContract[]): PlannedContract[] => graph.toSorted((a, b) => a.batch - b.batch);

/** The call of the factory that deploys a contract. */
export const deployment = (from: Address, planned: PlannedContract): SimulatedCall => ({
  from,
  to: CREATE2_FACTORY_ADDRESS,
  data: factoryCall(planned),
});

/**
 * Tries a chain's whole graph before its first transaction: one eth_simulateV1 that deploys everything through the
 * factory, in the order of the batches. What fails and is not there already is run once more, as its constructor alone,
 * because the factory swallows the reason of a revert.
 *
 * @param from the deployer: tx.origin
 * @throws {ConstructorRevertedError}, {UndeployableError}: nothing may be sent
 */
export async function preflight(
  client: ChainClient,
  graph: readonly PlannedContract[],
  from: Address,
): Promise<Preflight> {
  const ordered = inOrder(graph);
  const outcomes = (await simulateBlocks(client, [{ calls: ordered.map((each) => deployment(from, each)) }]))?.[0];
  if (outcomes === undefined) return piecewise(client, ordered);

  const tried = ordered.map((planned, index) => ({ planned, outcome: outcomes[index] }));
  const good = tried.filter(({ outcome }) => outcome?.succeeded === true);
  const bad = tried.filter(({ outcome }) => outcome?.succeeded !== true).map(({ planned }) => planned);
  const absent = await absentOf(client, bad);
  const [first] = absent;
  if (first !== undefined)
    await explain(
      client,
      first,
      good.map(({ planned }) => planned),
      from,
    );
  const gas = good.reduce((sum, { outcome }) => sum + (outcome?.gasUsed ?? 0n), 0n);
  return { how: "simulated", missing: good.map(({ planned }) => planned.name), gas };
}

/** Those that have no code yet: what is there cannot be created once more, and need not. */
export async function absentOf(client: ChainClient, contracts: readonly PlannedContract[]): Promise<PlannedContract[]> {
  const codes = await Promise.all(
    contracts.map(({ address }) => client.request({ method: "eth_getCode", params: [address, "latest"] })),
  );
  return contracts.filter((_, index) => codes[index] === "0x");
}

/**
 * A block in which a contract's constructor runs at its address as if the factory created it; it returns the runtime
 * code, or its own reason to revert.
 */
export const constructorAlone = ({ address, initCode }: PlannedContract): SimulatedBlock => ({
  overrides: { [address]: { code: initCode, state: {} } },
  calls: [{ from: CREATE2_FACTORY_ADDRESS, to: address, data: "0x" }],
});

/** Runs the constructor alone after everything that works, for its reason; always throws. */
async function explain(
  client: ChainClient,
  planned: PlannedContract,
  before: readonly PlannedContract[],
  from: Address,
): Promise<never> {
  const blocks = [{ calls: before.map((each) => deployment(from, each)) }, constructorAlone(planned)];
  const outcome = (await simulateBlocks(client, blocks))?.[1]?.[0];
  if (outcome === undefined || outcome.succeeded) throw new UndeployableError(planned);
  throw ConstructorRevertedError.of(planned, outcome.data);
}

/**
 * Without eth_simulateV1: each constructor by eth_call. A contract that needs one that is not there yet cannot be
 * judged so, and is left to its own deployment.
 */
async function piecewise(client: ChainClient, ordered: readonly PlannedContract[]): Promise<Preflight> {
  const missing = await absentOf(client, ordered);
  const names = new Set(missing.map(({ name }) => name));
  const judged = missing.filter(({ needs }) => !needs.some((need) => names.has(need)));
  for (const planned of judged) await runConstructor(client, planned);
  return { how: "piecewise", missing: [...names], gas: null };
}
