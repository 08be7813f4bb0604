import type { Fault } from "../azure/faults";
import { azureModel } from "../forecast/azure-model";
import type { Graph } from "../forecast/graph";
import { prepare, simulate } from "../forecast/simulate";
import type { Rehearsal } from "../rehearsal";

/** A rehearsal beside the forecast of the same run. */
export interface AgreementResult {
  readonly parallel: number;
  /** Who handed out the slots. */
  readonly slots: "simulation" | "engine";
  readonly succeeded: boolean;
  readonly rehearsedMs: number;
  readonly forecastMs: number;
  /** Requests that were throttled and tried again, as each of the two counts them. */
  readonly throttles: readonly [rehearsed: number, forecast: number];
  /** Operations whose beginning or end differs. */
  readonly differing: number;
  readonly realSeconds: number;
}

/** How far a forecast may be from the rehearsal of the same run, as a share of its time. */
export const promisedAgreement = 0.01;

/** Whether the two agree as promised; of an engine that hands out its own slots nothing is. */
export const agrees = ({ slots, rehearsedMs, forecastMs }: AgreementResult): boolean =>
  slots === "engine" || Math.abs(forecastMs / rehearsedMs - 1) <= promisedAgreement;

/** Rehearses a first deployment and forecasts the very same run. @param rehearsal of a stack that does not exist yet */
export const compare = async (
  rehearsal: Rehearsal,
  graph: Graph,
  {
    parallel,
    seed,
    faults,
    slots = "simulation",
  }: {
    readonly parallel: number;
    readonly seed: number;
    readonly faults: readonly Fault[];
    /** `engine` leaves the slots to the engine, as a real deployment does. @default "simulation" */
    readonly slots?: AgreementResult["slots"];
  },
): Promise<AgreementResult> => {
  const own = slots === "engine" ? { engineParallel: parallel } : {};
  const run = await rehearsal.run("up", { parallel, faults, checkpoints: false, ...own });
  const forecast = simulate(prepare(graph), azureModel(graph, { faults }).start(seed), parallel);
  const index = new Map(graph.operations.map(({ urn }, operation) => [urn, operation]));
  const differs = ({ urn, startMs, endMs }: { urn: string; startMs: number; endMs: number }): boolean => {
    const operation = index.get(urn) ?? -1;
    return forecast.startMs[operation] !== startMs || forecast.endMs[operation] !== endMs;
  };
  return {
    ...{ parallel, slots },
    succeeded: run.exitCode === 0,
    rehearsedMs: run.virtualMs,
    forecastMs: forecast.totalMs,
    throttles: [run.trace.reduce((sum, { throttledMs = [] }) => sum + throttledMs.length, 0), forecast.throttles],
    differing: run.trace.filter(differs).length,
    realSeconds: run.realSeconds,
  };
};
