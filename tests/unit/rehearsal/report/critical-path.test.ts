import type { TraceEntry } from "../../../../rehearsal/clock/virtual-clock";
import { criticalPath, oneAtATimeMs } from "../../../../rehearsal/report/critical-path";
import { formatDuration } from "../../../../rehearsal/report/format";

let ids = 0;
const entry = (name: string, startMs: number, endMs: number, given: Partial<TraceEntry> = {}): TraceEntry => ({
  id: ids++,
  urn: `urn:pulumi:dev::meridian::azure-native:network:Subnet::${name}`,
  kind: "create",
  completionsAtArrival: 0,
  arrivedMs: startMs,
  startMs,
  endMs,
  workMs: endMs - startMs,
  outcome: "succeeded",
  ...given,
});

const names = (trace: readonly TraceEntry[]): string[] =>
  criticalPath(trace).map((step) => `${step.entry.urn.split("::").at(-1)} ${step.waitedFor}`);

describe("critical path", () => {
  test("follows dependencies back to the start", () => {
    const trace = [entry("short", 0, 2), entry("a", 0, 5), entry("b", 5, 9, { completionsAtArrival: 2 })];
    expect(names(trace)).toEqual(["a start", "b dependency"]);
  });

  test("goes through the operation that freed the slot", () => {
    const trace = [entry("a", 0, 5), entry("b", 5, 9, { arrivedMs: 0 })];
    expect(names(trace)).toEqual(["a start", "b slot"]);
  });

  test("goes through what a waiting operation waited for, and leaves the waiting out of its work", () => {
    const trace = [entry("validator", 0, 100), entry("ready", 0, 110, { workMs: 10 })];
    expect(names(trace)).toEqual(["validator start", "ready chain"]);
    expect(oneAtATimeMs(trace)).toBe(110);
  });

  test("is empty for a run that did nothing", () => {
    expect(criticalPath([])).toEqual([]);
  });

  test("its steps touch: each begins its work when the one before it ended", () => {
    const trace = [
      entry("a", 0, 3),
      entry("b", 3, 4, { completionsAtArrival: 1 }),
      entry("c", 4, 9, { arrivedMs: 3, completionsAtArrival: 1 }),
      entry("d", 9, 12, { completionsAtArrival: 3 }),
    ];
    const path = criticalPath(trace).map((step) => step.entry);
    path.slice(1).forEach((step, index) => expect(step.endMs - step.workMs).toBe(path[index]!.endMs));
    expect(path.reduce((sum, { workMs }) => sum + workMs, 0)).toBe(12);
  });
});

test.each([
  [0, "0.0 s"],
  [59_940, "59.9 s"],
  [61_000, "1 min 01 s"],
  [3_720_000, "1 h 02 min"],
])("%d ms is %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
