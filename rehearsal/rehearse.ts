import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

import { privateKeyToAccount } from "viem/accounts";
import type { Hex } from "viem";
import { parse } from "yaml";

import { createGenesis } from "../besu/genesis";
import { nodeIdentity } from "../besu/keys";
import { MeridianError } from "../errors";
import { type Fleet, parseFleet, readSettings } from "../fleet";
import { projectRoot } from "../toolchain/paths";
import { crashesOf, parseFault } from "./azure/faults";
import type { Profile } from "./azure/latency";
import { runAttempts } from "./attempts";
import { forecastOfRun, isFirstDeployment } from "./own-forecast";
import { requireIdle } from "./home";
import { type Chain, mainnetStandIn, startChain } from "./chains";
import type { TraceEntry, VirtualClock } from "./clock/virtual-clock";
import { waitForQuorum } from "./quorum-wait";
import { nameOf } from "./report/format";
import { type ReportData, reportData } from "./report/report-data";
import { type StackOutputs, summarise, type Summary } from "./report/summary";
import { writeReport } from "./report/write";
import { Rehearsal, type RehearsalOptions, type RunResult } from "./rehearsal";
import { resume } from "./resume";

/** Folder of a rehearsal's own state, below the checkout. */
export const rehearsalFolder = join(projectRoot, ".rehearsal");

export interface RehearseOptions {
  /** @default "dev" */
  readonly stack?: string;
  /** The `--parallel` that is rehearsed. @default 64 */
  readonly parallel?: number;
  /** Absolute path of the pulumi binary. */
  readonly pulumi: string;
  /** Forget what earlier runs left. */
  readonly fresh?: boolean;
  /** URN patterns, as for `pulumi up --target`. */
  readonly targets?: readonly string[];
  readonly continueOnError?: boolean;
  readonly seed?: number;
  /** Attempts in all: what failed is tried again, which implies `continueOnError`. @default 1 */
  readonly attempts?: number;
  /** Trouble that the run meets, as `--fault` takes it. @default none */
  readonly faults?: readonly string[];
  /** Latencies in place of the table's, from `meridian calibrate`. */
  readonly profile?: Profile;
  /** Starts the stand-in for chain 138. @default anvil with the network's kind of genesis */
  readonly startChain138?: () => Promise<LocalChain>;
  /** @default .rehearsal in the checkout */
  readonly folder?: string;
  readonly onStep?: (step: string) => void;
  readonly onProgress?: (clock: VirtualClock, entry?: TraceEntry) => void;
  /** Called with the function that stops the engine: once gracefully, twice by force. */
  readonly onStarted?: (interrupt: () => void) => void;
}

/** The stack says a contract is deployed, and the local chain does not know it. */
export class ChainLostError extends MeridianError {
  constructor(chain: string, names: readonly string[]) {
    super(`The local chain ${chain} has lost ${names.join(", ")}, which the stack has deployed.`, {
      hint: "Its state file was removed or cut off. Begin anew: npm start -- --fresh.",
      exitCode: 1,
    });
  }
}

/**
 * Reads a stack's configuration as the program will, so that a mistake ends the run before anything starts.
 * @throws MeridianError for a stack without a file, and for a mistake in it
 */
export const readConfiguration = (stack: string): Fleet => {
  const file = join(projectRoot, `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) {
    const stacks = readdirSync(projectRoot).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
    throw new MeridianError(`There is no stack "${stack}": Pulumi.${stack}.yaml does not exist.`, {
      hint: `Name one of: ${stacks.join(", ")}.`,
    });
  }
  const { config } = (parse(readFileSync(file, "utf8")) ?? {}) as { config?: Record<string, unknown> };
  return parseFleet(readSettings(config ?? {}));
};

/** The deployer's key of the rehearsal: made on first use, readable by the owner alone. */
const deployerKeyFile = (folder: string): string => {
  const file = join(folder, "deployer.key");
  if (!existsSync(file)) writeFileSync(file, `0x${randomBytes(32).toString("hex")}\n`, { mode: 0o600 });
  return file;
};

/** A chain on this machine. */
export type LocalChain = Pick<Chain, "name" | "rpcUrl" | "close">;

/**
 * The two local chains. The genesis of chain 138 comes from the function that makes the network's own; its validators
 * are stand-ins, since anvil has none and the stack's keys do not exist before the stack does.
 */
const startChains = async (folder: string, deployer: Hex, own?: () => Promise<LocalChain>): Promise<LocalChain[]> => {
  mkdirSync(join(folder, "chains"), { recursive: true });
  const standIns = [1, 2, 3, 4].map((n) => nodeIdentity(`0x${n.toString(16).padStart(64, "0")}`).address);
  const genesis = createGenesis({ chainId: 138, validators: standIns, blockPeriodSeconds: 2 });
  const started = await Promise.allSettled([
    own?.() ??
      startChain({ name: "chain138", genesis, zeroFee: true, stateFile: join(folder, "chains", "chain138.json") }),
    startChain({
      name: "chain1",
      genesis: mainnetStandIn([privateKeyToAccount(deployer).address]),
      stateFile: join(folder, "chains", "chain1.json"),
    }),
  ]);
  const chains = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const failed = started.find((result) => result.status === "rejected");
  if (failed === undefined) return chains;
  await Promise.all(chains.map((chain) => chain.close()));
  throw failed.reason;
};

/** Asks a chain for the code at addresses, in one request. */
const codesAt = async (rpcUrl: string, addresses: readonly string[]): Promise<string[]> => {
  const body = addresses.map((address, id) => ({
    jsonrpc: "2.0",
    id,
    method: "eth_getCode",
    params: [address, "latest"],
  }));
  const response = await fetch(rpcUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answers = (await response.json()) as { readonly id: number; readonly result: string }[];
  return [...answers].sort((a, b) => a.id - b.id).map(({ result }) => result);
};

/** A run that changes nothing runs no command: so look whether the contracts are where the stack says. */
const requireContracts = async (
  chains: readonly LocalChain[],
  { contracts = {} }: Partial<StackOutputs>,
): Promise<void> => {
  for (const { name, rpcUrl } of chains) {
    const deployed = Object.entries(contracts[name] ?? {});
    if (deployed.length === 0) continue;
    const codes = await codesAt(
      rpcUrl,
      deployed.map(([, { address }]) => address),
    );
    const lost = deployed.filter((_, index) => (codes[index] ?? "0x") === "0x").map(([contract]) => contract);
    if (lost.length > 0) throw new ChainLostError(name, lost);
  }
};

/** A path as short as it can be said from here. */
const near = (file: string): string => {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") ? file : path;
};

/** The summary with its report beside it. The newest report stays when a run had nothing to do. */
const reported = (
  summary: Summary,
  run: RunResult,
  { folder, ...given }: Pick<ReportData, "stack" | "seed" | "parallel" | "forecast"> & { readonly folder: string },
): Summary => {
  if (run.trace.length === 0) return summary;
  const file = join(folder, "report.html");
  writeReport(file, reportData(run, { ...given, contracts: summary.contracts }));
  return { ...summary, report: near(file) };
};

const environmentOf = (folder: string, chains: readonly LocalChain[]): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(chains.map(({ name, rpcUrl }) => [`MERIDIAN_${name.toUpperCase()}_RPC_URL`, rpcUrl])),
  MERIDIAN_DEPLOYER_KEY_FILE: deployerKeyFile(folder),
  MERIDIAN_JOURNAL_DIR: join(folder, "journal"),
});

/** A rehearsal with the chains that its contracts go to. */
export interface OpenRehearsal {
  readonly rehearsal: Rehearsal;
  readonly chains: readonly LocalChain[];
  /** Ends everything that was started. */
  readonly close: () => Promise<void>;
}

/** Starts two local chains and opens the rehearsal of this checkout's program beside them. */
export const openRehearsal = async (
  options: Pick<RehearsalOptions, "folder" | "pulumi" | "stack" | "seed" | "profile">,
  fleet: Fleet,
  startChain138?: RehearseOptions["startChain138"],
): Promise<OpenRehearsal> => {
  const { folder } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const deployer = readFileSync(deployerKeyFile(folder), "utf8").trim() as Hex;
  const chains = await startChains(folder, deployer, startChain138);
  const closeChains = async (): Promise<void> => {
    for (const chain of [...chains].reverse()) await chain.close();
  };
  try {
    const rehearsal = await Rehearsal.open({
      ...options,
      program: projectRoot,
      environment: environmentOf(folder, chains),
      waitOf: waitForQuorum(fleet),
    });
    const close = async (): Promise<void> => {
      rehearsal.close();
      await closeChains();
    };
    return { rehearsal, chains, close };
  } catch (error) {
    await closeChains();
    throw error;
  }
};

/**
 * Rehearses a deployment of the program in this checkout: two local chains, the simulated Azure, the real `pulumi up`.
 * Everything it starts ends with it. A deployment that fails is a summary with `succeeded: false`.
 * @throws MeridianError when the rehearsal itself cannot run
 */
export const rehearse = async (options: RehearseOptions): Promise<Summary> => {
  const { stack = "dev", parallel = 64, seed = 1, folder = rehearsalFolder, onStep = () => undefined } = options;
  const fleet = readConfiguration(stack);
  const places = [...fleet.regions.map(({ name }) => name), "global"];
  const faults = (options.faults ?? []).map((text) => parseFault(text, places));
  const base = {
    folder,
    program: projectRoot,
    pulumi: options.pulumi,
    stack,
    seed,
    ...(options.profile !== undefined && { profile: options.profile }),
  };
  if (options.fresh === true) forget(folder);
  onStep("starting two local chains");
  const { rehearsal, chains, close } = await openRehearsal(base, fleet, options.startChain138);
  try {
    options.onStarted?.(() => rehearsal.interrupt());

    const resumed = await resume(rehearsal);
    for (const { urn, explanation } of resumed) onStep(`${nameOf(urn)} ${explanation}`);
    onStep(`rehearsing pulumi up on stack ${stack}`);
    const { attempts = 1 } = options;
    const run = await runAttempts(
      rehearsal,
      {
        parallel,
        faults,
        targets: options.targets ?? [],
        continueOnError: (options.continueOnError ?? false) || attempts > 1,
        ...(options.onProgress !== undefined && { onProgress: options.onProgress }),
      },
      {
        attempts,
        seed,
        contracts: chains.map(({ name }) => `**::${name}-*`),
        onStep,
        isInterrupted: () => rehearsal.isInterrupted,
      },
    );
    if (run.crashed !== undefined) rehearsal.clearLocks();
    else for (const name of crashesOf(faults)) onStep(`crash@${name} did not happen: this run had nothing to do there`);
    const outputs = (await rehearsal.outputs()) as Partial<StackOutputs>;
    if (run.exitCode === 0) await requireContracts(chains, outputs);
    const summary = summarise(run, outputs, {
      stack,
      parallel,
      ...(faults.length > 0 && { faults: faults.map(({ text }) => text) }),
      ...(resumed.length > 0 && { resumed }),
      ...(attempts > 1 && { attempts: run.attempts, outcomes: run.outcomes }),
    });
    const forecast =
      isFirstDeployment(run) && (options.targets ?? []).length === 0
        ? forecastOfRun(run, await rehearsal.exportState(), fleet, { ...base, faults, parallel })
        : undefined;
    return reported(summary, run, { folder, stack, seed, parallel, ...(forecast !== undefined && { forecast }) });
  } finally {
    await close();
  }
};

/** Resources that are left although everything was deleted: a mistake in the program or in the simulation. */
export class LeftoverError extends MeridianError {
  constructor(ids: readonly string[]) {
    super(`${ids.length} resources are left in the simulated Azure: ${ids.slice(0, 5).join(", ")}.`, {
      hint: "Run npm run destroy again, and look which resource the program no longer knows.",
      exitCode: 1,
    });
  }
}

/** Rehearses `pulumi destroy`, and removes the rehearsal's own files when nothing is left. */
export const destroyRehearsal = async (
  options: Pick<RehearseOptions, "stack" | "pulumi" | "folder" | "parallel" | "onProgress" | "onStarted">,
): Promise<RunResult | undefined> => {
  const { stack = "dev", parallel = 64, folder = rehearsalFolder } = options;
  if (!existsSync(folder)) return undefined;
  const rehearsal = await Rehearsal.open({ folder, program: projectRoot, pulumi: options.pulumi, stack });
  options.onStarted?.(() => rehearsal.interrupt());
  try {
    await resume(rehearsal);
    const run = await rehearsal.run("destroy", {
      parallel,
      ...(options.onProgress !== undefined && { onProgress: options.onProgress }),
    });
    if (run.exitCode !== 0) return run;
    const left = rehearsal.cloud.below("");
    if (left.length > 0) throw new LeftoverError(left.map(({ id }) => nameOf(id)));
    rmSync(folder, { recursive: true, force: true });
    return run;
  } finally {
    rehearsal.close();
  }
};

/** Removes everything of earlier rehearsals, unless one is running. */
export const forget = (folder: string): void => {
  if (!existsSync(folder)) return;
  requireIdle(folder);
  rmSync(folder, { recursive: true, force: true });
};
