import { genesisHashOf, requireChain, type ChainClient } from "../client";
import { WipedChainError } from "../deploy/journal";
import type { JournalLine } from "../deploy/journal-lines";
import type { PlannedContract } from "../plan";
import { ConstructorRevertedError, runConstructor } from "../simulate";
import { explain, leftOver, signedFor, type CodeFound, type ContractStatus } from "./explain";

/**
 * Compares what a chain's journal, the chain itself and the configuration say of each contract. Sends nothing and
 * writes nothing.
 *
 * @param plan of the configuration
 * @returns the configured contracts in the plan's order, then what other configurations left
 * @throws {WrongChainError}, {WipedChainError} when the chain is another one than the journal's
 */
export async function chainStatus(
  client: ChainClient,
  plan: readonly PlannedContract[],
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
    plan.map(async (planned) => {
      const { name, address } = planned;
      const code = await codeFound(client, planned);
      const known = code === "none" ? await knownOf(client, lines, planned) : new Set<string>();
      return explain(lines, { name, address, code, known });
    }),
  );
  return [
    ...configured,
    ...leftOver(
      lines,
      plan.map(({ address }) => address),
    ),
  ];
}

async function codeFound(client: ChainClient, planned: PlannedContract): Promise<CodeFound> {
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
