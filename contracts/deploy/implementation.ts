import type { Address } from "viem";
import { getAddress, isAddressEqual, pad, slice } from "viem/utils";
import type { ChainClient } from "../client";
import { ContractsError } from "../errors";
import type { PlannedContract } from "../plan";

/** Where a proxy keeps the address of what it runs: keccak256("eip1967.proxy.implementation") - 1 (ERC-1967). */
const IMPLEMENTATION_SLOT = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";

/** A proxy runs something that is none of the suite's. */
export class ForeignImplementationError extends ContractsError {}

/** What an ERC-1967 proxy runs; the zero address when it is none. */
export async function implementationOf(client: ChainClient, proxy: Address): Promise<Address> {
  const word = await client.request({ method: "eth_getStorageAt", params: [proxy, IMPLEMENTATION_SLOT, "latest"] });
  return getAddress(slice(pad(word), -20));
}

/**
 * How a proxy differs from what the suite wants of it: words, or undefined when it does not, or is no proxy.
 */
export async function implementationFault(
  client: ChainClient,
  { address, implementation }: Pick<PlannedContract, "address" | "implementation">,
): Promise<string | undefined> {
  if (implementation === undefined) return undefined;
  const found = await implementationOf(client, address);
  if (isAddressEqual(found, implementation)) return undefined;
  return `the proxy runs ${found} instead of ${implementation}`;
}

/**
 * Refuses a proxy that runs something that is none of the suite's. One of the suite's others is right for now: a call
 * after deployment may be about to upgrade it.
 *
 * @throws {ForeignImplementationError}
 */
export async function requireImplementation(
  client: ChainClient,
  planned: PlannedContract,
  graph: readonly PlannedContract[],
): Promise<void> {
  if (planned.implementation === undefined) return;
  const found = await implementationOf(client, planned.address);
  if ([planned, ...graph].some(({ address }) => address === found) || found === planned.implementation) return;
  throw new ForeignImplementationError(
    `The proxy ${planned.name} at ${planned.address} runs ${found}, which is none of the suite's contracts, instead of ${planned.implementation}.`,
    "Meridian does not touch it. Find out who upgraded it, or name what it runs in the suite.",
  );
}
