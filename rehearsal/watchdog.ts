import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

import { projectRoot } from "../toolchain/paths";

/** Sees to it that no process outlives the rehearsal that started it, however that dies. */
export class Watchdog {
  private readonly child: ChildProcess;

  constructor() {
    // Detached: a Ctrl-C in the terminal is not for it.
    this.child = spawn(process.execPath, [join(projectRoot, "rehearsal", "watchdog-process.cjs")], {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
      env: {},
    });
    this.child.unref();
    this.child.stdin?.on("error", () => undefined);
    (this.child.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  }

  /** Watches a process that was started detached, with all of its session, until it ends. */
  watch(process: ChildProcess): void {
    const { pid } = process;
    if (pid === undefined) return;
    this.child.stdin?.write(`+${pid}\n`);
    process.once("exit", () => this.child.stdin?.write(`-${pid}\n`));
  }

  /** Ends the watch; what is still running is ended with it. */
  close(): void {
    this.child.stdin?.end();
  }
}
