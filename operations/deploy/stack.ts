/** A message of the engine. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** Absent when it concerns no single resource. */
  readonly urn?: string;
  readonly message: string;
}

/** A resource that the engine could not create, as its events tell of it: no inputs, no outputs. */
export interface FailedStep {
  readonly urn: string;
  readonly type: string;
  readonly parent?: string;
  /** `urn::id` of its provider. */
  readonly provider?: string;
}

/** One command of the engine that has ended. */
export interface EngineRun {
  readonly exitCode: number;
  readonly diagnostics: readonly Diagnostic[];
  readonly failedSteps?: readonly FailedStep[];
  /** Most operations that were under way at once: a `--parallel` above it was not used. */
  readonly peak?: number;
}

/** A stack whose state can be read, written, and compared with the cloud. */
export interface ResumableStack {
  /** `pulumi stack export`: secrets stay encrypted. */
  exportState(): Promise<string>;
  /** `pulumi stack import`. */
  importState(state: string): Promise<void>;
  /** `pulumi refresh --target`, for each of these URNs. */
  refresh(targets: readonly string[]): Promise<EngineRun>;
}
