import { manyListeners } from "../abort";
import { failureFrom, interrupted, type RegionFailure, timedOut } from "./failure";

/** What became of a region. */
export type RegionOutcome<T> = { readonly region: string; readonly ms: number } & (
  { readonly done: true; readonly value: T } | { readonly done: false; readonly failure: RegionFailure }
);

/** What goes on in a region. */
export type RegionEvent =
  | { readonly region: string; readonly kind: "began" }
  | { readonly region: string; readonly kind: "step"; readonly text: string }
  | { readonly region: string; readonly kind: "done" }
  | { readonly region: string; readonly kind: "failed"; readonly failure: RegionFailure };

export interface EachRegionOptions {
  /** Regions at a time. @default all */
  readonly concurrency?: number;
  /** For each region from its own beginning, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends all of them: Ctrl-C. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: RegionEvent) => void;
}

/** What the work of a region is given. */
export interface RegionContext {
  /** Ends with the region's timeout, and with the command. */
  readonly signal: AbortSignal;
  readonly step: (text: string) => void;
  /** Lets the next region begin although this one is not done: what is left is waiting for others. */
  readonly release: () => void;
}

/**
 * Does something in every region at the same time. A region that fails or hangs costs the others nothing: it is over
 * after its timeout, whether or not its work heeds the signal.
 *
 * @param regions in the order in which they begin
 * @returns the outcomes in the order of the regions, whichever ended first
 */
export async function eachRegion<R extends { readonly name: string }, T>(
  regions: readonly R[],
  work: (region: R, context: RegionContext) => Promise<T>,
  { concurrency = Infinity, timeoutMs, signal, onEvent = () => undefined }: EachRegionOptions,
): Promise<RegionOutcome<T>[]> {
  const slots = makeSlots(concurrency);
  return Promise.all(
    regions.map(async (region): Promise<RegionOutcome<T>> => {
      const release = await slots.take();
      const began = performance.now();
      const ended = () => Math.round(performance.now() - began);
      onEvent({ region: region.name, kind: "began" });
      try {
        const step = (text: string) => onEvent({ region: region.name, kind: "step", text });
        const run = (inner: AbortSignal) => work(region, { signal: inner, step, release });
        const value = await within(timeoutMs, signal, run);
        onEvent({ region: region.name, kind: "done" });
        return { region: region.name, done: true, value, ms: ended() };
      } catch (error) {
        const failure = error instanceof Ended ? error.failure : failureFrom(error);
        onEvent({ region: region.name, kind: "failed", failure });
        return { region: region.name, done: false, failure, ms: ended() };
      } finally {
        release();
      }
    }),
  );
}

/** Cut off by a timeout or by Ctrl-C. */
export class Ended extends Error {
  constructor(readonly failure: RegionFailure) {
    super(failure.message);
  }
}

/**
 * Runs something for at most a time; what heeds no signal is left alone after it.
 *
 * @throws Ended at the timeout and when the outer signal says so
 */
export async function within<T>(
  timeoutMs: number,
  outer: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const inner = manyListeners();
  const { promise, reject } = withRejection();
  const end = (failure: RegionFailure): void => {
    const ended = new Ended(failure);
    reject(ended);
    inner.abort(ended);
  };
  const interrupt = () => end(interrupted);
  const timer = setTimeout(() => end(timedOut(timeoutMs)), timeoutMs);
  outer?.addEventListener("abort", interrupt, { once: true });
  try {
    if (outer?.aborted === true) interrupt();
    return await Promise.race([promise, inner.signal.aborted ? promise : run(inner.signal)]);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", interrupt);
    inner.abort();
  }
}

function withRejection(): { readonly promise: Promise<never>; readonly reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<never>((_, no) => (reject = no));
  promise.catch(() => undefined); // the race may be over
  return { promise, reject };
}

/** A bounded number of slots, handed out in the order of asking. */
function makeSlots(most: number) {
  let free = most;
  const waiting: (() => void)[] = [];
  const give = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    take: async (): Promise<() => void> => {
      if (free > 0) free -= 1;
      else await new Promise<void>((go) => waiting.push(go));
      let held = true;
      return () => {
        if (held) give();
        held = false;
      };
    },
  };
}
