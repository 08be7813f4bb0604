import type { Clock } from "../../../../../contracts/publish/clock";

/**
 * Time that moves only when somebody sleeps: to the earliest end of a sleep, once everything that can run has run.
 * Answers over a real socket take none of it.
 */
export class VirtualClock implements Clock {
  /** Every sleep that was asked for, in milliseconds. */
  readonly slept: number[] = [];
  private time = 1_000_000;
  private sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  now(): number {
    return this.time;
  }

  date(): number {
    return Date.UTC(2026, 0, 1) + this.time;
  }

  random(): number {
    return 1;
  }

  sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    return new Promise((wake) => {
      this.sleepers.push({ at: this.time + ms, wake });
      setImmediate(() => this.advance());
    });
  }

  private advance(): void {
    this.sleepers.sort((a, b) => a.at - b.at);
    const first = this.sleepers.shift();
    if (first === undefined) return;
    this.time = Math.max(this.time, first.at);
    first.wake();
  }
}
