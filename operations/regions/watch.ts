import { type Limit, limit, manyListeners } from "../abort";
import type { OperatedValidator } from "./network";
import type { Validators, ValidatorSight } from "./validators";

export interface WatchOptions {
  /** Between two looks at a validator, in milliseconds. @default 1,000 */
  readonly intervalMs?: number;
  readonly signal?: AbortSignal;
}

/** What was last seen of the validators; one that did not answer the last look is absent. */
export type Sights = readonly ValidatorSight[];

/**
 * Looks at every validator again and again, each by itself: one that hangs keeps no other from being seen. Ends with
 * `close`.
 */
export class FleetWatch {
  private readonly latest = new Map<OperatedValidator, ValidatorSight>();
  private readonly ended = manyListeners();
  private readonly outer: Limit;
  /** Validators that have not been looked at yet. */
  private pending: number;
  private readonly checks = new Set<() => void>();
  private readonly signal: AbortSignal;

  constructor(
    side: Pick<Validators, "look">,
    validators: readonly OperatedValidator[],
    { intervalMs = 1_000, signal }: WatchOptions = {},
  ) {
    this.pending = validators.length;
    this.outer = limit(Infinity, signal);
    this.outer.signal.addEventListener("abort", () => this.ended.abort(), { once: true });
    this.signal = this.ended.signal;
    for (const validator of validators) void this.follow(side, validator, intervalMs);
  }

  /** Whether every validator has been looked at once, so that one that is absent is known to be. */
  get complete(): boolean {
    return this.pending === 0;
  }

  get sights(): Sights {
    return [...this.latest.values()];
  }

  /**
   * Waits until something is true of what is seen.
   *
   * @param test undefined for not yet
   * @throws the signal's reason when that comes first
   */
  async until<T>(test: (sights: Sights) => T | undefined, signal: AbortSignal): Promise<T> {
    return new Promise<T>((found, failed) => {
      const stop = (): void => {
        this.checks.delete(check);
        signal.removeEventListener("abort", abort);
      };
      const abort = (): void => {
        stop();
        failed(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
      };
      const check = (): void => {
        const result = test(this.sights);
        if (result === undefined) return;
        stop();
        found(result);
      };
      if (signal.aborted) {
        abort();
        return;
      }
      signal.addEventListener("abort", abort, { once: true });
      this.checks.add(check);
      check();
    });
  }

  close(): void {
    this.outer.dispose();
    this.ended.abort();
  }

  private async follow(
    { look }: Pick<Validators, "look">,
    validator: OperatedValidator,
    intervalMs: number,
  ): Promise<void> {
    for (let first = true; !this.signal.aborted; first = false) {
      try {
        this.latest.set(validator, await look(validator, this.signal));
      } catch {
        this.latest.delete(validator); // it is down, starting, or too busy
      }
      if (first) this.pending -= 1;
      for (const check of [...this.checks]) check();
      await pause(intervalMs, this.signal);
    }
  }
}

/** Waits, at most until the signal. */
export const pause = async (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((go) => {
    if (signal.aborted) {
      go();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      go();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
  });

/** The newest block that any validator tells of; 0 when none answers. */
export const headOf = (sights: Sights): number => Math.max(0, ...sights.map(({ head }) => head.number));

/** How many validators of each region answer. */
export function upByRegion(sights: Sights): Record<string, number> {
  const up: Record<string, number> = {};
  for (const { region } of sights) up[region] = (up[region] ?? 0) + 1;
  return up;
}
