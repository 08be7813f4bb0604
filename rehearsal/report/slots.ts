import type { Operation } from "./report-data";

/** From `atMs` on this many slots are in use. */
export interface SlotStep {
  readonly atMs: number;
  readonly inUse: number;
}

/** Slots of `--parallel` in use over time: one step for each change, beginning at 0, ending with none in use. */
export const slotsInUse = (operations: readonly Pick<Operation, "startMs" | "endMs">[]): SlotStep[] => {
  const changes = new Map<number, number>([[0, 0]]);
  const change = (atMs: number, by: number): unknown => changes.set(atMs, (changes.get(atMs) ?? 0) + by);
  for (const { startMs, endMs } of operations) {
    change(startMs, 1);
    change(endMs, -1);
  }
  let inUse = 0;
  return [...changes]
    .sort(([a], [b]) => a - b)
    .map(([atMs, by]) => ({ atMs, inUse: (inUse += by) }))
    .filter((step, index, all) => index === 0 || step.inUse !== all[index - 1]?.inUse);
};

/** Slots in use, averaged over the run. */
export const averageInUse = (steps: readonly SlotStep[], totalMs: number): number => {
  const area = steps.reduce((sum, { atMs, inUse }, index) => {
    const until = Math.min(steps[index + 1]?.atMs ?? totalMs, totalMs);
    return sum + inUse * Math.max(0, until - atMs);
  }, 0);
  return totalMs > 0 ? area / totalMs : 0;
};
