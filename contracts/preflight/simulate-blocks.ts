import type { Address, Hex } from "viem";
import { hexToBigInt, numberToHex } from "viem/utils";
import { z } from "zod";
import { rpcMessageOf, type ChainClient } from "../client";
import { ContractsError } from "../errors";

/** A call of a simulated block. */
export interface SimulatedCall {
  readonly from: Address;
  readonly to: Address;
  readonly data: Hex;
}

/** A simulated block: what is overridden before it, and its calls. */
export interface SimulatedBlock {
  readonly overrides?: Readonly<Record<Address, { readonly code?: Hex; readonly state?: Record<Hex, Hex> }>>;
  readonly calls: readonly SimulatedCall[];
}

/** What became of a simulated call. */
export interface SimulatedOutcome {
  readonly succeeded: boolean;
  readonly gasUsed: bigint;
  /** What it returned, or the data of its revert. */
  readonly data: Hex;
}

/** The node answers a simulation with something else. */
export class SimulationError extends ContractsError {}

/** What a transaction may use (EIP-7825), rounded down to stay below it. */
const CALL_GAS = numberToHex(16_777_215);
/** The simulated block takes any number of calls. */
const BLOCK_GAS = numberToHex(2 ** 50);

const hex = z.custom<Hex>((value) => typeof value === "string" && value.startsWith("0x"));
const answer = z.array(
  z.object({
    calls: z.array(
      z.object({
        status: z.string(),
        gasUsed: hex,
        returnData: hex.optional(),
        error: z.object({ data: hex.optional().catch(undefined) }).optional(),
      }),
    ),
  }),
);

/** Words for a method that a node does not have: geth, Besu, anvil, providers (2026). */
const unsupported = /-32601|method.*(not|n't|unsupported|unknown|unavailable)|unknown method|not supported/i;

/**
 * Runs blocks one after the other on top of the newest, without a trace on the chain: state carries from call to call.
 * @returns outcomes by block and call; undefined when the node has no eth_simulateV1
 */
export async function simulateBlocks(
  client: ChainClient,
  blocks: readonly SimulatedBlock[],
): Promise<SimulatedOutcome[][] | undefined> {
  const blockStateCalls = blocks.map(({ overrides, calls }) => ({
    blockOverrides: { gasLimit: BLOCK_GAS },
    ...(overrides === undefined ? {} : { stateOverrides: overrides }),
    calls: calls.map((call) => ({ ...call, gas: CALL_GAS })),
  }));
  let found: unknown;
  try {
    found = await client.request<{ Method: "eth_simulateV1"; Parameters: unknown[]; ReturnType: unknown }>({
      method: "eth_simulateV1",
      params: [{ blockStateCalls, validation: false }, "latest"],
    });
  } catch (error) {
    if (unsupported.test(rpcMessageOf(error))) return undefined;
    throw error;
  }
  const parsed = answer.safeParse(found);
  if (!parsed.success) throw new SimulationError("The node's eth_simulateV1 answers with no blocks.", "Update it.");
  return parsed.data.map(({ calls }) =>
    calls.map(({ status, gasUsed, returnData, error }) => ({
      succeeded: status === "0x1",
      gasUsed: hexToBigInt(gasUsed),
      // geth puts revert data into the error, anvil 1.7 into returnData.
      data: error?.data ?? returnData ?? "0x",
    })),
  );
}
