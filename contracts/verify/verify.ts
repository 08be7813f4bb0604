import { SolidityCompilation, Verification, type SolidityJsonInput } from "@ethereum-sourcify/lib-sourcify";
import type { Address, Hex } from "viem";
import { getCreate2Address, keccak256 } from "viem/utils";
import { CREATE2_FACTORY_ADDRESS } from "../../besu/genesis";
import { requireChain, type ChainClient } from "../client";
import { findCreation } from "../deploy/creation";
import { implementationFault } from "../deploy/implementation";
import type { Journal } from "../deploy/journal";
import { messageOf } from "../errors";
import { linked } from "../link";
import type { PlannedContract } from "../plan";
import { runConstructor } from "../simulate";
import { compilerVersion } from "../sources";
import { describeDifference, differenceOf } from "./compare";
import { RecordedChain } from "./recorded-chain";
import { recompiler } from "./recompile";

/**
 * `perfect`: code, immutables and metadata hash are those of the source. `partial`: all but the metadata hash, so
 * comments, names or settings differ. `mismatch`: something else runs there.
 */
export type Verdict = "perfect" | "partial" | "mismatch";

/** What a verification says on stdout, as one line of JSON. */
export interface VerifyResult {
  readonly name: string;
  readonly contract: string;
  readonly chain: string;
  readonly address: Address;
  readonly verdict: Verdict;
  /** Why it is not perfect, for people; null when it is. */
  readonly reason: string | null;
  /** The code on the chain against the recompiled source, by lib-sourcify. */
  readonly runtime: Verdict;
  /** The init code against the recompiled source. */
  readonly creation: Verdict;
  /** Whether the init code was read from its transaction, or follows from the CREATE2 address, which is its hash. */
  readonly creationEvidence: "transaction" | "address";
  /** Whether the immutables are what a run of the constructor leaves. */
  readonly immutables: "match" | "mismatch";
  readonly compiler: string;
}

export interface VerifyRequest {
  readonly client: ChainClient;
  readonly planned: PlannedContract;
  /** Where the creation transaction is looked up. */
  readonly journal: Journal;
  readonly progress: (line: string) => void;
}

type Findings = Pick<VerifyResult, "verdict" | "reason" | "runtime" | "creation" | "creationEvidence" | "immutables">;

/**
 * Verifies a contract offline: recompiles its source and compares creation and runtime bytecode. lib-sourcify takes
 * immutables from the chain, so they are compared with a simulated run of the constructor as well.
 */
export async function verifyContract(request: VerifyRequest): Promise<VerifyResult> {
  const { client, planned } = request;
  await requireChain(client, planned.chainId, planned.chain);
  const code = await client.request({ method: "eth_getCode", params: [planned.address, "latest"] });
  const findings = code === "0x" ? absent : await examine(request, code);
  const { name, contract, chain, address } = planned;
  return { name, contract, chain, address, ...findings, compiler: compilerVersion() };
}

const absent: Findings = {
  verdict: "mismatch",
  reason: "there is no code at its address",
  runtime: "mismatch",
  creation: "mismatch",
  creationEvidence: "address",
  immutables: "mismatch",
};

async function examine(request: VerifyRequest, code: Hex): Promise<Findings> {
  const { client, planned, journal } = request;
  const created = await findCreation(client, planned, journal);
  const matches = await matchBytecodes(request, code, created?.transaction);
  const expected = await runConstructor(client, planned);
  const findings = judge(matches, code, expected, planned);
  const fault = await implementationFault(client, planned);
  return fault === undefined ? findings : { ...findings, verdict: "mismatch", reason: fault };
}

/** What lib-sourcify found. */
export interface Matches {
  readonly runtime: Verdict;
  readonly creation: Verdict;
  readonly creationEvidence: "transaction" | "address";
}

/** Puts the two comparisons together. Pure. */
export function judge(
  matches: Matches,
  code: Hex,
  expected: Hex,
  planned: Pick<PlannedContract, "artifact">,
): Findings {
  const difference = differenceOf(code, expected, planned.artifact);
  const differs = difference?.kind === "immutable" || difference?.kind === "length";
  const immutables = differs ? "mismatch" : "match";
  const parts: readonly Verdict[] = [matches.runtime, matches.creation];

  if (parts.includes("mismatch") || differs) {
    const reason = difference === undefined ? "the creation code is not the source's" : describeDifference(difference);
    return { ...matches, immutables, verdict: "mismatch", reason };
  }
  if (parts.includes("partial")) {
    const reason = "only the metadata hash differs: comments, names or compiler settings are not the source's";
    return { ...matches, immutables, verdict: "partial", reason };
  }
  return { ...matches, immutables, verdict: "perfect", reason: null };
}

async function matchBytecodes({ client, planned, progress }: VerifyRequest, code: Hex, hash?: Hex): Promise<Matches> {
  const { source: path, name, input: given } = planned.artifact;
  // The library writes its own output selection into what it is given.
  const input = structuredClone(given) as unknown as SolidityJsonInput;
  const compiler = recompiler(given, progress);
  const compilation = new SolidityCompilation(compiler, compilerVersion(), input, { path, name });
  const chain = new RecordedChain(client, planned.chain, planned.chainId, code);
  const verification = new Verification(compilation, chain, planned.address, hash);
  let runtime: Verdict;
  let creation: Verdict | undefined;
  try {
    await verification.verify();
    runtime = verdictOf(verification.status.runtimeMatch);
    creation = hash === undefined ? undefined : verdictOf(verification.status.creationMatch);
  } catch (error) {
    progress(`lib-sourcify: ${messageOf(error)}`);
    runtime = "mismatch";
  }
  if (creation !== undefined) return { runtime, creation, creationEvidence: "transaction" };
  return { runtime, creation: creationByAddress(planned, compilation), creationEvidence: "address" };
}

const verdictOf = (match: string | null): Verdict => (match === "perfect" || match === "partial" ? match : "mismatch");

/** A CREATE2 address is the hash of factory, salt and init code: the recompiled init code must lead to it. */
function creationByAddress(planned: PlannedContract, compilation: SolidityCompilation): Verdict {
  const recompiled = linked(compilation.creationBytecode as Hex, planned.links);
  const argumentsHex = planned.initCode.slice(planned.artifact.creationCode.length);
  const bytecodeHash = keccak256(`${recompiled}${argumentsHex}`);
  const address = getCreate2Address({ from: CREATE2_FACTORY_ADDRESS, salt: planned.salt, bytecodeHash });
  return address === planned.address ? "perfect" : "mismatch";
}
