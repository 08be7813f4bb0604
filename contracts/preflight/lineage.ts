import type { Address, Hex } from "viem";
import type { ChainClient } from "../client";
import type { PlannedContract } from "../plan";
import { ConstructorRevertedError } from "../simulate";
import { absentOf, constructorAlone, deployment, UndeployableError } from "./preflight";
import { simulateBlocks } from "./simulate-blocks";

/** What a contract will be once its needs are there, although they are not yet. */
export interface Foreseen {
  /** Its needs that are not on the chain, in the order of deployment. */
  readonly absent: readonly PlannedContract[];
  /** The runtime code that its constructor will leave. */
  readonly expected: Hex;
  /** Gas of each deployment by logical name, the contract's own included; factory and intrinsic gas included. */
  readonly gas: ReadonlyMap<string, bigint>;
}

/**
 * Deploys in simulation what a contract needs and does not find, and then the contract itself.
 *
 * @param absent its needs that are not on the chain, in the order of deployment
 * @param from the deployer: tx.origin
 * @returns `unsupported` when the node has no eth_simulateV1; `changed` when something of it was mined meanwhile
 * @throws {ConstructorRevertedError}, {UndeployableError}: nothing may be sent
 */
export async function foresee(
  client: ChainClient,
  planned: PlannedContract,
  absent: readonly PlannedContract[],
  from: Address,
): Promise<Foreseen | "unsupported" | "changed"> {
  const before = absent.map((each) => deployment(from, each));
  const [whole, apart] = await Promise.all([
    simulateBlocks(client, [{ calls: [...before, deployment(from, planned)] }]),
    simulateBlocks(client, [{ calls: before }, constructorAlone(planned)]),
  ]);
  const [outcomes] = whole ?? [];
  const code = apart?.[1]?.[0];
  if (outcomes === undefined || code === undefined) return "unsupported";

  if (!code.succeeded) throw ConstructorRevertedError.of(planned, code.data);
  const all = [...absent, planned];
  const failed = all.filter((_, index) => outcomes[index]?.succeeded !== true);
  const [undeployable] = await absentOf(client, failed);
  if (undeployable !== undefined) throw new UndeployableError(undeployable);
  if (failed.length > 0) return "changed"; // what is there cannot be created once more
  return {
    absent,
    expected: code.data,
    gas: new Map(all.map(({ name }, index) => [name, outcomes[index]?.gasUsed ?? 0n])),
  };
}
