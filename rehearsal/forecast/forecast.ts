import { type Phase, phases } from "../../regions/phases";
import { describeRefusal } from "../azure/arm";
import type { TraceEntry } from "../clock/virtual-clock";
import { criticalPath, type CriticalStep } from "../report/critical-path";
import { formatDuration, nameOf } from "../report/format";
import { criticalPathBound, slotsBound } from "./bounds";
import type { Graph } from "./graph";
import type { Limit, OperationModel } from "./model";
import type { ProgramOptions } from "./modes";
import { prepare, type Prepared, simulate, type SimulatedRun } from "./simulate";

/** What is forecast: the graph of one set of options at one `--parallel`. */
export interface Case extends ProgramOptions {
  /** Slots; at least 1. */
  readonly parallel: number;
}

/** When a phase begins and ends, in virtual milliseconds: medians over the runs. */
export interface PhaseTime {
  readonly phase: Phase;
  readonly beginMs: number;
  readonly endMs: number;
}

/** What no run of a case can undercut, in milliseconds: medians over the runs. */
export interface Bounds {
  /** The longest chain of dependencies. */
  readonly criticalPathMs: number;
  /** All work, shared out evenly over the slots. */
  readonly slotsMs: number;
  /** The limit of the platform that takes longest, or is nearest to deciding; absent where none is modelled. */
  readonly limit?: Limit;
  /** The largest of them. */
  readonly lowestMs: number;
}

/** What becomes of the runs that fail. */
export interface Failing {
  /** Share of the runs that fail, 0 to 1. */
  readonly share: number;
  /** Of the first of them, in one sentence: what Azure refused, or who held which slot and waited for what. */
  readonly reason: string;
}

/** The forecast of one case. Times are virtual milliseconds of the runs that succeed; of all, where none does. */
export interface Forecast extends Case {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly fails?: Failing;
  readonly bounds: Bounds;
  /** The median of time over bound: 1 is the best that can be. */
  readonly overBound: number;
  /** How many times as long all operations take one after the other (the median of it, over `p50Ms`). */
  readonly speedUp: number;
  /** Median number of throttled requests in a run. */
  readonly throttles: number;
  readonly phaseTimes: readonly PhaseTime[];
  /** Most operations that held a slot at once, in the run of median length. */
  readonly peak: number;
  /** Of the run of median length. */
  readonly criticalPath: readonly CriticalStep[];
}

/** The share of failing runs up to which a case can be had: a p95 promises no more than that either. */
const toleratedShare = 0.05;

/** Whether a case nearly always succeeds. */
export const isSound = ({ fails }: Pick<Forecast, "fails">): boolean => (fails?.share ?? 0) <= toleratedShare;

/** A graph with what is needed to simulate it many times. */
export interface Subject extends ProgramOptions {
  readonly prepared: Prepared;
  readonly model: OperationModel;
  readonly longestMs: (shortestMs: (operation: number) => number) => number;
}

/** Readies a graph. */
export const subjectOf = ({ phases, contracts }: ProgramOptions, graph: Graph, model: OperationModel): Subject => {
  const prepared = prepare(graph);
  return { phases, contracts, prepared, model, longestMs: criticalPathBound(prepared) };
};

/**
 * The value that a share of the values does not exceed (nearest rank).
 * @param values at least one
 */
export const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)] ?? Number.NaN;

const median = (values: readonly number[]): number => quantile(values, 0.5);

/** What is kept of a run; the whole of it would be megabytes. */
interface Kept {
  readonly seed: number;
  readonly totalMs: number;
  readonly failed: boolean;
  readonly throttles: number;
  readonly longestMs: number;
  readonly slotsMs: number;
  /** All work, one after the other. */
  readonly workMs: number;
  /** Begin and end of each phase in turn; -1 for one without operations. */
  readonly spans: readonly number[];
}

/**
 * Forecasts a case from many simulated runs.
 *
 * @param runs how many, at least 1; run i has the seed `seed + i`, so that any of them can be rehearsed
 * @param onRun called after each run
 */
export const forecast = (
  subject: Subject,
  parallel: number,
  { runs, seed, onRun }: { readonly runs: number; readonly seed: number; readonly onRun?: () => void },
): Forecast => {
  const [limit] = [...subject.model.limits].sort(
    (a, b) => b.boundMs - a.boundMs || b.requests / b.capacity - a.requests / a.capacity,
  );
  const kept: Kept[] = [];
  for (let run = 0; run < runs; run++) {
    kept.push(keep(subject, parallel, seed + run));
    onRun?.();
  }
  const failed = kept.filter((run) => run.failed);
  const told = failed.length === kept.length ? kept : kept.filter((run) => !run.failed);
  const of = (value: (run: Kept) => number): number => median(told.map(value));
  const lowest = ({ longestMs, slotsMs }: Kept): number => Math.max(longestMs, slotsMs, limit?.boundMs ?? 0);
  const p50Ms = of(({ totalMs }) => totalMs);
  const typical = told.find(({ totalMs }) => totalMs === p50Ms) ?? kept[0];
  const detail = simulate(subject.prepared, subject.model.start(typical?.seed ?? seed), parallel);
  return {
    phases: subject.phases,
    contracts: subject.contracts,
    parallel,
    p50Ms,
    p95Ms: quantile(
      told.map(({ totalMs }) => totalMs),
      0.95,
    ),
    ...(failed[0] !== undefined && {
      fails: { share: failed.length / runs, reason: explain(subject, parallel, failed[0].seed) },
    }),
    bounds: {
      criticalPathMs: of(({ longestMs }) => longestMs),
      slotsMs: of(({ slotsMs }) => slotsMs),
      ...(limit !== undefined && { limit }),
      lowestMs: of(lowest),
    },
    overBound: of((run) => run.totalMs / Math.max(1, lowest(run))),
    speedUp: of(({ workMs }) => workMs) / Math.max(1, p50Ms),
    throttles: of(({ throttles }) => throttles),
    phaseTimes: phases.flatMap((phase, index) => {
      const times = {
        beginMs: of(({ spans }) => spans[2 * index] ?? -1),
        endMs: of(({ spans }) => spans[2 * index + 1] ?? -1),
      };
      return times.endMs < 0 ? [] : [{ phase, ...times }];
    }),
    peak: peakOf(detail),
    criticalPath: criticalPath(traceOf(subject.prepared.graph, detail)),
  };
};

const keep = ({ prepared, model, longestMs }: Subject, parallel: number, seed: number): Kept => {
  const world = model.start(seed);
  const shortest = (operation: number): number => world.shortestMs(operation);
  const run = simulate(prepared, world, parallel);
  const workMs = slotsBound(prepared, shortest, 1);
  return {
    seed,
    workMs,
    totalMs: run.totalMs,
    failed: run.failed !== undefined,
    throttles: run.throttles,
    longestMs: longestMs(shortest),
    slotsMs: workMs / parallel,
    spans: spansOf(prepared.graph, run),
  };
};

const spansOf = ({ operations }: Graph, { order, startMs, endMs }: SimulatedRun): number[] => {
  const begin = new Map<Phase, number>();
  const end = new Map<Phase, number>();
  for (const operation of order) {
    const phase = operations[operation]?.phase ?? "infrastructure";
    begin.set(phase, Math.min(begin.get(phase) ?? Infinity, startMs[operation] ?? 0));
    end.set(phase, Math.max(end.get(phase) ?? 0, endMs[operation] ?? 0));
  }
  return phases.flatMap((phase) => [begin.get(phase) ?? -1, end.get(phase) ?? -1]);
};

/** The most operations that ran at one time; one that takes no time counts while it is there. */
const peakOf = ({ order, startMs, endMs }: SimulatedRun): number => {
  const begins = order.map((operation) => startMs[operation] ?? 0).sort((a, b) => a - b);
  const ends = order.map((operation) => endMs[operation] ?? 0).sort((a, b) => a - b);
  let peak = 0;
  let ended = 0;
  begins.forEach((begin, begun) => {
    while ((ends[ended] ?? Infinity) <= begin && ended < begun) ended += 1;
    peak = Math.max(peak, begun + 1 - ended);
  });
  return peak;
};

/** A simulated run in the form of a rehearsed one. */
export const traceOf = ({ operations }: Graph, run: SimulatedRun): TraceEntry[] =>
  run.order.map((operation) => ({
    id: operation,
    urn: operations[operation]?.urn ?? "",
    kind: "create",
    arrivedMs: run.arrivedMs[operation] ?? 0,
    completionsAtArrival: run.completionsAtArrival[operation] ?? 0,
    startMs: run.startMs[operation] ?? 0,
    endMs: run.endMs[operation] ?? 0,
    workMs: run.workMs[operation] ?? 0,
    outcome: operation === run.failed ? "failed" : "succeeded",
  }));

const explain = ({ prepared, model }: Subject, parallel: number, seed: number): string => {
  const run = simulate(prepared, model.start(seed), parallel);
  const { failed, refusal } = run;
  if (failed === undefined) return "";
  if (refusal !== undefined) {
    const [name, at] = [nameOf(prepared.graph.operations[failed]?.urn ?? ""), formatDuration(run.endMs[failed] ?? 0)];
    return `${name} fails after ${at}: ${describeRefusal(refusal)}`;
  }
  const wait = prepared.waitOf[failed];
  if (wait === undefined) return "";
  const name = nameOf(prepared.graph.operations[wait.operation]?.urn ?? "");
  const patience = formatDuration(wait.timeoutMs);
  const started = wait.for.filter((operation) => (run.startMs[operation] ?? -1) >= 0).length;
  if (parallel === 1 && started === 0) {
    return `${name} holds the only slot while it waits for ${wait.needed} validators, none of which can begin; after ${patience} it gives up and the deployment fails.`;
  }
  const gaveUpAtMs = run.endMs[wait.operation] ?? 0;
  const there = wait.for.filter((operation) => {
    const end = run.endMs[operation] ?? -1;
    return end >= 0 && end <= gaveUpAtMs;
  }).length;
  return `${name} holds one of ${parallel} slots and gives up after ${patience}: by then ${there} of ${wait.for.length} validators run and ${wait.needed} are needed.`;
};
