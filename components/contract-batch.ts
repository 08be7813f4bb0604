import { createHash } from "node:crypto";
import { isAbsolute, join } from "node:path";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { signatureOf } from "../contracts/batch/command";
import { BatchInputError } from "../contracts/batch/errors";
import { parseBatch, readInput } from "../contracts/batch/file";
import type { Isolation } from "../contracts/batch/isolation";
import type { BatchSummary } from "../contracts/batch/report";
import { parseSignature } from "../contracts/batch/signature";
import { addressOption, rpcUrlVariable } from "../contracts/options";
import { logicalName } from "../regions/naming";
import { projectRoot } from "../toolchain/paths";

export interface ContractBatchArgs {
  /** Path of the suite that has the chain, as `Contracts` takes it. @default Meridian's own */
  readonly suite?: string;
  /** The chain that the contract is on. */
  readonly chain: string;
  /** Address of the contract, as `Contracts` predicts it. */
  readonly address: string;
  /** `name(types)(types)`. */
  readonly function: string;
  /** Batch file (docs/batch.md), absolute or relative to the checkout. */
  readonly batchArgs: string;
  /** What items see of each other. @default "independent" */
  readonly isolation?: Isolation;
  /** HTTP address of a node. @default MERIDIAN_<CHAIN>_RPC_URL of the engine's environment */
  readonly rpcUrl?: pulumi.Input<string>;
  /** Run again when one of these changes, beside address, function and file. @default none */
  readonly triggers?: readonly pulumi.Input<string>[];
}

/**
 * Calls a contract with every item of a batch file after a deployment: a smoke test. An item that does not pass fails
 * the update. Mistakes in the file fail the preview.
 *
 * Give `dependsOn` for what must be deployed before.
 */
export class ContractBatch extends pulumi.ComponentResource {
  /** Totals of the newest run. */
  readonly summary: pulumi.Output<BatchSummary>;

  /** @param name begins with the chain: `chain138-smoke` */
  constructor(name: string, args: ContractBatchArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:contracts:ContractBatch", name, {}, opts);
    const address = addressOption(args.address, "address");
    const isolation = args.isolation ?? "independent";
    const fn = parseSignature(args.function);
    const path = isAbsolute(args.batchArgs) ? args.batchArgs : join(projectRoot, args.batchArgs);
    const text = readInput(path, "The batch file");
    parseBatch(text, args.batchArgs, fn, isolation);

    const environment = args.rpcUrl === undefined ? undefined : { [rpcUrlVariable(args.chain)]: args.rpcUrl };
    const line = commandLine({
      contract: address,
      function: signatureOf(fn),
      "batch-args": args.batchArgs,
      ...(args.suite !== undefined && { suite: args.suite }),
      chain: args.chain,
      isolation,
      format: "ndjson",
    });
    const run = new command.local.Command(
      logicalName(name, "run"),
      {
        create: line,
        triggers: [address, createHash("sha256").update(line).update(text).digest("hex"), ...(args.triggers ?? [])],
        environment,
        logging: command.local.Logging.Stderr,
      },
      { parent: this },
    );
    this.summary = run.stdout.apply(summaryOf);
    this.registerOutputs({ summary: this.summary });
  }
}

/** Relative to the checkout, where the engine runs commands; stdout holds what failed and the totals. */
function commandLine(options: Readonly<Record<string, string>>): string {
  const flags = Object.entries(options).map(([flag, value]) => `--${flag} ${quoted(value)}`);
  return ["node bin/meridian.mjs batch --failed-only", ...flags].join(" ");
}

const quoted = (value: string): string => {
  if (!value.includes("'")) return `'${value}'`;
  throw new BatchInputError(`${value} holds a quotation mark, which a shell would take for its own.`, "Rename it.");
};

/** The last line of the NDJSON. */
const summaryOf = (stdout: string): BatchSummary =>
  JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as BatchSummary;
