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
  /** Source unit and the contract's name in it: `contracts/src/WETH9.sol:WETH9`. */
  readonly identifier: string;
  /** With its commit and without a `v`: `0.8.30+commit.73712a01`. */
  readonly compilerVersion: string;
  /** The very input of the compilation that was deployed. */
  readonly input: StandardInput;
  /** Addresses of the libraries that it is linked with, by source unit and name, as `settings.libraries` has them. */
  readonly libraries: Readonly<Record<string, Readonly<Record<string, Address>>>>;
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
  planned: Pick<PlannedContract, "name" | "chainId" | "address" | "initCode" | "artifact" | "links">,
  metadata: CompiledMetadata,
  input: StandardInput,
  creationTransaction?: Hex,
): Submission {
  const { name, chainId, address, initCode, artifact } = planned;
  return {
    name,
    chainId,
    address,
    identifier: `${artifact.source}:${artifact.name}`,
    compilerVersion: metadata.compiler.version,
    input,
    libraries: librariesOf(planned),
    constructorArguments: initCode.slice(artifact.creationCode.length),
    licenseType: licenseNumber(metadata.sources[artifact.source]?.license),
    creationTransaction,
  };
}

/** A plan's links stand in the order of its artifact's references. */
function librariesOf({ artifact, links }: Pick<PlannedContract, "artifact" | "links">): Submission["libraries"] {
  const libraries: Record<string, Record<string, Address>> = {};
  for (const [index, { source, library }] of artifact.links.entries()) {
    const address = links[index]?.address;
    if (address !== undefined) (libraries[source] ??= {})[library] = address;
  }
  return libraries;
}

/**
 * The input as a service wants it that links by itself nothing: with `settings.libraries`, where there are any. They are
 * part of the metadata, whose hash such a service leaves out of its comparison; Sourcify finds them in the code.
 */
export const linkedInput = ({ input, libraries }: Pick<Submission, "input" | "libraries">): object =>
  Object.keys(libraries).length === 0 ? input : { ...input, settings: { ...input.settings, libraries } };
