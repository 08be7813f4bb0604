import type { Address, Hex } from "viem";
import type { PlannedContract } from "../plan";
import type { StandardInput } from "../sources";
import type { CompiledMetadata } from "../verify/recompile";
import { licenseNumber } from "./licenses";

/** Everything that a service may ask about one deployed contract. */
export interface Submission {
  /** Logical name, `chain1-weth9`. */
  readonly name: string;
  readonly chainId: number;
  readonly address: Address;
  /** `contracts/src/WETH9.sol:WETH9`. */
  readonly identifier: string;
  /** With its commit and without a `v`: `0.8.30+commit.73712a01`. */
  readonly compilerVersion: string;
  /** The very input of the compilation that was deployed. */
  readonly input: StandardInput;
  /** ABI-encoded, hexadecimal without `0x`; empty for none. */
  readonly constructorArguments: string;
  /** 1 to 14, as Etherscan and Blockscout number licences. */
  readonly licenseType: number;
  /** The transaction that created it, if it is known. */
  readonly creationTransaction?: Hex;
}

/**
 * Puts a submission together. The compiler's full version and the licence are those that the compiler itself wrote into
 * the contract's metadata, which the offline proof has compared with the chain by its hash. Pure.
 */
export function submissionOf(
  planned: Pick<PlannedContract, "name" | "chainId" | "address" | "contract" | "initCode" | "artifact">,
  metadata: CompiledMetadata,
  input: StandardInput,
  creationTransaction?: Hex,
): Submission {
  const { name, chainId, address, contract, initCode, artifact } = planned;
  return {
    name,
    chainId,
    address,
    identifier: `${artifact.source}:${contract}`,
    compilerVersion: metadata.compiler.version,
    input,
    constructorArguments: initCode.slice(artifact.creationCode.length),
    licenseType: licenseNumber(metadata.sources[artifact.source]?.license),
    creationTransaction,
  };
}
