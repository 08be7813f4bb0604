import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { join } from "node:path";

import { z } from "zod";

import { MeridianError } from "../../errors";

/** Who holds a stack of a file backend (pulumi/pulumi pkg/backend/diy/lock.go, lockContent). */
const lockSchema = z.object({
  pid: z.int(),
  username: z.string(),
  hostname: z.string(),
  timestamp: z.string(),
});
export type StackLock = z.infer<typeof lockSchema>;

/** What stands in the way of a run. */
export type LockVerdict =
  | { readonly kind: "free" }
  /** All of them are of processes of this machine that are gone. */
  | { readonly kind: "stale"; readonly locks: readonly StackLock[] }
  | { readonly kind: "held"; readonly by: StackLock };

/**
 * Judges locks: one is stale when its process ran on this machine and is gone. Of another machine's nothing is known,
 * so it counts as held.
 */
export const judgeLocks = (
  locks: readonly StackLock[],
  machine: { readonly hostname: string; readonly isAlive: (pid: number) => boolean },
): LockVerdict => {
  const held = locks.find((lock) => lock.hostname !== machine.hostname || machine.isAlive(lock.pid));
  if (held !== undefined) return { kind: "held", by: held };
  return locks.length === 0 ? { kind: "free" } : { kind: "stale", locks };
};

/** Another run has the stack. */
export class StackHeldError extends MeridianError {
  constructor(stack: string, { username, hostname: host, pid, timestamp }: StackLock) {
    super(`Stack ${stack} is locked by ${username} on ${host} (process ${pid}) since ${timestamp}.`, {
      hint: `Wait for it to end. If it is gone for certain: pulumi cancel --stack ${stack}`,
    });
  }
}

/**
 * The locks of a stack in a file backend; none for another backend, which keeps its own.
 * @param url as `pulumi whoami --json` gives it, e.g. `file://~` or `file:///srv/state`
 */
export const readLocks = (url: string, project: string, stack: string): readonly StackLock[] => {
  if (!url.startsWith("file://")) return [];
  const [path = ""] = url.slice("file://".length).split("?");
  const root = path.startsWith("~") ? join(homedir(), path.slice(1)) : path;
  const folder = join(root, ".pulumi", "locks", "organization", project, stack);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => {
      const found = lockSchema.safeParse(parsed(join(folder, name)));
      return found.success ? [found.data] : [];
    });
};

const parsed = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined; // it went away, or is being written by whoever takes the stack now: the engine will tell
  }
};

/** This machine. */
export const thisMachine = {
  hostname: hostname(),
  isAlive: (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "EPERM"; // another user's process lives
    }
  },
};
