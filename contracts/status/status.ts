import type { PlannedCall } from "../calls";
import { genesisHashOf, requireChain, type ChainClient } from "../client";
import { adoptionFault } from "../deploy/adopt";
import { implementationFault } from "../deploy/implementation";
import { WipedChainError } from "../deploy/journal";
import type { JournalLine } from "../deploy/journal-lines";
import { isDone, ReadFailedError } from "../deploy/perform";
import type { PlannedContract } from "../plan";
import { ConstructorRevertedError, runConstructor } from "../simulate";
import { explain, leftOver, signedFor, type CodeFound, type ContractStatus } from "./explain";

/**
 * Compares what a chain's journal, the chain itself and the configuration say of each contract. Sends nothing and
 * writes nothing.
 *
 * @param plan contracts of the configuration
 * @returns the configured contracts in the plan's order, then the calls, then what other configurations left
 * @throws {WrongChainError}, {WipedChainError} when the chain is another one than the journal's
 */
export async function chainStatus(
  client: ChainClient,
  { plan, calls = [] }: { readonly plan: readonly PlannedContract[]; readonly calls?: readonly PlannedCall[] },
  lines: readonly JournalLine[],
  journalPath: string,
): Promise<ContractStatus[]> {
  const [any] = plan;
  if (any === undefined) return [];
  await requireChain(client, any.chainId, any.chain);
  const [first] = lines;
  if (first?.type === "chain") {
    const found = await genesisHashOf(client);
    if (found !== first.genesisHash) throw new WipedChainError(journalPath, first, found);
  }
  const configured = await Promise.all(
    plan.map(async (planned): Promise<ContractStatus> => {
      const { name, address } = planned;
      if (planned.adopt !== undefined) return adoptedStatus(client, planned);
      const proxy = await implementationFault(client, planned);
      const code = await codeFound(client, planned);
      const known = code === "none" ? await knownOf(client, lines, planned) : new Set<string>();
      const status = explain(lines, { name, address, code, known });
      return code === "ours" && proxy !== undefined
        ? { ...status, state: "foreign", explanation: capitalised(proxy) }
        : status;
    }),
  );
  return [
    ...configured,
    ...(await Promise.all(calls.map((call) => callStatus(client, call)))),
    ...leftOver(
      lines,
      plan.map(({ address }) => address),
    ),
  ];
}

const capitalised = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

async function adoptedStatus(client: ChainClient, planned: PlannedContract): Promise<ContractStatus> {
  const { name, address } = planned;
  const code = await client.request({ method: "eth_getCode", params: [address, "latest"] });
  const fault = adoptionFault(planned, code) ?? (await implementationFault(client, planned));
  if (fault === undefined) return { name, address, state: "adopted", explanation: null };
  return { name, address, state: code === "0x" ? "missing" : "foreign", explanation: capitalised(fault) };
}

async function callStatus(client: ChainClient, call: PlannedCall): Promise<ContractStatus> {
  const { name, to: address } = call;
  try {
    if (await isDone(client, call)) return { name, address, state: "done", explanation: null };
    return { name, address, state: "due", explanation: `${call.signature} is needed: run pulumi up.` };
  } catch (error) {
    if (!(error instanceof ReadFailedError)) throw error;
    return { name, address, state: "unknown", explanation: error.message };
  }
}

/** Whether a contract's code is what its constructor leaves. */
export async function codeFound(client: ChainClient, planned: PlannedContract): Promise<CodeFound> {
  const code = await client.request({ method: "eth_getCode", params: [planned.address, "latest"] });
  if (code === "0x") return "none";
  try {
    return code === (await runConstructor(client, planned)) ? "ours" : "other";
  } catch (error) {
    if (error instanceof ConstructorRevertedError) return "unknown";
    throw error;
  }
}

/** Which of a contract's transactions the node has. */
async function knownOf(
  client: ChainClient,
  lines: readonly JournalLine[],
  { address }: PlannedContract,
): Promise<ReadonlySet<string>> {
  const hashes = signedFor(lines, address).map(({ hash }) => hash);
  const found = await Promise.all(
    hashes.map((hash) => client.request({ method: "eth_getTransactionByHash", params: [hash] })),
  );
  return new Set(hashes.filter((_, index) => found[index] !== null));
}
