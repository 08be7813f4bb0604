import { setTimeout as delay } from "node:timers/promises";
import type { Address, Hex } from "viem";
import { genesisHashOf, requireChain, requireFactory, type ChainClient } from "../client";
import { ContractsError } from "../errors";
import { withLock } from "../file-lock";
import type { PlannedContract } from "../plan";
import { lineageOf } from "../lineage";
import { foresee, type Foreseen } from "../preflight/lineage";
import { absentOf, graphKey, preflight } from "../preflight/preflight";
import type { Signer } from "../signers/signer";
import { runConstructor } from "../simulate";
import { findCreation, type Creation } from "./creation";
import type { Journal } from "./journal";
import type { MinedLine, PreflightLine, VoidLine } from "./journal-lines";
import { killPoint } from "./kill-points";
import { place } from "./place";
import { policyOf, type SendPolicy } from "./policy";
import { waitUntilMined } from "./receipt";
import { replaceStuck } from "./replace";
import { settle } from "./settle";
import type { SignContext } from "./sign";

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

export interface DeployRequest {
  readonly client: ChainClient;
  readonly planned: PlannedContract;
  /** All contracts of the chain, to be tried before the first transaction. @default the contract alone is tried */
  readonly graph?: readonly PlannedContract[];
  /**
   * `batches`: what the contract needs is on the chain already. `dataflow`: what is missing is sent first, with lower
   * nonces, so that everything may be in one block.
   * @default "batches"
   */
  readonly mode?: DeployMode;
  readonly journal: Journal;
  /** Asked for only when there is something to sign. */
  readonly account: () => Promise<Signer>;
  /** Fees, their replacement, and the depth that counts. @default policyOf({}) */
  readonly policy?: SendPolicy;
  readonly timeoutMs: number;
  readonly progress: (line: string) => void;
}

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

/** Foreign transactions of the same key are awaited this long, before ours queues up behind them. */
const FOREIGN_PATIENCE_MS = 15_000;
const WAIT_POLL_MS = 100;

/**
 * Deploys a contract at its predicted address, or adopts it if it is there. May be ended at any moment and run again:
 * the transaction that was signed once is the one that is sent again, and nothing is deployed twice.
 *
 * @throws {ConstructorRevertedError} before anything is sent, and the other errors of this folder
 */
export async function deploy(request: DeployRequest): Promise<DeployResult> {
  const { client, planned, journal, progress, policy = policyOf() } = request;
  const deadline = Date.now() + request.timeoutMs;
  await Promise.all([requireChain(client, planned.chainId, planned.chain), requireFactory(client)]);
  journal.claim(planned.chainId, await genesisHashOf(client));

  const { expected, absent, gas } = await foreseen(request, deadline);
  const hasCode = async (block: Hex | "latest"): Promise<boolean> =>
    (await client.request({ method: "eth_getCode", params: [planned.address, block] } as never)) !== "0x";
  const stays = async (): Promise<boolean> =>
    (await settle(client, planned.name, hasCode, policy.confirmations, deadline)) === "settled" || goOn();
  const goOn = (): false => {
    progress("its block was dropped by a reorganisation; going on");
    return false;
  };
  if ((await isDeployed(client, planned, expected)) && (await stays())) return adopted(request);

  const account = await request.account();
  await tryGraph(request, account.address);
  const contextOf = (each: PlannedContract): SignContext => {
    const simulatedGas = gas.get(each.name);
    return {
      client,
      journal,
      account,
      planned: each,
      policy,
      progress,
      ...(simulatedGas !== undefined && { simulatedGas }),
    };
  };
  const lock = journal.lockPath(account.address);
  const patientUntil = Math.min(Date.now() + FOREIGN_PATIENCE_MS, deadline);
  let waited = "";
  for (;;) {
    const placed = await withLock(lock, Math.max(deadline - Date.now(), 1), async () => {
      if (await isDeployed(client, planned, expected)) return undefined;
      const patient = Date.now() < patientUntil;
      for (const need of await absentOf(client, absent)) {
        const before = await place(contextOf(need), patient);
        if (before.kind === "wait") return before;
      }
      return place(contextOf(planned), patient);
    });
    if (placed === undefined) {
      if (await stays()) return adopted(request);
      continue;
    }
    if (placed.kind === "wait") {
      if (placed.reason !== waited) progress(`${placed.reason}; waiting`);
      waited = placed.reason;
      await delay(WAIT_POLL_MS);
      continue;
    }

    const { line } = placed;
    progress(`sent as ${line.hash} (nonce ${line.nonce}); waiting for its block`);
    const mined = await waitUntilMined({
      client,
      journal,
      line,
      deadline,
      replaceAfterBlocks: policy.replaceAfterBlocks,
      onStuck: (stuck) =>
        withLock(lock, Math.max(deadline - Date.now(), 1), () => replaceStuck(contextOf(planned), stuck)),
    });
    killPoint("after-receipt");
    if (mined.kind === "replaced") {
      const reason = `another transaction of nonce ${line.nonce} was mined`;
      progress(`${reason}; signing again`);
      journal.append<VoidLine>({ type: "void", hash: line.hash, reason });
      continue;
    }
    const there = await isDeployed(client, planned, expected);
    if (there && !(await stays())) continue;
    // A reorganisation may have put it into another block, or one that it replaced in its place.
    const creation = await findCreation(client, planned, journal);
    if (!there && creation === undefined) {
      goOn();
      continue;
    }
    const { block, kind: status } = mined;
    const recorded = { name: line.name, hash: mined.line.hash, block: creation?.block ?? block, status };
    journal.append<MinedLine>({ type: "mined", ...recorded });
    // A failed transaction beside the right code: somebody else deployed the same contract first.
    if (there && mined.kind === "reverted") return adopted(request);
    if (there) return result(planned, false, creation);
    throw new DeploymentFailedError(
      `The deployment of ${planned.name} was mined in block ${block} as ${line.hash} and left no code.`,
      `It used ${mined.gasUsed} gas; run this again, or trace the transaction.`,
    );
  }
}

/** Tries the whole graph, once in a journal's life. @throws what the preflight throws, before anything is sent */
async function tryGraph({ client, graph, journal, progress }: DeployRequest, from: Address): Promise<void> {
  if (graph === undefined) return;
  const key = graphKey(graph);
  if (journal.read().some((line) => line.type === "preflight" && line.graph === key)) return;
  const { how, missing, gas } = await preflight(client, graph, from);
  const amount = gas === null ? "" : `, ${gas} gas in all`;
  progress(`preflight: ${missing.length} of ${graph.length} contracts are to be deployed${amount}`);
  journal.append<PreflightLine>({ type: "preflight", graph: key, how, missing, gas: gas?.toString() ?? null });
}

/**
 * What the contract's constructor will leave, and what has to be sent before it. In `dataflow` mode its needs may be
 * absent; a node that cannot simulate them is waited for until they are mined.
 */
async function foreseen(request: DeployRequest, deadline: number): Promise<Foreseen> {
  const { client, planned, graph = [], progress } = request;
  const lineage = request.mode === "dataflow" ? lineageOf(planned, graph) : [];
  const alone = async (): Promise<Foreseen> => ({
    absent: [],
    expected: await runConstructor(client, planned),
    gas: new Map(),
  });
  if (lineage.length === 0) return alone();
  let said = false;
  for (;;) {
    const [first, ...others] = await absentOf(client, [planned, ...lineage]);
    const absent = first === planned ? others : [];
    if (absent.length === 0) return alone();
    const found = await foresee(client, planned, absent, (await request.account()).address);
    if (found === "changed") continue;
    if (found !== "unsupported") return found;
    const names = absent.map(({ name }) => name).join(", ");
    if (Date.now() >= deadline) {
      throw new ContractsError(
        `${planned.name} needs ${names}, which did not come.`,
        "The node has no eth_simulateV1, so each contract waits for its needs. Use mode batches, or more --parallel.",
      );
    }
    if (!said) progress(`waiting for ${names}: the node has no eth_simulateV1`);
    said = true;
    await delay(WAIT_POLL_MS);
  }
}

/** Whether the contract is there. @throws {ForeignCodeError} when something else is */
async function isDeployed(client: ChainClient, planned: PlannedContract, expected: Hex): Promise<boolean> {
  const code = await client.request({ method: "eth_getCode", params: [planned.address, "latest"] });
  if (code === "0x") return false;
  if (code === expected) return true;
  throw new ForeignCodeError(
    planned,
    `there is code of ${code.length / 2 - 1} bytes that is not what its constructor leaves`,
  );
}

/** The result for a contract that was there, with its transaction if the journal knows it. */
async function adopted({ client, planned, journal, progress }: DeployRequest): Promise<DeployResult> {
  progress("is there already");
  return result(planned, true, await findCreation(client, planned, journal));
}

const result = (planned: PlannedContract, isAdopted: boolean, creation: Creation | undefined): DeployResult => ({
  name: planned.name,
  contract: planned.contract,
  chain: planned.chain,
  address: planned.address,
  adopted: isAdopted,
  transaction: creation?.transaction ?? null,
  nonce: creation?.nonce ?? null,
  block: creation?.block ?? null,
  gasUsed: creation?.gasUsed ?? null,
});
