import { BaseError, type Hex } from "viem";
import { decodeErrorResult, isHex } from "viem/utils";
import type { Artifact } from "./compile";
import type { ChainClient } from "./client";
import { rpcMessageOf } from "./client";
import { ContractsError } from "./errors";
import { CREATE2_FACTORY_ADDRESS } from "../besu/genesis";
import type { PlannedContract } from "./plan";
import { causeOf } from "./preflight/cause";

type RevertedPlan = Pick<PlannedContract, "contract" | "artifact" | "constructorArguments">;

/** The constructor reverts; the factory would swallow the reason and leave nothing. */
export class ConstructorRevertedError extends ContractsError {
  constructor(
    readonly contract: string,
    readonly reason: string,
    cause = "",
  ) {
    super(`The constructor of ${contract} reverts: ${reason}.`, [cause, "Nothing was sent."].join(" ").trim());
  }

  /** Out of the data of a revert: the decoded reason, and the arguments that it is about. */
  static of(planned: RevertedPlan, data: Hex): ConstructorRevertedError {
    const cause = causeOf(planned.constructorArguments, revertValues(data, planned.artifact));
    return new ConstructorRevertedError(planned.contract, describeRevert(data, planned.artifact), cause);
  }
}

/**
 * Runs a contract's constructor without a transaction, as if the factory created it, and gives the runtime code that
 * it leaves, immutables included.
 *
 * It is an eth_call from the factory to the predicted address, whose code is overridden by the init code and whose
 * storage by none. So `address(this)` is right, which an eth_call that creates at some other address would get wrong
 * (OpenZeppelin's EIP712 keeps it in an immutable).
 *
 * @throws {ConstructorRevertedError} with the decoded custom error, require string or panic
 */
export async function runConstructor(
  client: ChainClient,
  planned: Pick<PlannedContract, "contract" | "address" | "initCode" | "artifact" | "constructorArguments">,
): Promise<Hex> {
  const override = { [planned.address]: { code: planned.initCode, state: {} } };
  try {
    return await client.request<{ Method: "eth_call"; Parameters: unknown[]; ReturnType: Hex }>({
      method: "eth_call",
      params: [{ from: CREATE2_FACTORY_ADDRESS, to: planned.address, data: "0x" }, "latest", override],
    });
  } catch (error) {
    const data = revertDataOf(error);
    if (data === undefined && !/revert/i.test(rpcMessageOf(error))) throw error;
    throw ConstructorRevertedError.of(planned, data ?? "0x");
  }
}

/** The data of a revert, out of the chain of errors around it. */
export function revertDataOf(error: unknown): Hex | undefined {
  if (!(error instanceof BaseError)) return undefined;
  const bearer = error.walk((cause) => isHex((cause as { data?: unknown }).data));
  return (bearer as { data?: Hex } | null)?.data;
}

/** Values of a decoded error; none when it cannot be decoded. */
export function revertValues(data: Hex, artifact: Pick<Artifact, "abi">): readonly unknown[] {
  try {
    return decodeErrorResult({ abi: artifact.abi, data }).args ?? [];
  } catch {
    return [];
  }
}

/** Words for revert data: `OwnableInvalidOwner(0x000…)`, `"a reason"`, `Panic(17)`. */
export function describeRevert(data: Hex, artifact: Pick<Artifact, "abi">): string {
  if (data === "0x") return "without a reason";
  try {
    const { errorName, args } = decodeErrorResult({ abi: artifact.abi, data });
    const values = args ?? [];
    if (errorName === "Error") return `"${String(values[0])}"`;
    return `${errorName}(${values.map(String).join(", ")})`;
  } catch {
    return `with data ${data} that none of the contract's errors explains`;
  }
}
