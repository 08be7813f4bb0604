import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { MeridianError } from "../errors";
import { tether } from "../toolchain/tethered";

/** anvil could not be started, or did not answer in time. */
export class AnvilError extends MeridianError {}

/** A running anvil. */
export interface AnvilProcess {
  readonly pid: number;
  readonly port: number;
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Ends it the gentle way, on which it writes its state; by force when that takes too long. */
  readonly close: () => Promise<void>;
}

const START_TIMEOUT_MS = 20_000;
const GENTLE_END_MS = 5_000;
const LONGEST_COMPLAINT = 2_000;

/**
 * Starts anvil and waits until it listens. It runs in a process group of its own, so that Ctrl-C reaches whoever
 * started it first.
 *
 * @throws {AnvilError} with what anvil said
 */
export async function startAnvil(binary: string, args: readonly string[], signal?: AbortSignal): Promise<AnvilProcess> {
  signal?.throwIfAborted();
  const shell = spawn(...tether(binary, args, { tellPid: true }), {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  shell.stdin.on("error", () => undefined); // It closes with the shell.
  let complaint = "";
  shell.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-LONGEST_COMPLAINT);
  });
  const ended = once(shell, "exit").then(() => {
    shell.stdin.destroy();
    shell.stdout.destroy();
  });
  const close = (): Promise<void> => endShell(shell, ended);
  const onAbort = (): void => void close();
  signal?.addEventListener("abort", onAbort, { once: true });
  void ended.then(() => signal?.removeEventListener("abort", onAbort));

  const timeout = setTimeout(() => void close(), START_TIMEOUT_MS);
  try {
    const found = await readStart(shell, ended);
    return { ...found, ended, close };
  } catch {
    await close();
    // Its last words may come after its end; a second is plenty for what is already in the pipe.
    if (!shell.stderr.readableEnded)
      await once(shell.stderr, "end", { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
    throw new AnvilError(`anvil did not start: ${complaint.trim() || "it said nothing"}.`, {
      hint: "Run `npx meridian doctor`; the binary comes with the npm package @foundry-rs/anvil.",
    });
  } finally {
    clearTimeout(timeout);
  }
}

/** Reads process id and port from the first lines, and lets the rest flow away. */
function readStart(shell: ChildProcess, ended: Promise<void>): Promise<{ pid: number; port: number }> {
  return new Promise((resolve, reject) => {
    // Not left to the end of its output: a stream that is destroyed with the process never ends.
    void ended.then(() => reject(new Error("it ended before it listened")));
    if (shell.stdout === null) return;
    let pid = 0;
    createInterface({ input: shell.stdout }).on("line", (line) => {
      pid ||= Number(/^pid (\d+)$/.exec(line)?.[1] ?? 0);
      const port = /^Listening on .*:(\d+)$/.exec(line)?.[1];
      if (port !== undefined) resolve({ pid, port: Number(port) });
    });
  });
}

async function endShell(shell: ChildProcess, ended: Promise<void>): Promise<void> {
  shell.stdin?.end();
  const force = setTimeout(() => {
    if (shell.pid !== undefined && shell.exitCode === null) process.kill(-shell.pid, "SIGKILL");
  }, GENTLE_END_MS);
  await ended;
  clearTimeout(force);
}
