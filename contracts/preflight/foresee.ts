import type { Address, Hex } from "viem";
import { pad } from "viem/utils";
import { CREATE2_FACTORY_ADDRESS } from "../../besu/genesis";
import type { ChainClient } from "../client";
import { ContractsError } from "../errors";
import { factoryCall, type PlannedContract } from "../plan";
import { ConstructorRevertedError } from "../simulate";
import { simulateBlocks, type SimulatedBlock, type SimulatedCall } from "./simulate-blocks";

/** What contracts will be once they are deployed, by logical name; those that are there already are left out. */
export interface Foreseen {
  /** The runtime code that each constructor will leave. */
  readonly codes: ReadonlyMap<string, Hex>;
  /** Gas of each deployment, factory and intrinsic gas included. */
  readonly gas: ReadonlyMap<string, bigint>;
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

/** The call of the factory that deploys a contract. */
export const deployment = (from: Address, planned: PlannedContract): SimulatedCall => ({
  from,
  to: CREATE2_FACTORY_ADDRESS,
  data: factoryCall(planned),
});

/** An address that nobody has, for code that is there in the simulation only. */
const READER: Address = "0x6d6572696469616e2e636f64652d726561646572";
/** Gives the code at the address that it is called with: extcodecopy(a, 0, 0, extcodesize(a)); return(0, size). */
const READER_CODE: Hex = "0x5f353b805f5f5f353c5ff3";

const codeOf = ({ address }: PlannedContract): SimulatedCall => ({
  from: CREATE2_FACTORY_ADDRESS,
  to: READER,
  data: pad(address),
});

/**
 * Deploys contracts through the factory by one eth_simulateV1, one after the other, and reads the code that each leaves.
 * What fails and is not there already is run once more, as its constructor alone, because the factory swallows the
 * reason of a revert.
 *
 * @param contracts in the order of deployment
 * @param from the deployer: tx.origin
 * @returns `unsupported` when the node has no eth_simulateV1
 * @throws {ConstructorRevertedError}, {UndeployableError}: nothing may be sent
 */
export async function foresee(
  client: ChainClient,
  contracts: readonly PlannedContract[],
  from: Address,
): Promise<Foreseen | "unsupported"> {
  const calls = [...contracts.map((each) => deployment(from, each)), ...contracts.map(codeOf)];
  const block: SimulatedBlock = { overrides: { [READER]: { code: READER_CODE } }, calls };
  const outcomes = (await simulateBlocks(client, [block]))?.[0];
  if (outcomes === undefined) return "unsupported";

  const tried = contracts.map((planned, index) => ({
    planned,
    outcome: outcomes[index],
    code: outcomes[contracts.length + index],
  }));
  const good = tried.filter(({ outcome }) => outcome?.succeeded === true);
  const bad = tried.filter(({ outcome }) => outcome?.succeeded !== true).map(({ planned }) => planned);
  const [first] = await absentOf(client, bad);
  if (first !== undefined) {
    const before = good.map(({ planned }) => planned);
    await explain(client, first, before, from);
  }
  return {
    codes: new Map(good.map(({ planned, code }) => [planned.name, code?.data ?? "0x"])),
    gas: new Map(good.map(({ planned, outcome }) => [planned.name, outcome?.gasUsed ?? 0n])),
  };
}

/** Those that have no code yet: what is there cannot be created once more, and need not. */
export async function absentOf(client: ChainClient, contracts: readonly PlannedContract[]): Promise<PlannedContract[]> {
  const codes = await Promise.all(
    contracts.map(({ address }) => client.request({ method: "eth_getCode", params: [address, "latest"] })),
  );
  return contracts.filter((_, index) => codes[index] === "0x");
}

/** Runs the constructor alone, as if the factory created it, after everything that works, for its reason; always throws. */
async function explain(
  client: ChainClient,
  planned: PlannedContract,
  before: readonly PlannedContract[],
  from: Address,
): Promise<never> {
  const { address, initCode } = planned;
  const constructorAlone: SimulatedBlock = {
    overrides: { [address]: { code: initCode, state: {} } },
    calls: [{ from: CREATE2_FACTORY_ADDRESS, to: address, data: "0x" }],
  };
  const blocks = [{ calls: before.map((each) => deployment(from, each)) }, constructorAlone];
  const outcome = (await simulateBlocks(client, blocks))?.[1]?.[0];
  if (outcome === undefined || outcome.succeeded) throw new UndeployableError(planned);
  throw ConstructorRevertedError.of(planned, outcome.data);
}
