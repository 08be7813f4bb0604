/** Moments of a deployment at which a test may end the process, as a power cut would. */
export type KillPoint = "before-sign" | "after-sign" | "after-journal" | "after-send" | "after-receipt";

/**
 * For tests only: with MERIDIAN_TEST_KILL_AT set to this point, the process kills itself with SIGKILL here, so that no
 * handler, no flush and no unlock of ours runs.
 */
export function killPoint(point: KillPoint): void {
  if (process.env.MERIDIAN_TEST_KILL_AT === point) process.kill(process.pid, "SIGKILL");
}
