import type { TraceEntry } from "../clock/virtual-clock";

/** One step of the chain of operations that decided how long the run took. */
export interface CriticalStep {
  readonly entry: TraceEntry;
  /** Why it began no earlier: something it depends on ended, a slot became free, or the chain it waits for came alive. */
  readonly waitedFor: "start" | "dependency" | "slot" | "chain";
}

/**
 * The operations, first to last, of which each began at the moment the one before it ended, up to the run's end: what must
 * become shorter for the whole to become shorter. Read off the trace: an operation that waited for a slot follows the
 * completion that freed it, any other the completion after which the engine asked for it.
 *
 * @param trace the operations in the order of their completion
 */
export const criticalPath = (trace: readonly TraceEntry[]): CriticalStep[] => {
  const steps: CriticalStep[] = [];
  let index = trace.length - 1;
  for (let entry = trace[index]; entry !== undefined; entry = trace[index]) {
    const before = index;
    const endedBy = (ms: number): number =>
      trace.findLastIndex(({ endMs }, position) => position < before && endMs <= ms);
    const waitedFor = reasonOf(entry);
    if (waitedFor === "chain") index = endedBy(entry.endMs - entry.workMs);
    else if (waitedFor === "slot") index = endedBy(entry.startMs);
    else index = entry.completionsAtArrival - 1;
    steps.unshift({ entry, waitedFor });
  }
  return steps;
};

const reasonOf = ({
  startMs,
  endMs,
  workMs,
  arrivedMs,
  completionsAtArrival,
}: TraceEntry): CriticalStep["waitedFor"] => {
  if (endMs - startMs > workMs) return "chain";
  if (startMs > arrivedMs) return "slot";
  return completionsAtArrival === 0 ? "start" : "dependency";
};

/** Virtual time of the same operations one after the other, none waiting for another, in milliseconds. */
export const oneAtATimeMs = (trace: readonly TraceEntry[]): number =>
  trace.reduce((sum, { workMs }) => sum + workMs, 0);

/** Seconds that real programs ran inside the operations, added up. */
export const commandSeconds = (trace: readonly TraceEntry[]): number =>
  trace.reduce((sum, { realSeconds = 0 }) => sum + realSeconds, 0);
