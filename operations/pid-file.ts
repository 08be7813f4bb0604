import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

/** A process id alone says nothing: after a reboot another program may have it. Its start time tells them apart. */
interface PidRecord {
  readonly pid: number;
  readonly started: string;
}

/** When a process started, in the system's own words; undefined when there is none. */
function startOf(pid: number): string | undefined {
  try {
    if (process.platform === "linux") {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // The name before it may hold spaces and brackets; the state and 19 numbers follow (proc(5): field 22).
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
      return fields[0] === "Z" && hasEnded(pid) ? undefined : `${bootId} ${fields[19] ?? ""}`;
    }
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether no thread of a zombie is left. A program of many threads, such as a JVM, is a zombie as soon as its first one
 * has ended; until the last one has, its ports and its database's lock are still taken.
 */
const hasEnded = (pid: number): boolean => readdirSync(`/proc/${pid}/task`).length <= 1;

/** Records a running process. */
export function writePid(file: string, pid: number): void {
  writeFileSync(file, JSON.stringify({ pid, started: startOf(pid) ?? "" } satisfies PidRecord));
}

/** The recorded process, if that very one still runs; a stale file is removed. */
export function livePid(file: string): number | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(file, "utf8")) as PidRecord;
    if (Number.isSafeInteger(pid) && pid > 1 && startOf(pid) === started) return pid;
  } catch {
    // absent, or torn by a crash while it was written
  }
  rmSync(file, { force: true });
  return undefined;
}
