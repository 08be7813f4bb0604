import type { Fleet } from "../fleet";
import type { Fault } from "./azure/faults";
import type { Profile } from "./azure/latency";
import { azureModel } from "./forecast/azure-model";
import { forecast, isSound, subjectOf } from "./forecast/forecast";
import { graphOf, type StateResource } from "./forecast/graph";
import { ownOptions } from "./forecast/modes";
import { prepare, simulate } from "./forecast/simulate";
import { quorumWait } from "./quorum-wait";
import type { RunResult } from "./rehearsal";
import type { ForecastPoint } from "./report/report-data";

/** Simulated runs for each point of the band: enough for a median and a 95th percentile in a picture. */
const runs = 100;

/** The `--parallel` that the band shows, beside the run's own. */
const shown = [8, 24, 128];

/** How far the run may be from its own forecast, as a share of its time, to be told beside it. */
const tolerated = 0.01;

/** Whether a run made a whole stack at once: only that can be forecast. */
export const isFirstDeployment = ({ exitCode, trace, changes }: RunResult): boolean =>
  exitCode === 0 &&
  trace.length > 0 &&
  trace.every(({ kind, outcome }) => kind === "create" && outcome === "succeeded") &&
  (changes.same ?? 0) === 0;

/**
 * The band of a run that was a first deployment, from the graph that it shows of itself: other runs of the same plan,
 * with other latencies and the same trouble, at several `--parallel`.
 * @param state as `pulumi stack export` gives it after the run
 * @returns undefined where the graph does not explain the run
 */
export const forecastOfRun = (
  run: RunResult,
  state: string,
  fleet: Fleet,
  given: {
    readonly seed: number;
    readonly parallel: number;
    readonly faults: readonly Fault[];
    readonly profile?: Profile;
  },
): readonly ForecastPoint[] | undefined => {
  const { seed, parallel, ...options } = given;
  const { deployment } = JSON.parse(state) as { readonly deployment: { readonly resources: readonly StateResource[] } };
  const graph = graphOf(deployment.resources, run, quorumWait(fleet, run));
  const model = azureModel(graph, options);
  const again = simulate(prepare(graph), model.start(seed), parallel);
  if (Math.abs(again.totalMs / run.virtualMs - 1) > tolerated) return undefined;
  const subject = subjectOf(ownOptions(fleet), graph, model);
  const cases = [...new Set([...shown, parallel])]
    .sort((a, b) => a - b)
    .map((slots) => forecast(subject, slots, { runs, seed }));
  return cases.filter(isSound).map(({ parallel: slots, p50Ms, p95Ms }) => ({ parallel: slots, p50Ms, p95Ms }));
};
