import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { LocalBesu } from "../toolchain/local-besu";
import { containerCommand, removeContainer } from "./local-container";
import type { LocalNode } from "./local-plan";
import { livePid, writePid } from "./pid-file";

/** Heap of a local node: 64 MB were enough for an idle chain, 512 MB gained nothing (measured, Besu 26.8.0). */
const JAVA_OPTIONS = "-Xmx512m";

/** Besu ends within two or three seconds of SIGTERM; kill -9 has corrupted nothing (measured, Besu 26.8.0). */
const GENTLE_END_MS = 20_000;

const pidFile = ({ folder }: LocalNode): string => join(folder, "besu.pid");

/** Where a node's output goes. */
export const logFile = ({ folder }: LocalNode): string => join(folder, "besu.log");

/** The process id of a node, while it runs. */
export const pidOf = (node: LocalNode): number | undefined => livePid(pidFile(node));

/** Writes files, readable by their owner alone: private keys are among them. */
export function writeFiles(files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, content, { mode: 0o600 });
  }
}

/**
 * Starts a node that goes on after this process; does nothing when it runs already. In a container its process is
 * docker's client, which passes signals on to Besu and what Besu prints to the log.
 */
export async function startNode(node: LocalNode, besu: LocalBesu): Promise<void> {
  if (pidOf(node) !== undefined) return;
  writeFiles(node.files);
  const log = openSync(logFile(node), "a", 0o600);
  const { path, args } = "image" in besu ? containerCommand(node, besu) : { path: besu.path, args: node.args };
  const child = spawn(path, args, {
    cwd: node.folder,
    env: { ...process.env, BESU_OPTS: [process.env.BESU_OPTS, JAVA_OPTIONS].filter(Boolean).join(" ") },
    stdio: ["ignore", log, log],
    detached: true,
  });
  closeSync(log);
  await once(child, "spawn");
  if (child.pid !== undefined) writePid(pidFile(node), child.pid);
  child.unref();
}

/**
 * Ends a node and waits until it has ended: SIGTERM first, then SIGKILL; then what is left of its container.
 *
 * @throws LocalContainerError when the engine does not say that the container is gone
 */
export async function stopNode(node: LocalNode): Promise<void> {
  await endProcess(node);
  await removeContainer(node);
}

async function endProcess(node: LocalNode): Promise<void> {
  const pid = pidOf(node);
  if (pid === undefined) return;
  process.kill(pid, "SIGTERM");
  const deadline = Date.now() + GENTLE_END_MS;
  let forced = false;
  // `pidOf` removes the file once the process is gone.
  while (pidOf(node) !== undefined) {
    if (!forced && Date.now() > deadline) {
      forced = true;
      process.kill(pid, "SIGKILL");
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The last lines of a node's log. */
export function lastLogLines(node: LocalNode, count: number): string[] {
  const file = logFile(node);
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-count);
}

/**
 * Ends the nodes when this process ends without having done so, by SIGKILL too: a shell whose standard input the
 * kernel then closes. Nodes that were stopped have no pid file any more.
 *
 * @returns lets the nodes live on
 */
export function tieToThisProcess(nodes: readonly LocalNode[]): () => void {
  const script = `
cat >/dev/null
for file in "$@"; do
  pid=$(sed -n 's/^{"pid":\\([0-9]*\\),.*/\\1/p' "$file" 2>/dev/null)
  [ -z "$pid" ] || kill "$pid"
done 2>/dev/null`;
  const guard = spawn("/bin/sh", ["-c", script, "guard", ...nodes.map(pidFile)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.stdin.on("error", () => undefined);
  guard.unref();
  return () => {
    guard.removeAllListeners();
    guard.kill("SIGKILL");
    guard.stdin.destroy(); // ends its `cat`, too
  };
}
