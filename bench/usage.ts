import { readFileSync } from "node:fs";

import { processesOfSession } from "../rehearsal/clock/process-tree";

/** What the processes of a session used, as /proc tells while they live; Linux only. */
export interface Usage {
  /** User and system time of all of them, in seconds. */
  readonly cpuSeconds: number;
  /** The same by command name, e.g. `node` or `pulumi`. */
  readonly cpuSecondsBy: Readonly<Record<string, number>>;
  /** The largest resident set of any process by its command name, e.g. `node` or `pulumi`, in MB (10^6 bytes). */
  readonly peakMb: Readonly<Record<string, number>>;
}

/** Kernel ticks a second of the times in /proc/PID/stat: USER_HZ, 100 on every Linux that Node.js runs on. */
const TICKS_PER_SECOND = 100;
const SAMPLE_MS = 50;

/** Watches a session (setsid) until `stop`; what a process used in its last 50 ms may be missing. */
export function watchUsage(): { session: (id: number) => void; stop: () => Usage } {
  const cpu = new Map<number, { readonly name: string; readonly seconds: number }>();
  const peak: Record<string, number> = {};
  let session: number | undefined;
  const look = (): void => {
    if (session === undefined) return;
    for (const pid of processesOfSession(session)) {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
        cpu.set(pid, { name, seconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND });
        const highWater = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
        peak[name] = Math.max(peak[name] ?? 0, (highWater * 1024) / 1e6);
      } catch {
        // it ended meanwhile
      }
    }
  };
  const timer = setInterval(look, SAMPLE_MS);
  return {
    session: (id) => (session = id),
    stop: () => {
      clearInterval(timer);
      const by: Record<string, number> = {};
      for (const { name, seconds } of cpu.values()) by[name] = (by[name] ?? 0) + seconds;
      return { cpuSeconds: Object.values(by).reduce((sum, each) => sum + each, 0), cpuSecondsBy: by, peakMb: peak };
    },
  };
}
