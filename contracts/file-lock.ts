import { closeSync, openSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { projectRoot } from "../toolchain/paths";
import { ContractsError } from "./errors";

/** The two calls that Meridian uses of fs-native-extensions, which brings no types and cannot be bundled. */
interface KernelLocks {
  tryLock(fd: number): boolean;
  waitForLockSync(fd: number): void;
}

let loaded: KernelLocks | undefined;
const kernelLocks = (): KernelLocks =>
  (loaded ??= createRequire(join(projectRoot, "package.json"))("fs-native-extensions") as KernelLocks);

/** How often a held lock is tried again, in milliseconds; with jitter, so that waiters do not march in step. */
const RETRY_MS = 10;

/** Somebody else kept the lock for longer than we wait. */
export class LockTimeoutError extends ContractsError {
  constructor(path: string, timeoutMs: number) {
    super(
      `Another process has held the lock ${path} for ${timeoutMs / 1000} s.`,
      "Let that deployment finish or end it (the kernel then frees the lock), and run this again.",
    );
  }
}

/**
 * Runs `work` while holding an exclusive lock on a file. The lock belongs to the open file, so the kernel releases it
 * when the process dies, however it dies; the file itself stays and means nothing.
 *
 * @param timeoutMs how long to wait for another holder
 * @throws {LockTimeoutError}
 */
export async function withLock<T>(
  path: string,
  timeoutMs: number,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const fd = openSync(path, "a+", 0o600);
  try {
    const deadline = Date.now() + timeoutMs;
    while (!kernelLocks().tryLock(fd)) {
      if (Date.now() >= deadline) throw new LockTimeoutError(path, timeoutMs);
      await delay(RETRY_MS * (0.5 + Math.random()), undefined, { signal });
    }
    return await work();
  } finally {
    closeSync(fd);
  }
}

/**
 * Takes an exclusive lock on a file, if nobody has it.
 *
 * @returns what frees it, as the end of the process does; undefined when another open file has it
 */
export function tryFileLock(path: string): (() => void) | undefined {
  const fd = openSync(path, "a+", 0o600);
  if (kernelLocks().tryLock(fd)) return () => closeSync(fd);
  closeSync(fd);
  return undefined;
}

/** Runs `work` while holding an exclusive lock on a file, and blocks this thread until it is granted. */
export function withFileLock<T>(path: string, work: () => T): T {
  const fd = openSync(path, "a+", 0o600);
  try {
    kernelLocks().waitForLockSync(fd);
    return work();
  } finally {
    closeSync(fd);
  }
}
