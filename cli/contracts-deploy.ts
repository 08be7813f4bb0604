import type { Command } from "commander";

import type { DeployMode } from "../contracts/deploy/deploy";
import { formatTable } from "../table";
import { seconds } from "./batch-options";
import { printJson, reportError } from "./output";

interface DeployOptions {
  readonly stack: string;
  readonly chain?: string;
  readonly rpc?: string;
  readonly mode?: DeployMode;
  readonly journal?: string;
  readonly timeout: number;
  readonly json?: boolean;
}

/** Declares `meridian contracts deploy`. */
export function addContractsDeploy(contracts: Command): void {
  contracts
    .command("deploy")
    .description(
      "Deploy the contracts of all chains at once and make their calls, without Pulumi: on the same journal.",
    )
    .option("--stack <name>", "whose Pulumi.<name>.yaml says what is deployed where", "dev")
    .option("--chain <name>", "this chain only")
    .option(
      "--rpc <url>",
      "with --chain: HTTP address of a node; the configuration's, or the environment's, without it",
    )
    .option("--mode <mode>", "batches or dataflow; the configuration's without it")
    .option("--journal <folder>", "folder of the journal; MERIDIAN_JOURNAL_DIR without it")
    .option("--timeout <seconds>", "for each chain's contracts, and for each call", seconds, 180)
    .option("--json", "print the results as JSON")
    .addHelpText(
      "after",
      `
What is there is adopted, so a later pulumi up finds all of it, and the other way round. Chains do not wait for each
other. The key: MERIDIAN_DEPLOYER_KEY_FILE, MERIDIAN_DEPLOYER_KEY or MERIDIAN_DEPLOYER_KEY_VAULT_KEY; asked for only when
there is something to sign.

Exit code 0: all is there; 1: something is not, and nothing is lost: run it again; 2: bad configuration.

Example:
  npx meridian contracts deploy --stack dev --mode dataflow`,
    )
    .action(deploy);
}

async function deploy(options: DeployOptions): Promise<void> {
  const { stackContracts } = await import("../contracts/status/stack-settings.js");
  const { compileContracts } = await import("../contracts/compile.js");
  const { connect } = await import("../contracts/client.js");
  const { modeOption, rpcUrlOf } = await import("../contracts/options.js");
  const { planChain } = await import("../contracts/plan.js");
  const { planCalls } = await import("../contracts/calls.js");
  const { deployChain } = await import("../contracts/deploy/deploy-chain.js");
  const { Journal } = await import("../contracts/deploy/journal.js");
  const { journalFolder, progressFor } = await import("../contracts/program.js");
  const { chooseSigner } = await import("../contracts/signers/choose.js");
  const { chainNamed } = await import("../contracts/suites/load.js");
  const { policyOf } = await import("../contracts/deploy/policy.js");
  const { KEY_VAULT_VARIABLE } = await import("../contracts/signers/key-id.js");

  const { suite, salt, settings, mode, chains, keyVaultKey } = stackContracts(options.stack);
  if (options.chain !== undefined) chainNamed(options.chain, suite);
  const wanted = chains.filter(({ chain }) => options.chain === undefined || chain === options.chain);
  const build = compileContracts(undefined, suite);
  const environment = { [KEY_VAULT_VARIABLE]: keyVaultKey, ...process.env };
  const requests = wanted.map(({ chain, rpcUrl, policy }) => {
    const given = options.chain === undefined ? undefined : options.rpc;
    const contracts = planChain(chain, settings, salt, build, suite);
    return {
      chain,
      contracts,
      calls: planCalls(chain, contracts, settings, suite),
      client: connect(given ?? rpcUrl ?? rpcUrlOf(chain)),
      journal: new Journal(options.journal ?? journalFolder(), chain),
      account: () => chooseSigner(environment),
      policy: policyOf(policy),
      mode: options.mode === undefined ? mode : modeOption(options.mode),
      timeoutMs: options.timeout * 1000,
      progress: progressFor(chain),
    };
  });
  const ends = await Promise.allSettled(requests.map(deployChain));
  const done = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
  if (options.json === true) printJson(done);
  else if (done.length > 0) {
    const rows = done.flatMap(({ contracts, calls }) => [
      ...contracts.map(({ name, address, adopted, block }) => [name, address, adopted ? "there" : "deployed", block]),
      ...calls.map(({ name, address, done: was, block }) => [name, address, was ? "done" : "called", block]),
    ]);
    const lines = rows.map((row) => row.map((cell) => String(cell ?? "")));
    process.stdout.write(`${formatTable([["NAME", "ADDRESS", "", "BLOCK"], ...lines])}\n`);
  }
  const [first] = ends.flatMap((end) => (end.status === "rejected" ? [reportError(end.reason)] : []));
  if (first !== undefined) process.exitCode = first;
}
