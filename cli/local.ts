import { join } from "node:path";

import type { Command } from "commander";

import type { NetworkStatus } from "../operations/local-status";
import { findLocalBesu } from "../toolchain/local-besu";
import { projectRoot } from "../toolchain/paths";
import { showProgress } from "../toolchain/progress";
import { wholeNumber } from "./rehearsal-command";
import { formatTable } from "../table";
import { printJson } from "./output";

/** Where the local network's keys, genesis and chain are; apart from `.rehearsal/`, which rehearsals remove. */
export const localNetworkFolder = join(projectRoot, ".meridian", "local");

interface UpOptions {
  readonly validators?: number;
  readonly shiftPorts?: number;
  readonly json?: boolean;
}

/** Declares `meridian local up|status|logs|down`. */
export function addLocal(program: Command): void {
  const local = program
    .command("local")
    .description(
      "Run a network of real Besu processes on this machine, with the genesis, keys and flags of the regions.",
    )
    .addHelpText(
      "after",
      "\nExample:\n  npx meridian local up --validators 4\n\nNeeds Besu in BESU_HOME or on PATH, or a Docker engine: docs/local-network.md.",
    );
  local
    .command("up")
    .description("Start the network, making it first if there is none, and wait until blocks advance.")
    .option("--validators <n>", "how many validators a new network has (4)", wholeNumber(1))
    .option("--shift-ports <n>", "added to the ports 8545, 30303, 9545 and 8745 of a new network", wholeNumber(0))
    .option("--json", "print the status as JSON")
    .action(up);
  local
    .command("status")
    .description("Show each validator: its process, newest block and peers.")
    .option("--json", "print it as JSON")
    .addHelpText("after", "\nExit code 0 when every validator runs and has all others as peers, 1 otherwise.")
    .action(status);
  local
    .command("logs")
    .description("Show the last lines of the validators' logs.")
    .argument("[validator]", "one alone, e.g. validator-0")
    .option("--lines <n>", "how many of each", wholeNumber(1), 20)
    .action(logs);
  local
    .command("down")
    .description("End every validator; the chain goes on with the next `up`.")
    .option("--purge", "also forget keys, genesis and chain")
    .action(down);
}

async function up({ validators, shiftPorts = 0, json = false }: UpOptions): Promise<void> {
  const progress = showProgress();
  const besu = await findLocalBesu(undefined, progress);
  const { upLocalNetwork } = await import("../operations/local-network.js");
  const { defaultPorts, MOST_LOCAL_VALIDATORS } = await import("../operations/local-plan.js");
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    const ready = await upLocalNetwork({
      folder: localNetworkFolder,
      besu,
      signal: interrupted.signal,
      onStep: (text) => progress({ kind: "note", text }),
      ...(validators !== undefined && { validators }),
      ...(shiftPorts > 0 && {
        ports: Array.from({ length: MOST_LOCAL_VALIDATORS }, (_, ordinal) => defaultPorts(ordinal, shiftPorts)),
      }),
    });
    if (json) printJson(ready);
    else process.stdout.write(`${describeNetwork(ready)}\n`);
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    process.stderr.write("stopped; what was started has ended\n");
    process.exitCode = 130;
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

async function status({ json = false }: { readonly json?: boolean }): Promise<void> {
  const { networkStatus } = await import("../operations/local-status.js");
  const now = await networkStatus(await requireNetwork());
  if (json) printJson(now);
  else process.stdout.write(`${describeNetwork(now)}\n`);
  if (!now.connected) process.exitCode = 1;
}

async function logs(validator: string | undefined, { lines }: { readonly lines: number }): Promise<void> {
  const { lastLogLines, logFile } = await import("../operations/local-node.js");
  const { nodes } = await requireNetwork(validator);
  for (const node of nodes) {
    if (validator !== undefined && node.name !== validator) continue;
    process.stdout.write(`== ${node.name}: ${logFile(node)}\n${lastLogLines(node, lines).join("\n")}\n`);
  }
}

async function down({ purge = false }: { readonly purge?: boolean }): Promise<void> {
  const { downLocalNetwork } = await import("../operations/local-network.js");
  const ended = await downLocalNetwork(localNetworkFolder, { purge });
  const rest = purge ? "Keys, genesis and chain are gone." : "The chain is kept: `local up` goes on with it.";
  process.stdout.write(`${ended} validators ended. ${rest}\n`);
}

/** @throws LocalNetworkError when there is no network, or no validator of that name */
async function requireNetwork(validator?: string) {
  const { findLocalNetwork, LocalNetworkError } = await import("../operations/local-network.js");
  const plan = findLocalNetwork(localNetworkFolder);
  if (plan === undefined) {
    throw new LocalNetworkError("There is no local network.", { hint: "Make one: npx meridian local up" });
  }
  if (validator !== undefined && !plan.nodes.some(({ name }) => name === validator)) {
    const names = plan.nodes.map(({ name }) => name).join(", ");
    throw new LocalNetworkError(`There is no validator "${validator}".`, { hint: `Name one of: ${names}.` });
  }
  return plan;
}

/** The table of a network, and one line that says how it is. */
export function describeNetwork({ chainId, nodes, needsPeers, connected, head }: NetworkStatus): string {
  const rows = nodes.map(({ name, pid, head: own, peers, rpcUrl, address }) => [
    name,
    pid === undefined ? "not running" : String(pid),
    own === undefined ? "-" : String(own),
    peers === undefined ? "-" : `${peers}/${needsPeers}`,
    rpcUrl,
    address,
  ]);
  const table = formatTable([["VALIDATOR", "PROCESS", "BLOCK", "PEERS", "RPC", "ADDRESS"], ...rows]);
  const verdict = connected ? "every validator has all its peers" : "not every validator has all its peers";
  return `${table}\n\nChain ${chainId} at block ${head ?? "-"}: ${verdict}.`;
}
