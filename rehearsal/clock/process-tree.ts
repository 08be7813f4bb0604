import { readdirSync, readFileSync } from "node:fs";

/** `pid (comm) state ppid pgrp session …`; comm may hold spaces and parentheses. */
const parseStat = (text: string): { state: string; parent: number; session: number } => {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "?", parent: Number(fields[1]), session: Number(fields[3]) };
};

const readOrUndefined = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // the process or thread ended between listing and reading
  }
};

const listOrNothing = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return []; // the process ended between listing and reading, or the system has no /proc
  }
};

/** Whether this system tells thread states and scheduler statistics: Linux with /proc. */
export const canWatchProcesses = (): boolean => readOrUndefined("/proc/self/schedstat") !== undefined;

/**
 * All processes of a session (setsid), on Linux; none elsewhere: the engine, its language host and the program. Process groups would not do, since
 * the engine puts each plugin into one of its own.
 */
export const processesOfSession = (session: number): number[] =>
  listOrNothing("/proc")
    .filter((name) => name.charCodeAt(0) >= 48 && name.charCodeAt(0) <= 57)
    .map(Number)
    .filter((pid) => {
      const stat = readOrUndefined(`/proc/${pid}/stat`);
      return stat !== undefined && parseStat(stat).session === session;
    });

/**
 * One look at every thread of some processes. A second look at the same ones is enough: a new process is the child of one
 * that has run.
 * @returns a text that is equal in two looks only if no thread ran between them; undefined while any thread is running,
 * runnable or waiting for a disk.
 */
export const sleepingSignature = (processes: readonly number[]): string | undefined => {
  const lines: string[] = [];
  for (const pid of processes) {
    for (const tid of listOrNothing(`/proc/${pid}/task`)) {
      const stat = readOrUndefined(`/proc/${pid}/task/${tid}/stat`);
      const schedule = readOrUndefined(`/proc/${pid}/task/${tid}/schedstat`);
      if (stat === undefined || schedule === undefined) continue;
      const { state } = parseStat(stat);
      if (state !== "S" && state !== "Z") return undefined;
      lines.push(`${tid}:${schedule}`);
    }
  }
  return lines.join("");
};
