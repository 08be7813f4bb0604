import type { Hex } from "viem";
import { keccak256 } from "viem/utils";
import { requireChain, type ChainClient } from "../client";
import { ContractsError } from "../errors";
import type { PlannedContract } from "../plan";
import { describeDifference, differenceOf } from "../verify/compare";
import type { DeployResult } from "./deploy";
import { requireImplementation } from "./implementation";

/** What is to be adopted is not there, or is something else. */
export class AdoptionError extends ContractsError {
  constructor({ name, address }: PlannedContract, problem: string) {
    super(
      `${name} cannot be adopted: at ${address} ${problem}.`,
      "Correct adopt in the suite, or leave it out to deploy the contract.",
    );
  }
}

/** How the code at an adopted contract's address differs from what the suite says; undefined when it does not. */
export function adoptionFault({ adopt, artifact }: PlannedContract, code: Hex): string | undefined {
  if (code === "0x") return "there is no code";
  if (adopt?.codeHash !== undefined) {
    const found = keccak256(code);
    return found === adopt.codeHash ? undefined : `the code's hash is ${found}, and not ${adopt.codeHash}`;
  }
  const difference = differenceOf(code, artifact.runtimeCode, artifact);
  // What its constructor put into immutables is nobody's to say here.
  return difference === undefined || difference.kind === "immutable" ? undefined : describeDifference(difference);
}

/**
 * Takes a contract that somebody else deployed for the suite's, once its code is compared. Sends nothing.
 * @throws {AdoptionError}, {ForeignImplementationError}, {WrongChainError}
 */
export async function adopt(
  client: ChainClient,
  planned: PlannedContract,
  graph: readonly PlannedContract[],
): Promise<DeployResult> {
  await requireChain(client, planned.chainId, planned.chain);
  const code = await client.request({ method: "eth_getCode", params: [planned.address, "latest"] });
  const fault = adoptionFault(planned, code);
  if (fault !== undefined) throw new AdoptionError(planned, fault);
  await requireImplementation(client, planned, graph);
  const { name, contract, chain, address } = planned;
  return { name, contract, chain, address, adopted: true, transaction: null, nonce: null, block: null, gasUsed: null };
}
