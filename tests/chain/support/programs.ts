import { spawn } from "node:child_process";
import { join } from "node:path";
import type { DeployResult } from "../../../contracts/deploy/deploy";
import type { ChainResult } from "../../../contracts/deploy/deploy-chain";
import type { KillPoint } from "../../../contracts/deploy/kill-points";
import { suite } from "../../../contracts/suite";
import type { VerifyResult } from "../../../contracts/verify/verify";
import type { Chain } from "../../../rehearsal/chains";
import { projectRoot } from "../../../toolchain/paths";
import { deployerKey, owner } from "./chains";

export interface Run<Result = DeployResult> {
  /** The line on stdout; read it after the exit code. */
  readonly result: Result;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  readonly stdout: string;
}

export interface RunOptions {
  readonly chain: Chain;
  readonly journal: string;
  readonly killAt?: KillPoint;
  readonly salt?: string;
  readonly owner?: string;
  readonly more?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
}

/** Runs one of contracts/bin as a Command resource would: from the checkout, with a relative path. */
export function runProgram<Result>(
  program: "deploy" | "verify" | "wait" | "perform",
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<Run<Result>> {
  return new Promise((resolve, reject) => {
    const child = spawn("node", [join("contracts", "bin", `${program}.mjs`), ...args], {
      cwd: projectRoot,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      resolve({ code, signal, stdout, stderr, result: (stdout === "" ? undefined : JSON.parse(stdout)) as Result });
    });
  });
}

const environmentOf = ({ chain, journal, killAt, environment }: RunOptions): NodeJS.ProcessEnv => ({
  [`MERIDIAN_${chain.name.toUpperCase()}_RPC_URL`]: chain.rpcUrl,
  MERIDIAN_DEPLOYER_KEY: deployerKey,
  MERIDIAN_JOURNAL_DIR: journal,
  ...(killAt === undefined ? {} : { MERIDIAN_TEST_KILL_AT: killAt }),
  ...environment,
});

function argumentsOf(contract: string | undefined, { chain, salt, owner: given, more }: RunOptions): string[] {
  const one = contract === undefined ? [] : ["--contract", contract];
  const named = ["--chain", chain.name, ...one, "--salt", salt ?? "test"];
  return [...named, "--owner", given ?? owner, "--timeout-seconds", "60", ...(more ?? [])];
}

/** Deploys one contract in a process of its own. */
export const deployOne = (contract: string, options: RunOptions): Promise<Run> =>
  runProgram("deploy", argumentsOf(contract, options), environmentOf(options));

/** Deploys the whole chain in one process. */
export const deployChainProgram = (options: RunOptions): Promise<Run<ChainResult>> =>
  runProgram("deploy", argumentsOf(undefined, options), environmentOf(options));

/** Verifies one contract in a process of its own. */
export const verifyOne = (contract: string, options: RunOptions): Promise<Run<VerifyResult>> =>
  runProgram("verify", argumentsOf(contract, options), environmentOf(options));

/** The suite's contracts of a chain. */
export const contractsOf = (chain: string): string[] =>
  suite.contracts.filter(({ chains }) => chains.includes(chain)).map(({ name }) => name);

/** Deploys every contract of the chain, all at once, each in a process of its own. */
export const deployAll = (options: RunOptions): Promise<Run[]> =>
  Promise.all(contractsOf(options.chain.name).map((contract) => deployOne(contract, options)));

/** Runs `meridian` itself, in a process of its own. */
export function runMeridian(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn("node", [join("bin", "meridian.mjs"), ...args], {
      cwd: projectRoot,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}
