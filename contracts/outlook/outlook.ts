import type { Hex } from "viem";
import { hexToBigInt, hexToNumber, keccak256 } from "viem/utils";
import { z } from "zod";
import type { PlannedCall } from "../calls";
import { requireChain, rpcMessageOf, type ChainClient } from "../client";
import { adoptionFault } from "../deploy/adopt";
import { implementationFault } from "../deploy/implementation";
import type { JournalLine } from "../deploy/journal-lines";
import { isDone } from "../deploy/perform";
import { ContractsError } from "../errors";
import type { PlannedContract } from "../plan";
import { deployment } from "../preflight/foresee";
import { simulateBlocks } from "../preflight/simulate-blocks";
import { codeFound } from "../status/status";

const contract = z.object({
  name: z.string(),
  /** `there` as planned; `absent`; `other` is something else; `unknown` could not be compared. */
  state: z.enum(["there", "absent", "other", "unknown"]),
  /** Hash of the code that is there; null where there is none. */
  codeHash: z.string().nullable(),
  /** Gas of its deployment, in decimal; null when it is there, or cannot be told. */
  gas: z.string().nullable(),
});
const call = z.object({
  name: z.string(),
  /** Whether a read says that it is done; null when nothing can be read yet. */
  done: z.boolean().nullable(),
});
const seen = z.object({
  chain: z.string(),
  reachable: z.literal(true),
  block: z.number(),
  blockHash: z.string(),
  /** Whether it has another genesis than its journal. */
  wiped: z.boolean(),
  /** Gas in a block, in decimal. */
  blockGasLimit: z.string(),
  /** Wei for a gas by now, in decimal. */
  gasPrice: z.string(),
  contracts: z.array(contract),
  calls: z.array(call),
});
const unseen = z.object({ chain: z.string(), reachable: z.literal(false), reason: z.string() });

/** Shape of the outlooks that the program's own process prints, for whoever reads them. */
export const outlooksSchema = z.array(z.union([seen, unseen]));

/** What a chain says of a plan before anything is sent, or that it says nothing. */
export type ChainOutlook = z.infer<typeof seen> | z.infer<typeof unseen>;
export type SeenChain = Extract<ChainOutlook, { reachable: true }>;

/**
 * Asks a chain what is there of a plan and what the rest would take. Sends nothing and never fails: what cannot be
 * asked is unknown.
 *
 * @param client without retries of its own, so that the time is bounded
 * @param journal the chain's, if there is one
 */
export async function outlookOf(
  client: ChainClient,
  chain: string,
  plan: readonly PlannedContract[],
  calls: readonly PlannedCall[],
  journal: readonly JournalLine[] = [],
): Promise<ChainOutlook> {
  try {
    return await look(client, chain, plan, calls, journal);
  } catch (error) {
    const reason = error instanceof ContractsError ? error.message : rpcMessageOf(error);
    return { chain, reachable: false, reason: reason.split("\n")[0] ?? "" };
  }
}

async function look(
  client: ChainClient,
  chain: string,
  plan: readonly PlannedContract[],
  calls: readonly PlannedCall[],
  [begin]: readonly JournalLine[],
): Promise<SeenChain> {
  const [any] = plan;
  if (any !== undefined) await requireChain(client, any.chainId, chain);
  const [newest, first, price] = await Promise.all([
    client.request({ method: "eth_getBlockByNumber", params: ["latest", false] }),
    client.request({ method: "eth_getBlockByNumber", params: ["0x0", false] }),
    client.request({ method: "eth_gasPrice" }),
  ]);
  const found = await Promise.all(plan.map((planned) => stateOf(client, planned)));
  const absent = plan.filter((planned, index) => found[index]?.state === "absent" && planned.adopt === undefined);
  const gas = await gasOf(client, absent);
  return {
    chain,
    reachable: true,
    block: hexToNumber(newest?.number ?? "0x0"),
    blockHash: newest?.hash ?? "0x",
    wiped: begin?.type === "chain" && begin.genesisHash !== first?.hash,
    blockGasLimit: hexToBigInt(newest?.gasLimit ?? "0x0").toString(),
    gasPrice: hexToBigInt(price).toString(),
    contracts: plan.map(({ name }, index) => ({
      name,
      state: found[index]?.state ?? "unknown",
      codeHash: found[index]?.codeHash ?? null,
      gas: gas.get(name)?.toString() ?? null,
    })),
    calls: await Promise.all(calls.map(async (each) => ({ name: each.name, done: await doneOf(client, each) }))),
  };
}

type State = Pick<SeenChain["contracts"][number], "state" | "codeHash">;

async function stateOf(client: ChainClient, planned: PlannedContract): Promise<State> {
  const code: Hex = await client.request({ method: "eth_getCode", params: [planned.address, "latest"] });
  if (code === "0x") return { state: "absent", codeHash: null };
  const codeHash = keccak256(code);
  const fault = planned.adopt === undefined ? undefined : adoptionFault(planned, code);
  const found = planned.adopt === undefined ? await codeFound(client, planned) : "ours";
  if (found === "unknown") return { state: "unknown", codeHash };
  const proxy = await implementationFault(client, planned);
  const right = found === "ours" && fault === undefined && proxy === undefined;
  return { state: right ? "there" : "other", codeHash };
}

/** Gas of deployments by logical name, as one after the other takes it; those that fail are left out. */
async function gasOf(client: ChainClient, absent: readonly PlannedContract[]): Promise<ReadonlyMap<string, bigint>> {
  const ordered = absent.toSorted((a, b) => a.batch - b.batch);
  const [any] = ordered;
  if (any === undefined) return new Map();
  const calls = ordered.map((planned) => deployment(ESTIMATING_ACCOUNT, planned));
  const outcomes = (await simulateBlocks(client, [{ calls }]))?.[0] ?? [];
  return new Map(
    ordered.flatMap(({ name }, index) => {
      const outcome = outcomes[index];
      return outcome?.succeeded === true ? [[name, outcome.gasUsed] as const] : [];
    }),
  );
}

/** Whoever deploys is not known at a preview; only a constructor that asks for tx.origin could tell. */
const ESTIMATING_ACCOUNT = "0x0000000000000000000000000000000000000001";

async function doneOf(client: ChainClient, planned: PlannedCall): Promise<boolean | null> {
  try {
    return await isDone(client, planned);
  } catch {
    return null; // Its contract is not there yet, as a rule.
  }
}
