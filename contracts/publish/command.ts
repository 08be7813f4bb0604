import { connect, requireChain, rpcMessageOf, type ChainClient } from "../client";
import { compileContracts } from "../compile";
import { findCreation } from "../deploy/creation";
import { Journal } from "../deploy/journal";
import { ContractsError } from "../errors";
import { OptionError, rpcUrlOf } from "../options";
import { planChain, type PlannedContract } from "../plan";
import type { StackContracts } from "../status/stack-settings";
import { compiledMetadata } from "../verify/recompile";
import { verifyContract } from "../verify/verify";
import { systemClock, type Clock } from "./clock";
import { PublishInputError } from "./errors";
import { mapInOrder } from "./pool";
import { publishAll, type PublishJob } from "./publish";
import { isOk, reportOf, type ContractReport, type VerifyReport } from "./report";
import { selectContracts } from "./select";
import { openServices, type OpenTarget } from "./services";
import { submissionOf, type Submission } from "./submission";
import { targetsOf, type PublishFlags } from "./targets";

/** Everything that `meridian verify` can be told, but for the form of its output. */
export interface VerifyCommand {
  /** Names of contracts; none for all. */
  readonly names: readonly string[];
  readonly stack: StackContracts;
  /** @default every chain of the stack */
  readonly chain?: string;
  /** HTTP address of a node; with `chain` only. */
  readonly rpc?: string;
  readonly journalFolder: string;
  /** Prove only, whatever the configuration says. */
  readonly offline: boolean;
  readonly flags: PublishFlags;
  /** Contracts compared, and contracts at services, at a time. */
  readonly concurrency: number;
  /** For one contract at one service, in milliseconds. */
  readonly timeoutMs: number;
  readonly progress: (line: string) => void;
  /** Told how far it is, for a display of its own. */
  readonly onCount?: (what: "compared" | "published", done: number, of: number) => void;
  readonly environment?: NodeJS.ProcessEnv;
  /** @default the machine's */
  readonly clock?: Clock;
}

/** A contract with the connection to its chain. */
interface Work {
  readonly planned: PlannedContract;
  readonly client: ChainClient;
  readonly journal: Journal;
}

/**
 * Proves the selected contracts offline and publishes what is proved. Everything that was asked for is understood
 * before any node or service is asked anything; all proofs are made before the first source leaves the machine.
 *
 * @returns the report; it is all well when none of its contracts has failed
 * @throws {PublishInputError}, {StackFileError}: exit code 2
 */
export async function runVerifyCommand(command: VerifyCommand): Promise<VerifyReport> {
  const { clock = systemClock, progress, environment, concurrency } = command;
  const work = workOf(command, chainsOf(command));
  // Of the selected contracts alone: a service that none of them can go to is a mistake, not a silence.
  const chains = [...new Set(work.map(({ planned }) => planned.chain))];
  const targets = command.offline ? [] : targetsOf(chains, command.stack.publish ?? {}, command.flags);
  const services = openServices(targets, {
    clock,
    environment,
    onWait: (service, reason, waitMs) =>
      progress(`${service}: ${reason}; it is asked again in ${Math.ceil(waitMs / 1000)} s`),
  });

  const count = counter(command, "compared", work.length);
  const proved = await mapInOrder(work, concurrency, (each) => prove(each, command).finally(count));
  const jobs = await jobsOf(work, proved, services, command);
  const published = await publishCounted(jobs, command, clock);
  return reportOf(
    proved.map((report, index) => {
      const own = published.filter((_, job) => jobs[job]?.index === index);
      return { ...report, published: own, ok: isOk({ ...report, published: own }) };
    }),
  );
}

function chainsOf({ stack, chain, rpc }: VerifyCommand): StackContracts["chains"] {
  if (rpc !== undefined && chain === undefined) {
    throw new PublishInputError("--rpc is given without --chain.", "Say which chain the node is of.");
  }
  const found = stack.chains.filter((each) => chain === undefined || each.chain === chain);
  if (found.length > 0) return found;
  throw new PublishInputError(
    `The stack deploys no contracts${chain === undefined ? "" : ` to ${chain}`}.`,
    "See meridian:contracts.chains in its file.",
  );
}

function workOf(command: VerifyCommand, chains: StackContracts["chains"]): Work[] {
  const { stack, names, rpc, journalFolder, progress, environment } = command;
  const build = compileContracts(progress, stack.suite);
  const plan = chains.flatMap(({ chain }) => planChain(chain, stack.settings, stack.salt, build, stack.suite));
  // What was adopted was compared by its code's hash; there is no deployment of ours to prove.
  const own = plan.filter(({ adopt }) => adopt === undefined);
  const selected = selectContracts(own, names, stack.suite);
  return chains.flatMap(({ chain, rpcUrl }) => {
    const own = selected.filter((planned) => planned.chain === chain);
    if (own.length === 0) return [];
    const client = connect(rpc ?? rpcUrl ?? urlOf(chain, environment));
    const journal = new Journal(journalFolder, chain);
    return own.map((planned) => ({ planned, client, journal }));
  });
}

/** A chain without an address is bad input here, and not a failure of one contract. */
function urlOf(chain: string, environment?: NodeJS.ProcessEnv): string {
  try {
    return rpcUrlOf(chain, environment);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new PublishInputError(error.message, `${error.hint ?? ""} Or name another chain by --chain.`);
  }
}

/** Compares one contract; what goes wrong becomes part of its report, so that the others go on. */
async function prove(work: Work, { progress }: VerifyCommand): Promise<ContractReport> {
  const { name, chain, address, chainId } = work.planned;
  const report = { name, chain, address, ok: false, published: [] };
  try {
    await requireChain(work.client, chainId, chain);
    const proof = await verifyContract({ ...work, progress });
    return { ...report, proof, error: null };
  } catch (error) {
    const words = error instanceof ContractsError ? error.message : rpcMessageOf(error);
    return { ...report, proof: null, error: words };
  }
}

type IndexedJob = PublishJob & { readonly index: number };

/** A job for each service of each contract whose proof is perfect. Nothing else leaves the machine. */
async function jobsOf(
  work: readonly Work[],
  reports: readonly ContractReport[],
  services: readonly OpenTarget[],
  { progress, concurrency }: VerifyCommand,
): Promise<IndexedJob[]> {
  const perfect = [...work.entries()].filter(
    ([index, { planned }]) =>
      reports[index]?.proof?.verdict === "perfect" && services.some(({ chain }) => chain === planned.chain),
  );
  const jobs = await mapInOrder(perfect, concurrency, async ([index, each]) => {
    const submission = await prepare(each, progress);
    const own = services.filter(({ chain }) => chain === each.planned.chain);
    return own.map(({ open }) => ({ submission, service: open, index }));
  });
  return jobs.flat();
}

async function prepare({ planned, client, journal }: Work, progress: (line: string) => void): Promise<Submission> {
  // Only a help for the service, which finds the transaction by itself as a rule.
  const created = await findCreation(client, planned, journal).catch(() => undefined);
  return submissionOf(
    planned,
    compiledMetadata(planned.artifact, progress),
    planned.artifact.input,
    created?.transaction,
  );
}

function publishCounted(jobs: readonly IndexedJob[], command: VerifyCommand, clock: Clock) {
  const { concurrency, timeoutMs } = command;
  const count = counter(command, "published", jobs.length);
  return publishAll(jobs, { clock, concurrency, timeoutMs, onSettled: count });
}

/** Counts up at each call. */
function counter({ onCount }: VerifyCommand, what: "compared" | "published", of: number): () => void {
  let done = 0;
  if (of > 0) onCount?.(what, done, of);
  return () => onCount?.(what, ++done, of);
}
