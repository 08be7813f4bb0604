import type { TraceEntry } from "../../../rehearsal/clock/virtual-clock";
import { azureModel } from "../../../rehearsal/forecast/azure-model";
import { graphOf, type StateResource } from "../../../rehearsal/forecast/graph";
import { prepare, simulate } from "../../../rehearsal/forecast/simulate";
import { traceOf } from "../../../rehearsal/forecast/forecast";
import { forecastOfRun, isFirstDeployment } from "../../../rehearsal/own-forecast";
import type { RunResult } from "../../../rehearsal/rehearsal";
import { readConfiguration } from "../../../rehearsal/rehearse";

const type = "azure-native:containerservice:ManagedCluster";
const resources: StateResource[] = Array.from({ length: 12 }, (_, n) => ({
  ...{
    urn: `urn:pulumi:dev::meridian::${type}::uksouth-${n}`,
    type,
    custom: true,
    id: `/aks/${n}`,
    inputs: {},
    outputs: {},
  },
  dependencies: n < 6 ? [] : [`urn:pulumi:dev::meridian::${type}::uksouth-${n - 6}`],
}));
const fleet = readConfiguration("dev");
const graph = graphOf(resources, { trace: [], providers: [] }, []);
const simulated = simulate(prepare(graph), azureModel(graph).start(7), 4);
const trace: TraceEntry[] = traceOf(graph, simulated);
const run = {
  exitCode: 0,
  trace,
  providers: [],
  changes: { create: 12 },
  virtualMs: simulated.totalMs,
} as unknown as RunResult;
const state = JSON.stringify({ deployment: { resources } });
const given = { seed: 7, parallel: 4, faults: [] };

describe("the forecast of a run's own plan", () => {
  test("has a point for the run's own --parallel, and a band that goes up from the median", () => {
    const points = forecastOfRun(run, state, fleet, given)!;
    expect(points.map(({ parallel }) => parallel)).toEqual([4, 8, 24, 128]);
    expect(points.every(({ p50Ms, p95Ms }) => p95Ms > p50Ms)).toBe(true);
    expect(points[0]!.p50Ms).toBeGreaterThan(points.at(-1)!.p50Ms);
  });

  test("is none where the plan does not explain the run", () => {
    expect(forecastOfRun({ ...run, virtualMs: run.virtualMs * 1.02 }, state, fleet, given)).toBeUndefined();
  });

  test("is asked for after a whole first deployment alone", () => {
    const failed = trace.map((entry, index) => (index === 3 ? { ...entry, outcome: "failed" as const } : entry));
    expect(isFirstDeployment(run)).toBe(true);
    expect(isFirstDeployment({ ...run, exitCode: 1 })).toBe(false);
    expect(isFirstDeployment({ ...run, trace: failed })).toBe(false);
    expect(isFirstDeployment({ ...run, changes: { create: 2, same: 10 } })).toBe(false);
    expect(isFirstDeployment({ ...run, trace: [] })).toBe(false);
  });
});
