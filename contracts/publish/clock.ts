import { setTimeout as delay } from "node:timers/promises";

/** Time as the publishing code sees it; tests have one of their own. */
export interface Clock {
  /** Milliseconds since any fixed moment, whole. */
  now(): number;
  /** Milliseconds since 1970, for dates that a service names. */
  date(): number;
  sleep(ms: number): Promise<void>;
  /** 0 to 1, for jitter. */
  random(): number;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Math.floor(performance.now()),
  date: () => Date.now(),
  sleep: (ms) => delay(ms),
  random: () => Math.random(),
};
