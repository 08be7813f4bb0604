import type { Fault } from "../../../rehearsal/azure/faults";
import { traceOf } from "../../../rehearsal/forecast/forecast";
import { graphOf, type StateResource } from "../../../rehearsal/forecast/graph";
import { azureModel } from "../../../rehearsal/forecast/azure-model";
import { prepare, simulate } from "../../../rehearsal/forecast/simulate";
import type { Rehearsal, RunResult } from "../../../rehearsal/rehearsal";
import { nameOf } from "./engine";

/** The times of a first deployment without waits for the network, as forecast from its own graph. */
export const forecastOf = async (
  rehearsal: Rehearsal,
  run: RunResult,
  parallel: number,
  faults: readonly Fault[] = [],
): Promise<object[]> => {
  const state = JSON.parse(await rehearsal.exportState()) as { deployment: { resources: StateResource[] } };
  const graph = graphOf(state.deployment.resources, run, []);
  return timesOf(traceOf(graph, simulate(prepare(graph), azureModel(graph, { faults }).start(1), parallel)));
};

export const timesOf = (trace: RunResult["trace"]): object[] =>
  trace.map(({ urn, startMs, endMs, outcome }) => ({ name: nameOf(urn), startMs, endMs, outcome }));
