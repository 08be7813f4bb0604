import type { TraceEntry } from "../clock/virtual-clock";
import { type CriticalStep, criticalPath, oneAtATimeMs } from "./critical-path";

/** A stretch of virtual time, in milliseconds. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** An operation as the page holds it: where, what, when and how it ended; no inputs, outputs or messages. */
export type Operation = Pick<
  TraceEntry,
  "urn" | "kind" | "arrivedMs" | "startMs" | "endMs" | "workMs" | "outcome" | "retries" | "faults" | "errorCode"
> & {
  /** When it waited for a limit to let it through. */
  readonly throttled?: readonly Span[];
};

/** What a forecast says for one `--parallel`. */
export interface ForecastPoint {
  readonly parallel: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** Everything the report shows. */
export interface ReportData {
  readonly schemaVersion: 1;
  readonly stack: string;
  readonly seed: number;
  readonly parallel: number;
  readonly succeeded: boolean;
  readonly virtualMs: number;
  /** False where only a waiting time could tell that the engine was quiet. */
  readonly virtualTimeIsExact: boolean;
  readonly oneAtATimeMs: number;
  /** Number of resources by what happened to them. */
  readonly resources: Readonly<Record<string, number>>;
  /** In the order of their virtual end. */
  readonly operations: readonly Operation[];
  /** First to last; `operation` is an index of `operations`. */
  readonly criticalPath: readonly { readonly operation: number; readonly waitedFor: CriticalStep["waitedFor"] }[];
  readonly contracts: readonly {
    readonly chain: string;
    readonly name: string;
    readonly address: string;
    readonly verification: string;
  }[];
  /** In ascending order of `parallel`; absent when nothing was forecast. */
  readonly forecast?: readonly ForecastPoint[];
}

/** A run, as far as the report shows it. */
export interface ReportedRun {
  readonly exitCode: number;
  readonly changes: Readonly<Record<string, number>>;
  readonly trace: readonly TraceEntry[];
  readonly virtualMs: number;
  readonly verdicts: Readonly<Record<string, number>>;
}

// Field by field: what a trace may hold one day must not reach a file by itself.
const operationOf = (entry: TraceEntry): Operation => {
  const { urn, kind, arrivedMs, startMs, endMs, workMs, outcome, throttledMs = [], retries, faults, errorCode } = entry;
  return {
    urn,
    kind,
    arrivedMs,
    startMs,
    endMs,
    workMs,
    outcome,
    ...(throttledMs.length > 0 && { throttled: throttledMs.map(([from, to]) => ({ startMs: from, endMs: to })) }),
    ...(retries !== undefined && retries > 0 && { retries }),
    ...(faults !== undefined && faults.length > 0 && { faults }),
    ...(errorCode !== undefined && { errorCode }),
  };
};

/** Gathers what the report shows of a run. It depends on nothing but its arguments: same run, same report. */
export const reportData = (
  run: ReportedRun,
  given: Pick<ReportData, "stack" | "seed" | "parallel" | "contracts" | "forecast">,
): ReportData => {
  const indexOf = new Map(run.trace.map((entry, index) => [entry, index]));
  return {
    schemaVersion: 1,
    ...given,
    succeeded: run.exitCode === 0,
    virtualMs: run.virtualMs,
    virtualTimeIsExact: (run.verdicts.window ?? 0) === 0,
    oneAtATimeMs: oneAtATimeMs(run.trace),
    resources: run.changes,
    operations: run.trace.map(operationOf),
    criticalPath: criticalPath(run.trace).map(({ entry, waitedFor }) => ({
      operation: indexOf.get(entry) ?? 0,
      waitedFor,
    })),
  };
};
