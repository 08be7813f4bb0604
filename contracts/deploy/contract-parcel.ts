import type { Hex } from "viem";
import type { ChainClient } from "../client";
import { ContractsError } from "../errors";
import type { PlannedContract } from "../plan";
import type { Parcel } from "./parcel";
import { receiptOf } from "./receipt";

/** The code at the contract's address is not the contract's. */
export class ForeignCodeError extends ContractsError {
  constructor(planned: PlannedContract, problem: string) {
    super(
      `At ${planned.address}, where ${planned.name} belongs, ${problem}.`,
      "Meridian does not touch it. Use another salt, or find out who changed that account.",
    );
  }
}

/** The deployment's transaction was mined and failed. */
export class DeploymentFailedError extends ContractsError {}

/** A deployment that was tried before it was sent may fail so often: what it calls may have changed in between. */
const MOST_REVERTS = 2;

/**
 * A contract to be deployed. It is done when its code is what its constructor leaves.
 *
 * @param expected what a run of its constructor leaves
 * @param gas of its deployment, where it was simulated
 */
export function contractParcel(client: ChainClient, planned: PlannedContract, expected: Hex, gas?: bigint): Parcel {
  let reverts = 0;
  return {
    intent: planned,
    gas,
    async isDone(block) {
      const code = await client.request({ method: "eth_getCode", params: [planned.address, block] } as never);
      return isTheCode(planned, code, expected);
    },
    async withoutEffect({ kind, line, block, gasUsed }) {
      if (kind === "success" && (await receiptOf(client, [line])) === undefined) {
        return { why: "its block was dropped by a reorganisation; going on" };
      }
      if (kind === "reverted" && ++reverts < MOST_REVERTS) {
        return { why: `its transaction failed in block ${block}; going on` };
      }
      throw new DeploymentFailedError(
        `The deployment of ${planned.name} was mined in block ${block} as ${line.hash} and left no code.`,
        `It used ${gasUsed} gas; run this again, or trace the transaction.`,
      );
    },
  };
}

/** Whether the contract is there. @throws {ForeignCodeError} when something else is */
function isTheCode(planned: PlannedContract, code: Hex, expected: Hex): boolean {
  if (code === "0x") return false;
  if (code === expected) return true;
  const problem = `there is code of ${code.length / 2 - 1} bytes that is not what its constructor leaves`;
  throw new ForeignCodeError(planned, problem);
}
