/** The calls that Meridian uses; the package brings no types. */
declare module "fs-native-extensions" {
  /** Takes an exclusive lock on an open file; false when another open file has it. Freed when the process dies. */
  export function tryLock(fd: number): boolean;
  /** Waits for the lock without a bound. */
  export function waitForLock(fd: number): Promise<void>;
  export function unlock(fd: number): void;
}
