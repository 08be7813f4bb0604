import { setTimeout as delay } from "node:timers/promises";
import type { Address, Hex } from "viem";
import { genesisHashOf, requireChain, requireFactory, type ChainClient } from "../client";
import { ContractsError } from "../errors";
import { lineageOf } from "../lineage";
import type { PlannedContract } from "../plan";
import { absentOf, foresee, type Foreseen } from "../preflight/foresee";
import { graphKey, inOrder, preflight } from "../preflight/preflight";
import type { Progress } from "../program";
import type { Signer } from "../signers/signer";
import { runConstructor } from "../simulate";
import { contractParcel } from "./contract-parcel";
import { findCreation, type Creation } from "./creation";
import { deliver, isDelivered, type DeliverRequest } from "./deliver";
import type { Journal } from "./journal";
import type { PreflightLine } from "./journal-lines";
import { policyOf, type SendPolicy } from "./policy";

/** What a deployment says on stdout, as one line of JSON. */
export interface DeployResult {
  readonly name: string;
  readonly contract: string;
  readonly chain: string;
  readonly address: Address;
  /** Whether the contract was there already, so that nothing was sent. */
  readonly adopted: boolean;
  /** The transaction that created it, if the journal or this run knows it. */
  readonly transaction: Hex | null;
  readonly nonce: number | null;
  readonly block: number | null;
  readonly gasUsed: number | null;
}

/** How deployments of one chain follow each other. */
export type DeployMode = "batches" | "dataflow";

/** What deployments of one chain share. */
export interface DeployOptions {
  readonly client: ChainClient;
  /** All contracts of the chain, to be tried before the first transaction. @default only what is deployed is tried */
  readonly graph?: readonly PlannedContract[];
  /**
   * `batches`: what a contract needs is on the chain before it is sent. `dataflow`: what is missing is sent first, with
   * lower nonces, so that everything may be in one block.
   * @default "batches"
   */
  readonly mode?: DeployMode;
  readonly journal: Journal;
  /** Asked for only when there is something to sign. */
  readonly account: () => Promise<Signer>;
  /** Fees, their replacement, and the depth that counts. @default policyOf({}) */
  readonly policy?: SendPolicy;
  readonly timeoutMs: number;
  readonly progress: Progress;
}

export interface DeployRequest extends DeployOptions {
  readonly planned: PlannedContract;
}

export interface DeployAllRequest extends DeployOptions {
  /** Of one chain; nothing that is adopted. */
  readonly contracts: readonly PlannedContract[];
}

/** What one round of deployments needs. */
type Round = DeployAllRequest & DeliverRequest;

const WAIT_POLL_MS = 100;

/**
 * Deploys a contract at its predicted address, or adopts it if it is there. May be ended at any moment and run again:
 * the transaction that was signed once is the one that is sent again, and nothing is deployed twice.
 *
 * @throws {ConstructorRevertedError} before anything is sent, and the other errors of this folder
 */
export async function deploy({ planned, ...request }: DeployRequest): Promise<DeployResult> {
  const [result] = await deployAll({ ...request, contracts: [planned] });
  if (result === undefined) throw new Error("one contract gives one result");
  return result;
}

/**
 * Deploys contracts of one chain under one lock: in mode `dataflow` with one simulation, one batch of requests that
 * sends them all, and one wait; in mode `batches` so for each batch.
 *
 * @returns results in the order of the contracts
 * @throws as {@link deploy}
 */
export async function deployAll(request: DeployAllRequest): Promise<DeployResult[]> {
  const { client, contracts, journal, policy = policyOf() } = request;
  const [any] = contracts;
  if (any === undefined) return [];
  const { chain, chainId } = any;
  const deadline = Date.now() + request.timeoutMs;
  const [genesis] = await Promise.all([
    genesisHashOf(client),
    requireChain(client, chainId, chain),
    requireFactory(client),
  ]);
  journal.claim(chainId, genesis);

  const results = new Map<PlannedContract, DeployResult>();
  const rounds = request.mode === "dataflow" ? [contracts] : roundsOf(contracts);
  for (const round of rounds) {
    const delivery: Round = { ...request, contracts: round, chainId, policy, deadline };
    const found = (await deployRound(delivery)) ?? (await deployRounds(delivery));
    for (const [index, planned] of round.entries()) {
      const result = found[index];
      if (result !== undefined) results.set(planned, result);
    }
  }
  return contracts.flatMap((planned) => results.get(planned) ?? []);
}

/** Contracts by batch, the first one first. */
function roundsOf(contracts: readonly PlannedContract[]): PlannedContract[][] {
  const rounds = new Map<number, PlannedContract[]>();
  for (const planned of inOrder(contracts)) rounds.set(planned.batch, [...(rounds.get(planned.batch) ?? []), planned]);
  return [...rounds.values()];
}

/** On a node without eth_simulateV1, which cannot foresee a constructor that calls what is not there: batch by batch. */
async function deployRounds(request: Round): Promise<DeployResult[]> {
  const results = new Map<PlannedContract, DeployResult>();
  for (const contracts of roundsOf(request.contracts)) {
    await waitForNeeds(request, contracts);
    const found = await deployRound({ ...request, contracts, mode: "batches" });
    for (const [index, planned] of contracts.entries()) {
      const result = found?.[index];
      if (result !== undefined) results.set(planned, result);
    }
  }
  return request.contracts.flatMap((planned) => results.get(planned) ?? []);
}

/** Deploys at once; undefined when that takes a simulation, and the node has none. */
async function deployRound(request: Round): Promise<DeployResult[] | undefined> {
  const { client, contracts, journal } = request;
  const lineage = request.mode === "dataflow" ? lineageOfAll(contracts, request.graph ?? contracts) : [];
  const all = inOrder([...new Set([...lineage, ...contracts])]);
  const absent = await absentOf(client, all);
  const foreseen = await foreseenOf(request, absent);
  if (foreseen === undefined) return undefined;

  // Of its needs only those that were not there are this round's.
  const ours = all.filter((planned) => contracts.includes(planned) || absent.includes(planned));
  const parcels = await Promise.all(
    ours.map(async (planned) => {
      const expected = foreseen.codes.get(planned.name) ?? (await runConstructor(client, planned));
      return contractParcel(client, planned, expected, foreseen.gas.get(planned.name));
    }),
  );
  const nothingToDo = absent.length === 0 && (await isDelivered(request, parcels));
  const receipts = nothingToDo ? [] : await deliver(request, parcels);
  return Promise.all(
    contracts.map(async (planned) => {
      const receipt = receipts[ours.indexOf(planned)];
      // A failed transaction beside the right code: somebody else deployed the same contract first.
      if (receipt?.kind !== "success") {
        request.progress("is there already", planned.name);
        return resultOf(planned, true, await findCreation(client, planned, journal));
      }
      const { line, block, gasUsed } = receipt;
      return resultOf(planned, false, { transaction: line.hash, nonce: line.nonce, block, gasUsed: Number(gasUsed) });
    }),
  );
}

/** What contracts need and their needs, without those that are adopted: these are there. */
const lineageOfAll = (contracts: readonly PlannedContract[], graph: readonly PlannedContract[]): PlannedContract[] =>
  contracts.flatMap((planned) => lineageOf(planned, graph)).filter(({ adopt }) => adopt === undefined);

/**
 * What the absent contracts will be, after the whole graph was tried, once in a journal's life. Each alone by its
 * constructor, or together where one needs another.
 *
 * @returns undefined when that takes a simulation, and the node has none
 * @throws what the preflight throws, before anything is sent
 */
async function foreseenOf(request: Round, absent: readonly PlannedContract[]): Promise<Foreseen | undefined> {
  const { client, graph, journal } = request;
  if (absent.length === 0) return { codes: new Map(), gas: new Map() };
  const key = graph === undefined ? undefined : graphKey(graph);
  const isTried = journal.read().some((line) => line.type === "preflight" && line.graph === key);
  const names = new Set(absent.map(({ name }) => name));
  const isTogether = request.mode === "dataflow" && absent.some(({ needs }) => needs.some((need) => names.has(need)));
  if (!isTogether) {
    const codes = await Promise.all(absent.map((each) => runConstructor(client, each)));
    const gas = isTried || graph === undefined ? undefined : (await tryGraph(request, graph))?.gas;
    return { codes: new Map(absent.map(({ name }, index) => [name, codes[index] ?? "0x"])), gas: gas ?? new Map() };
  }
  if (!isTried && graph !== undefined) return tryGraph(request, graph);
  const { address } = await request.account();
  const found = await foresee(client, absent, address);
  return found === "unsupported" ? undefined : found;
}

/** Tries the whole graph and writes down that it can be deployed; gives what the simulation saw, if there was one. */
async function tryGraph(request: Round, graph: readonly PlannedContract[]): Promise<Foreseen | undefined> {
  const { client, journal, progress } = request;
  const { how, missing, gas, foreseen } = await preflight(client, graph, (await request.account()).address);
  const amount = gas === null ? "" : `, ${gas} gas in all`;
  progress(`preflight: ${missing.length} of ${graph.length} contracts are to be deployed${amount}`);
  const line = { graph: graphKey(graph), how, missing, gas: gas?.toString() ?? null };
  journal.append<PreflightLine>({ type: "preflight", ...line });
  return foreseen;
}

/** Waits until what contracts need is on the chain: others deploy it. */
async function waitForNeeds(request: Round, contracts: readonly PlannedContract[]): Promise<void> {
  const { client, graph = [], progress, deadline } = request;
  const needs = [...new Set(lineageOfAll(contracts, graph))].filter((need) => !contracts.includes(need));
  for (let said = false; ; said = true) {
    const absent = await absentOf(client, needs);
    if (absent.length === 0) return;
    const names = absent.map(({ name }) => name).join(", ");
    if (Date.now() >= deadline) {
      throw new ContractsError(
        `${contracts.map(({ name }) => name).join(", ")} needs ${names}, which did not come.`,
        "The node has no eth_simulateV1, so each contract waits for its needs. Use mode batches, or more --parallel.",
      );
    }
    if (!said) progress(`waiting for ${names}: the node has no eth_simulateV1`);
    await delay(WAIT_POLL_MS);
  }
}

const resultOf = (planned: PlannedContract, adopted: boolean, creation: Creation | undefined): DeployResult => ({
  name: planned.name,
  contract: planned.contract,
  chain: planned.chain,
  address: planned.address,
  adopted,
  transaction: creation?.transaction ?? null,
  nonce: creation?.nonce ?? null,
  block: creation?.block ?? null,
  gasUsed: creation?.gasUsed ?? null,
});
