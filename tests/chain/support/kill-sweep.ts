import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KillPoint } from "../../../contracts/deploy/kill-points";
import type { Chain } from "../../../rehearsal/chains";
import { projectRoot } from "../../../toolchain/paths";
import { deployer, rpc, transactionsOf } from "./chains";
import { deployAllHere, deployChainHere, planOf } from "./in-process";

/** A point and which time that it is passed: `torn-write:3`. */
export type KillAt = `${KillPoint}:${number}`;

/** Nine deliveries in one process, as nine Commands make them, or one of all nine. */
export const hows = ["apart", "as one"] as const;
export type How = (typeof hows)[number];

const times = (point: KillPoint, count: number): KillAt[] =>
  Array.from({ length: count }, (_, index): KillAt => `${point}:${index + 1}`);

/** Every boundary of the nine transactions, and the first twenty lines of the journal: before, in and after each. */
export const allPoints: readonly KillAt[] = [
  ...(["before-sign", "after-sign", "after-journal", "after-send", "after-receipt"] as const).flatMap((point) =>
    times(point, 9),
  ),
  ...(["before-write", "torn-write", "after-write"] as const).flatMap((point) => times(point, 20)),
];

/** What differs from nine deployments in nine transactions; empty when all is well. */
export type SweepProblem = string;

const preload =
  'import("./toolchain/bundle.mjs").then(({ run }) => run("tests/chain/support/suite-process.ts", { inlinePackages: true }))';

/** Deploys the suite in a process that dies at a point; gives the signal that ended it. */
function deployAndDie(chain: Chain, journal: string, killAt: KillAt, how: How): Promise<NodeJS.Signals | null> {
  const environment = {
    MERIDIAN_TEST_CHAIN: chain.name,
    MERIDIAN_TEST_RPC_URL: chain.rpcUrl,
    MERIDIAN_JOURNAL_DIR: journal,
    MERIDIAN_TEST_KILL_AT: killAt,
    MERIDIAN_TEST_HOW: how,
  };
  return new Promise((resolve, reject) => {
    const child = spawn("node", ["--eval", preload], {
      cwd: projectRoot,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
      stdio: "ignore",
    });
    child.on("error", reject);
    child.on("close", (_, signal) => resolve(signal));
  });
}

/**
 * Kills a deployment of the suite at a point and runs it again in the same way, on a chain that is put back afterwards.
 * @returns what differs from nine deployments; and whether the process died there
 */
export async function killAndResume(
  chain: Chain,
  killAt: KillAt,
  how: How,
): Promise<{ readonly killed: boolean; readonly problems: readonly SweepProblem[] }> {
  const journal = mkdtempSync(join(tmpdir(), "meridian-kill-"));
  const beginning = await rpc(chain, "evm_snapshot");
  try {
    const killed = (await deployAndDie(chain, journal, killAt, how)) === "SIGKILL";
    const again = { chain, journal, mode: "dataflow" } as const;
    await (how === "as one" ? deployChainHere(again) : deployAllHere(again));
    const sent = await transactionsOf(chain, deployer.address);
    const nonces = sent.map(({ nonce }) => nonce).join(" ");
    const codes = await Promise.all(
      planOf(chain.name).map(async ({ address }) => rpc<string>(chain, "eth_getCode", address, "latest")),
    );
    const problems = [
      ...(nonces === "0 1 2 3 4 5 6 7 8" ? [] : [`nonces ${nonces}`]),
      ...(sent.every(({ succeeded }) => succeeded) ? [] : ["a transaction failed"]),
      ...(codes.every((code) => code !== "0x") ? [] : ["a contract is missing"]),
    ];
    return { killed, problems };
  } finally {
    await rpc(chain, "evm_revert", beginning);
    rmSync(journal, { recursive: true, force: true });
  }
}
