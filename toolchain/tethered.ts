import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { once } from "node:events";

/** A program that ends with the process that started it. */
export interface Tethered {
  /** Resolves with the exit code when it has ended, for whatever reason; null after a signal. */
  readonly ended: Promise<number | null>;
  readonly hasEnded: () => boolean;
  /** SIGTERM, and SIGKILL when that takes too long. */
  readonly close: () => Promise<void>;
}

export interface TetherOptions {
  /** File that takes all that it prints. */
  readonly log: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** How long it may take to end by itself. @default 10,000 */
  readonly gentleEndMs?: number;
}

/**
 * A shell that ends the program when its own standard input closes. The kernel closes it when the process that started
 * this one dies, by SIGKILL too.
 */
const WATCHDOG = `
exec 3<&0
"$@" &
child=$!
[ "$TELL_PID" = 1 ] && echo "pid $child"
{ cat <&3 >/dev/null; kill "$child"; } >/dev/null 2>&1 &
watch=$!
wait "$child"
status=$?
kill "$watch" 2>/dev/null
exit "$status"`;

/**
 * The shell for `spawn` around a program. Its standard input must be a pipe that nobody writes to.
 *
 * @param tellPid whether its first line on standard output is `pid N`, of the program
 */
export const tether = (
  command: string,
  args: readonly string[],
  { tellPid = false } = {},
): readonly [shell: string, args: readonly string[]] => [
  "/bin/sh",
  ["-c", `TELL_PID=${tellPid ? 1 : 0}${WATCHDOG}`, "watchdog", command, ...args],
];

/** Starts a program in a process group of its own, tied to the life of this process. Not for Windows. */
export function startTethered(command: string, args: readonly string[], options: TetherOptions): Tethered {
  const log = openSync(options.log, "a", 0o600);
  const shell = spawn(...tether(command, args), {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["pipe", log, log],
    detached: true,
  });
  closeSync(log);
  shell.stdin?.on("error", () => undefined); // It closes with the shell.
  const ended = once(shell, "exit").then(([code]) => {
    shell.stdin?.destroy();
    return code as number | null;
  });
  const hasEnded = (): boolean => shell.exitCode !== null || shell.signalCode !== null;
  return { ended, hasEnded, close: () => end(shell, ended, options.gentleEndMs ?? 10_000) };
}

async function end(shell: ChildProcess, ended: Promise<unknown>, gentleEndMs: number): Promise<void> {
  shell.stdin?.end();
  const force = setTimeout(() => {
    try {
      if (shell.pid !== undefined) process.kill(-shell.pid, "SIGKILL");
    } catch {
      // it has ended meanwhile
    }
  }, gentleEndMs);
  await ended;
  clearTimeout(force);
}
