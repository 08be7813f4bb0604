import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { planCalls, type PlannedCall } from "../contracts/calls";
import {
  callLine,
  callTriggers,
  contractLine,
  contractTriggers,
  waitLine,
  type LineSettings,
  type Observed,
} from "../contracts/command-lines";
import { compileContracts } from "../contracts/compile";
import type { DeployMode, DeployResult } from "../contracts/deploy/deploy";
import type { PerformResult } from "../contracts/deploy/perform";
import { addressOption, rpcUrlVariable } from "../contracts/options";
import { planRows, viewOf } from "../contracts/outlook/describe";
import type { ChainOutlook } from "../contracts/outlook/outlook";
import { planChain, type PlannedContract } from "../contracts/plan";
import { KEY_VAULT_VARIABLE } from "../contracts/signers/key-id";
import type { Suite } from "../contracts/suites/format";
import { loadSuite } from "../contracts/suites/load";
import type { Verdict, VerifyResult } from "../contracts/verify/verify";
import { logicalName } from "../regions/naming";
import { formatTable } from "../table";

export interface ContractsArgs extends LineSettings {
  /** HTTP address of a node. @default the suite's, else MERIDIAN_<CHAIN>_RPC_URL of the engine's environment */
  readonly rpcUrl?: pulumi.Input<string>;
  /**
   * Identifier of a secp256k1 key in Azure Key Vault that signs; no secret.
   * @default the key of the engine's environment, which also comes before this one
   */
  readonly keyVaultKey?: string;
  /** Whether to wait, before the first contract, until the chain makes blocks. @default what the suite says */
  readonly waitUntilReady?: boolean;
  /** What the chain said of the plan before anything was registered. @default it is unknown */
  readonly outlook?: ChainOutlook;
}

/** One contract as the stack shows it. */
export interface DeployedContract {
  /** Known at preview: it follows from factory, salt and init code. */
  readonly address: string;
  /** Hash of the transaction that created it; null when somebody else's did. */
  readonly transaction: pulumi.Output<string | null>;
  /** Whether it was there already. */
  readonly adopted: pulumi.Output<boolean>;
  /** `adopted`: it is somebody else's deployment, whose code was compared with what the suite says. */
  readonly verdict: pulumi.Output<Verdict | "adopted">;
}

/** One call after deployment as the stack shows it. */
export interface MadeCall {
  /** The contract that is called. */
  readonly address: string;
  /** Hash of the transaction that made it; null when it was not needed. */
  readonly transaction: pulumi.Output<string | null>;
}

/** What can be planned of a chain without asking it. */
export interface ChainPlan {
  readonly suite: Suite;
  readonly contracts: readonly PlannedContract[];
  readonly calls: readonly PlannedCall[];
}

/**
 * Plans a chain's contracts and calls.
 * @throws {SuiteError}, {OptionError} and what the compiler says
 */
export function planOf({ suite: path, chain, salt, owner, signers, threshold }: ContractsArgs): ChainPlan {
  const settings = {
    owner: addressOption(owner, "owner"),
    signers: signers?.map((signer) => addressOption(signer, "signers")),
    threshold,
  };
  const report = (text: string): void => void pulumi.log.info(text);
  const suite = loadSuite(path);
  const contracts = planChain(chain, settings, salt, compileContracts(report, suite), suite);
  return { suite, contracts, calls: planCalls(chain, contracts, settings, suite) };
}

/**
 * The contracts of one chain, batch after batch, each verified after it is deployed, and the calls after them. It has
 * no edge to a region: the chain is waited for at its address. Nothing secret is in it; the deployer's key comes from
 * the engine's environment.
 */
export class Contracts extends pulumi.ComponentResource {
  /** By logical name, `chain138-weth9`. */
  readonly contracts: Readonly<Record<string, DeployedContract>>;
  /** By logical name. */
  readonly calls: Readonly<Record<string, MadeCall>>;

  constructor(name: string, args: ContractsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:contracts:Contracts", name, {}, opts);
    const plan = planOf(args);
    announce(plan, args);
    const wait = args.waitUntilReady ?? plan.suite.chains[args.chain]?.waitForBlocks === true;
    const ready = wait ? [this.createReady(args)] : [];
    const deployments = this.createBatches(plan.contracts, args, ready);
    const calls = this.createCalls(plan.calls, args, deployments);
    this.contracts = Object.fromEntries(
      plan.contracts.flatMap((planned) => {
        const deployment = deployments.get(planned.name);
        if (deployment === undefined) return [];
        const after = plan.calls.flatMap(({ to, name: call }) =>
          to === planned.address ? (calls.get(call) ?? []) : [],
        );
        return [[planned.name, this.describe(planned, deployment, after, args)]];
      }),
    );
    this.calls = Object.fromEntries(
      plan.calls.flatMap(({ name: call, to }) => {
        const made = calls.get(call)?.stdout.apply((line) => JSON.parse(line) as PerformResult);
        return made === undefined
          ? []
          : [[call, { address: to, transaction: made.apply(({ transaction }) => transaction) }]];
      }),
    );
    this.registerOutputs({ contracts: this.contracts, calls: this.calls });
  }

  /** Deploys the batches in order: a batch waits for the whole one before it, unless there are no barriers. */
  private createBatches(
    plan: readonly PlannedContract[],
    args: ContractsArgs,
    ready: readonly command.local.Command[],
  ): ReadonlyMap<string, command.local.Command> {
    const deployments = new Map<string, command.local.Command>();
    let before = ready;
    for (const batch of args.mode === "dataflow" ? [plan] : batchesOfPlan(plan)) {
      const dependsOn = before;
      before = batch.map((planned) => {
        const line = contractLine("deploy", planned, args);
        const deployment = this.createCommand(
          planned.name,
          line,
          args,
          contractTriggers(planned, args.outlook),
          dependsOn,
        );
        deployments.set(planned.name, deployment);
        return deployment;
      });
    }
    return deployments;
  }

  /** Makes the calls, each after the contracts and calls that it needs. */
  private createCalls(
    calls: readonly PlannedCall[],
    args: ContractsArgs,
    deployments: ReadonlyMap<string, command.local.Command>,
  ): ReadonlyMap<string, command.local.Command> {
    const made = new Map<string, command.local.Command>();
    for (const planned of calls) {
      const dependsOn = planned.needs.flatMap((need) => deployments.get(need) ?? made.get(need) ?? []);
      const triggers = callTriggers(planned, args.outlook);
      made.set(planned.name, this.createCommand(planned.name, callLine(planned, args), args, triggers, dependsOn));
    }
    return made;
  }

  /** Verifies a deployed contract, after the calls that may upgrade it, and gathers what is known of it. */
  private describe(
    planned: PlannedContract,
    deployment: command.local.Command,
    calls: readonly command.local.Command[],
    args: ContractsArgs,
  ): DeployedContract {
    const deployed = deployment.stdout.apply((line) => JSON.parse(line) as DeployResult);
    const common = {
      address: planned.address,
      transaction: deployed.apply(({ transaction }) => transaction),
      adopted: deployed.apply(({ adopted }) => adopted),
    };
    if (planned.adopt !== undefined) return { ...common, verdict: deployed.apply(() => "adopted" as const) };
    const verification = this.createCommand(
      logicalName(planned.name, "verify"),
      contractLine("verify", planned, args),
      args,
      contractTriggers(planned, args.outlook),
      [deployment, ...calls],
    );
    const verified = verification.stdout.apply((line) => JSON.parse(line) as VerifyResult);
    return { ...common, verdict: verified.apply(({ verdict }) => verdict) };
  }

  private createReady(args: ContractsArgs): command.local.Command {
    const once: Observed = { triggers: [], ignoreChanges: [] };
    return this.createCommand(logicalName(args.chain, "ready"), waitLine(args), args, once, []);
  }

  private createCommand(
    name: string,
    line: string,
    args: ContractsArgs,
    { triggers, ignoreChanges }: Observed,
    dependsOn: readonly command.local.Command[],
  ): command.local.Command {
    const environment = environmentOf(args);
    return new command.local.Command(
      name,
      // Progress goes to stderr; stdout is the result and would only repeat the outputs.
      { create: line, triggers: [...triggers], environment, logging: command.local.Logging.Stderr },
      { parent: this, dependsOn: [...dependsOn], ignoreChanges: [...ignoreChanges] },
    );
  }
}

/** What the programs find in their environment; undefined when all of it is the engine's own. */
function environmentOf({
  chain,
  rpcUrl,
  keyVaultKey,
}: ContractsArgs): Record<string, pulumi.Input<string>> | undefined {
  const environment = {
    ...(rpcUrl !== undefined && { [rpcUrlVariable(chain)]: rpcUrl }),
    ...(keyVaultKey !== undefined && { [KEY_VAULT_VARIABLE]: keyVaultKey }),
  };
  return Object.keys(environment).length === 0 ? undefined : environment;
}

/** Prints the plan of a chain that was asked, and warns of what will go wrong or slowly. */
function announce({ contracts, calls }: ChainPlan, { chain, mode = "batches", outlook }: ContractsArgs): void {
  const tooFew = parallelismWarning(chain, mode, contracts.length);
  if (tooFew !== undefined) void pulumi.log.warn(tooFew);
  if (outlook === undefined) return;
  const { summary, warnings, lines } = viewOf(chain, contracts, calls, mode, outlook);
  const isDone = lines.every(({ action }) => action === "there" || action === "adopt" || action === "done");
  void pulumi.log.info(isDone ? summary : `${summary}\n${formatTable(planRows(lines))}`);
  for (const warning of warnings) void pulumi.log.warn(warning);
}

/** What to say when the engine starts fewer deployments at a time than could be in one block. */
function parallelismWarning(chain: string, mode: DeployMode, contracts: number): string | undefined {
  // The language host hands `--parallel` over in it (sdk/nodejs/cmd/run).
  const parallel = Number(process.env.PULUMI_NODEJS_PARALLEL ?? Number.POSITIVE_INFINITY);
  if (mode !== "dataflow" || !(parallel >= 1) || parallel >= contracts) return undefined;
  return (
    `${chain}: --parallel is ${parallel}, and mode dataflow could send ${contracts} contracts at once. ` +
    `Fewer cost blocks: give --parallel ${contracts} or more.`
  );
}

/** The plan by batch, the first one first. */
function batchesOfPlan(plan: readonly PlannedContract[]): PlannedContract[][] {
  const batches: PlannedContract[][] = [];
  for (const planned of plan) (batches[planned.batch] ??= []).push(planned);
  return batches;
}
