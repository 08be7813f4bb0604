import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { compileContracts } from "../contracts/compile";
import type { DeployMode, DeployResult } from "../contracts/deploy/deploy";
import type { PolicySettings } from "../contracts/deploy/policy";
import { addressOption, rpcUrlVariable } from "../contracts/options";
import { planChain, type PlannedContract } from "../contracts/plan";
import { KEY_VAULT_VARIABLE } from "../contracts/signers/key-id";
import type { ChainName } from "../contracts/suite";
import type { Verdict, VerifyResult } from "../contracts/verify/verify";
import { logicalName } from "../regions/naming";

export interface ContractsArgs extends PolicySettings {
  /** Which of the suite's chains. */
  readonly chain: ChainName;
  /** Salt of every CREATE2 address: any text, or 32 bytes as `0x…`. */
  readonly salt: string;
  /** Account that owns what has an owner. */
  readonly owner: string;
  /** Owners of the MultiSig. @default the owner alone */
  readonly signers?: readonly string[];
  /** Confirmations that the MultiSig wants. @default more than half of the signers */
  readonly threshold?: number;
  /**
   * `batches`: a batch waits for the whole one before it. `dataflow`: no barrier; each deployment sends what it needs
   * and does not find first, so that everything may be in one block.
   * @default "batches"
   */
  readonly mode?: DeployMode;
  /** HTTP address of a node. @default MERIDIAN_CHAIN138_RPC_URL or MERIDIAN_CHAIN1_RPC_URL of the engine's environment */
  readonly rpcUrl?: pulumi.Input<string>;
  /**
   * Identifier of a secp256k1 key in Azure Key Vault that signs; no secret.
   * @default the key of the engine's environment, which also comes before this one
   */
  readonly keyVaultKey?: string;
  /** Whether to wait, before the first contract, until the chain makes blocks. @default true for chain138 */
  readonly waitUntilReady?: boolean;
}

/** One contract as the stack shows it. */
export interface DeployedContract {
  /** Known at preview: it follows from factory, salt and init code. */
  readonly address: string;
  /** Hash of the transaction that created it; null when somebody else's did. */
  readonly transaction: pulumi.Output<string | null>;
  /** Whether it was there already. */
  readonly adopted: pulumi.Output<boolean>;
  readonly verdict: pulumi.Output<Verdict>;
}

/** Commands of one contract, by the program that they run. */
type Program = "deploy" | "verify" | "wait";

/**
 * The contracts of one chain, batch after batch, each verified after it is deployed. It has no edge to a region: the
 * chain is waited for at its address. Nothing secret is in it; the deployer's key comes from the engine's environment.
 */
export class Contracts extends pulumi.ComponentResource {
  /** By logical name, `chain138-weth9`. */
  readonly contracts: Readonly<Record<string, DeployedContract>>;

  constructor(name: string, args: ContractsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:contracts:Contracts", name, {}, opts);
    const plan = planContracts(args);
    const ready = (args.waitUntilReady ?? args.chain === "chain138") ? [this.createReady(args)] : [];
    const batches = args.mode === "dataflow" ? [plan] : batchesOfPlan(plan);
    const deployments = this.createBatches(batches, args, ready);
    this.contracts = Object.fromEntries(
      plan.flatMap((planned) => {
        const deployment = deployments.get(planned.name);
        return deployment === undefined ? [] : [[planned.name, this.describe(planned, deployment, args)]];
      }),
    );
    this.registerOutputs({ contracts: this.contracts });
  }

  /** Deploys the batches in order: a batch waits for the whole one before it. */
  private createBatches(
    batches: readonly (readonly PlannedContract[])[],
    args: ContractsArgs,
    ready: readonly command.local.Command[],
  ): ReadonlyMap<string, command.local.Command> {
    const deployments = new Map<string, command.local.Command>();
    let before = ready;
    for (const batch of batches) {
      const dependsOn = before;
      before = batch.map((planned) => {
        const line = contractCommand("deploy", planned, args, { mode: args.mode, ...policyFlags(args) });
        const triggers = [planned.initCodeHash, planned.address];
        const deployment = this.createCommand(planned.name, line, args, { triggers, dependsOn });
        deployments.set(planned.name, deployment);
        return deployment;
      });
    }
    return deployments;
  }

  /** Verifies a deployed contract, and gathers what is known of it. */
  private describe(planned: PlannedContract, deployment: command.local.Command, args: ContractsArgs): DeployedContract {
    const verification = this.createCommand(
      logicalName(planned.name, "verify"),
      contractCommand("verify", planned, args),
      args,
      { triggers: [planned.initCodeHash, planned.address], dependsOn: [deployment] },
    );
    const deployed = deployment.stdout.apply((line) => JSON.parse(line) as DeployResult);
    const verified = verification.stdout.apply((line) => JSON.parse(line) as VerifyResult);
    return {
      address: planned.address,
      transaction: deployed.apply(({ transaction }) => transaction),
      adopted: deployed.apply(({ adopted }) => adopted),
      verdict: verified.apply(({ verdict }) => verdict),
    };
  }

  private createReady(args: ContractsArgs): command.local.Command {
    const line = programLine("wait", { chain: args.chain });
    return this.createCommand(logicalName(args.chain, "ready"), line, args, { triggers: [], dependsOn: [] });
  }

  private createCommand(
    name: string,
    line: string,
    args: ContractsArgs,
    given: { readonly triggers: readonly string[]; readonly dependsOn: readonly command.local.Command[] },
  ): command.local.Command {
    const environment = environmentOf(args);
    return new command.local.Command(
      name,
      // Progress goes to stderr; stdout is the result and would only repeat the outputs.
      { create: line, triggers: [...given.triggers], environment, logging: command.local.Logging.Stderr },
      { parent: this, dependsOn: [...given.dependsOn] },
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

/** Options of a deployment alone. */
const policyFlags = (args: PolicySettings): Readonly<Record<string, string | undefined>> => ({
  "max-fee-gwei": args.maxFeeGwei?.toString(),
  "max-priority-fee-gwei": args.maxPriorityFeeGwei?.toString(),
  "replace-after-blocks": args.replaceAfterBlocks?.toString(),
  confirmations: args.confirmations?.toString(),
});

function planContracts({ chain, salt, owner, signers, threshold }: ContractsArgs): PlannedContract[] {
  const settings = {
    owner: addressOption(owner, "owner"),
    signers: signers?.map((signer) => addressOption(signer, "signers")),
    threshold,
  };
  const report = (text: string): void => void pulumi.log.info(text);
  return planChain(chain, settings, salt, compileContracts(report));
}

/** The settings of a command line that leads to a planned contract; the salt as bytes needs no quoting. */
function contractCommand(
  program: Program,
  planned: PlannedContract,
  args: ContractsArgs,
  more: Readonly<Record<string, string | undefined>> = {},
): string {
  return programLine(program, {
    chain: planned.chain,
    contract: planned.contract,
    salt: planned.salt,
    owner: args.owner,
    signers: args.signers?.join(","),
    threshold: args.threshold?.toString(),
    address: planned.address,
    ...more,
  });
}

/** The plan by batch, the first one first. */
function batchesOfPlan(plan: readonly PlannedContract[]): PlannedContract[][] {
  const batches: PlannedContract[][] = [];
  for (const planned of plan) (batches[planned.batch] ??= []).push(planned);
  return batches;
}

/** Relative to the checkout, where the engine runs commands, so that it is the same on every machine. */
function programLine(program: Program, options: Readonly<Record<string, string | undefined>>): string {
  const flags = Object.entries(options).flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag} ${value}`]));
  return [`node contracts/bin/${program}.mjs`, ...flags].join(" ");
}
