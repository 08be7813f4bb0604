import { spawn } from "node:child_process";

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** The process and its children are killed after this. @default no limit */
  readonly timeoutMs?: number;
  /** The process and its children are killed when it aborts; the promise then rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** How a process ended. It is an answer, not an exception, that a program is missing or fails. */
export interface RunResult {
  /** Exit code; undefined when it could not be started, was killed or ran out of time. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Why there is no exit code. */
  readonly problem?: string;
}

export type Run = (command: string, args: readonly string[], options?: RunOptions) => Promise<RunResult>;

const interrupts = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs a program to its end and collects what it prints. It gets a process group of its own, so that a time limit,
 * an abort or Ctrl-C also ends what it has started itself (an installer's curl, a compiler).
 *
 * @throws the signal's reason when the signal aborts
 */
export const run: Run = (command, args, options = {}) => {
  const { cwd, env, timeoutMs, signal } = options;
  signal?.throwIfAborted();
  const group = process.platform !== "win32";
  return new Promise<RunResult>((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: group,
      windowsHide: true,
    });
    let stdout = "";
    let stderr = "";
    let timedOut = false;
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));

    const kill = () => {
      try {
        if (group && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
        else child.kill("SIGKILL");
      } catch {
        // it has ended already
      }
    };
    const passOn = (name: NodeJS.Signals) => {
      kill();
      // Ours was the only listener: without it the signal does what it does by default.
      if (process.listenerCount(name) === 1) process.removeListener(name, passOn).kill(process.pid, name);
    };
    const outOfTime = () => {
      timedOut = true;
      kill();
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(outOfTime, timeoutMs);
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", kill);
      process.removeListener("exit", kill);
      for (const name of interrupts) process.removeListener(name, passOn);
    };
    signal?.addEventListener("abort", kill);
    process.once("exit", kill);
    for (const name of interrupts) process.on(name, passOn);

    child.once("error", (error) => {
      finish();
      resolve({ code: undefined, stdout, stderr, problem: error.message });
    });
    child.once("close", (code, killedBy) => {
      finish();
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const problem = timedOut ? `no end after ${(timeoutMs ?? 0) / 1000} s` : `killed by ${killedBy ?? "a signal"}`;
      resolve(code === null ? { code: undefined, stdout, stderr, problem } : { code, stdout, stderr });
    });
  });
};

/** The last lines that a failed program printed, or why it did not run: for an error message. */
export function explainFailure(result: RunResult, lines = 4): string {
  if (result.problem !== undefined) return result.problem;
  const said = (result.stderr.trim() === "" ? result.stdout : result.stderr).trim();
  return `exit code ${result.code ?? "?"}${said === "" ? "" : `: ${said.split("\n").slice(-lines).join("\n")}`}`;
}
