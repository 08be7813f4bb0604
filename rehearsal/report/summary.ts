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
  /** Path of the report; absent when nothing was done. */
  readonly report?: string;
}

/** Gathers what a run has shown. */
export const summarise = (
  run: RunResult,
  outputs: Partial<StackOutputs>,
  given: { readonly stack: string; readonly parallel: number },
): Summary => ({
  schemaVersion: 1,
  ...given,
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
