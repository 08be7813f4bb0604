/** Moments of a deployment at which a test may end the process, as a power cut would. */
export const killPoints = [
  "before-sign",
  "after-sign",
  "after-journal",
  "after-send",
  "after-receipt",
  // Of every line of the journal.
  "before-write",
  "torn-write",
  "after-write",
] as const;

export type KillPoint = (typeof killPoints)[number];

const passed = new Map<KillPoint, number>();

/**
 * For tests only: whether the process is to die here. MERIDIAN_TEST_KILL_AT is a point, or a point and which time that
 * it is passed, from 1: `after-send:4`.
 */
export function isKillPoint(point: KillPoint): boolean {
  const [wanted, time = "1"] = (process.env.MERIDIAN_TEST_KILL_AT ?? "").split(":");
  if (wanted !== point) return false;
  const times = (passed.get(point) ?? 0) + 1;
  passed.set(point, times);
  return times === Number(time);
}

/** Kills the process with SIGKILL at this point, so that no handler, no flush and no unlock of ours runs. */
export function killPoint(point: KillPoint): void {
  if (isKillPoint(point)) process.kill(process.pid, "SIGKILL");
}
