import type { Outcome } from "../../operations/retry/attempts";
import type { Finding } from "../../operations/pending";
import type { RunResult } from "../rehearsal";
import { commandSeconds, criticalPath, oneAtATimeMs } from "./critical-path";
import { nameOf } from "./format";

/** Outputs of the stack that the summary shows (index.ts). */
export interface StackOutputs {
  readonly regions: readonly string[];
  readonly validators: readonly { readonly name: string; readonly host: string; readonly address: string }[];
  readonly contracts: Readonly<
    Record<string, Readonly<Record<string, { readonly address: string; readonly verdict: string }>>>
  >;
}

/** What `npm start -- --json` prints. Times in seconds; virtual unless they say real. */
export interface Summary {
  readonly schemaVersion: 1;
  readonly stack: string;
  readonly succeeded: boolean;
  readonly parallel: number;
  readonly regions: readonly string[];
  readonly validators: StackOutputs["validators"];
  readonly contracts: readonly {
    readonly chain: string;
    readonly name: string;
    readonly address: string;
    /** `perfect` or `partial`; `mismatch` fails the run. */
    readonly verification: string;
  }[];
  readonly resources: Readonly<Record<string, number>>;
  readonly virtualSeconds: number;
  readonly oneAtATimeSeconds: number;
  /** False where only a waiting time could tell that the engine was quiet (not Linux, and no program to ask). */
  readonly virtualTimeIsExact: boolean;
  readonly realSeconds: number;
  /** Seconds that the contract commands really ran, added up; not part of virtual time. */
  readonly commandRealSeconds: number;
  readonly criticalPath: readonly {
    readonly name: string;
    readonly kind: string;
    readonly seconds: number;
    readonly waitedFor: string;
  }[];
  readonly errors: readonly { readonly resource?: string; readonly message: string }[];
  /** Trouble that was asked for with `--fault`. */
  readonly faults?: readonly string[];
  /** What Azure's refusals cost; absent when it refused nothing. */
  readonly trouble?: {
    readonly retries: number;
    /** Seconds that operations waited because they were throttled, added up. */
    readonly throttledSeconds: number;
    /** Failed operations by Azure's code. */
    readonly failures: Readonly<Record<string, number>>;
  };
  /** How many attempts were made; absent where one was asked for. */
  readonly attempts?: number;
  /** What failed in any of them, and what became of it. */
  readonly retried?: readonly Outcome[];
  /** Resource at whose end the engine was killed, by a fault. */
  readonly crashed?: string;
  /** What an interrupted run before this one had left, and what became of it. */
  readonly resumed?: readonly { readonly resource: string; readonly decision: string; readonly explanation: string }[];
  /** Path of the report; absent when nothing was done. */
  readonly report?: string;
}

interface SummaryGiven {
  readonly stack: string;
  readonly parallel: number;
  readonly faults?: readonly string[];
  readonly resumed?: readonly Finding[];
  readonly attempts?: number;
  readonly outcomes?: readonly Outcome[];
}

const troubleOf = (trace: RunResult["trace"]): Pick<Summary, "trouble"> => {
  const failures: Record<string, number> = {};
  let retried = 0;
  let throttled = 0;
  for (const { retries = 0, throttledMs = [], errorCode } of trace) {
    retried += retries;
    throttled += throttledMs.reduce((sum, [from, to]) => sum + to - from, 0);
    if (errorCode !== undefined) failures[errorCode] = (failures[errorCode] ?? 0) + 1;
  }
  if (retried === 0 && Object.keys(failures).length === 0) return {};
  return { trouble: { retries: retried, throttledSeconds: throttled / 1000, failures } };
};

/** Gathers what a run has shown. */
export const summarise = (
  run: RunResult,
  outputs: Partial<StackOutputs>,
  { resumed = [], outcomes, ...given }: SummaryGiven,
): Summary => ({
  schemaVersion: 1,
  ...given,
  ...troubleOf(run.trace),
  ...(outcomes !== undefined && { retried: outcomes }),
  ...(run.crashed !== undefined && { crashed: nameOf(run.crashed) }),
  ...(resumed.length > 0 && {
    resumed: resumed.map(({ urn, decision, explanation }) => ({ resource: nameOf(urn), decision, explanation })),
  }),
  succeeded: run.exitCode === 0,
  regions: outputs.regions ?? [],
  validators: outputs.validators ?? [],
  contracts: Object.entries(outputs.contracts ?? {}).flatMap(([chain, contracts]) =>
    Object.entries(contracts).map(([name, { address, verdict }]) => ({ chain, name, address, verification: verdict })),
  ),
  resources: run.changes,
  virtualSeconds: run.virtualMs / 1000,
  oneAtATimeSeconds: oneAtATimeMs(run.trace) / 1000,
  virtualTimeIsExact: (run.verdicts.window ?? 0) === 0,
  realSeconds: run.realSeconds,
  commandRealSeconds: commandSeconds(run.trace),
  criticalPath: criticalPath(run.trace).map(({ entry, waitedFor }) => ({
    name: nameOf(entry.urn),
    kind: entry.kind,
    seconds: entry.workMs / 1000,
    waitedFor,
  })),
  errors: run.diagnostics
    .filter(({ severity }) => severity === "error")
    .map(({ urn, message }) => ({ message, ...(urn !== undefined && { resource: nameOf(urn) }) })),
});
