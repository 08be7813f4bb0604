import { setMaxListeners } from "node:events";

/** A signal of one's own, and what frees its timer and listener. */
export interface Limit {
  readonly signal: AbortSignal;
  /** Ends the limit without aborting anything that is over; to be called when the work is. */
  readonly dispose: () => void;
}

/**
 * A signal that aborts after a time, or when another does. (`AbortSignal.any` of a timeout may be collected as garbage
 * before it fires in Node.js 20, and then never does.)
 *
 * @param timeoutMs milliseconds; Infinity for none
 */
export function limit(timeoutMs: number, outer?: AbortSignal): Limit {
  const controller = manyListeners();
  const late = () => controller.abort(new DOMException(`No answer in ${timeoutMs / 1000} s.`, "TimeoutError"));
  const timer = Number.isFinite(timeoutMs) ? setTimeout(late, timeoutMs) : undefined;
  const pass = () => controller.abort(outer?.reason);
  outer?.addEventListener("abort", pass, { once: true });
  if (outer?.aborted === true) pass();
  return {
    signal: controller.signal,
    dispose: () => {
      clearTimeout(timer);
      outer?.removeEventListener("abort", pass);
    },
  };
}

/** A controller for a whole fleet: each validator listens to it. Node.js warns of more than ten. */
export function manyListeners(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
