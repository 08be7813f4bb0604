import {
  allCured,
  type Attempt,
  nextStep,
  type Outcome,
  outcomesOf,
  retryDefaults,
  type RetryPolicy,
} from "./attempts";
import { type FailedResource, failuresOf } from "./failures";

/** What a run of the engine must tell. */
interface Run {
  readonly exitCode: number;
  readonly diagnostics: readonly { readonly severity: string; readonly urn?: string; readonly message: string }[];
  /** Most operations that were under way at once. @default as many as were allowed */
  readonly peak?: number;
}

/** One attempt that is to be made. */
export interface AttemptStep {
  /** 1 for the first. */
  readonly number: number;
  readonly parallel: number;
  /** `--target` patterns; empty for everything. */
  readonly targets: readonly string[];
  /** The regions of those patterns; absent for everything. */
  readonly regions?: readonly string[];
  /** To wait before it, in milliseconds. */
  readonly delayMs: number;
}

export interface LoopOptions<R extends Run> {
  /** Attempts in all, the first included. */
  readonly attempts: number;
  /** `--parallel` of the first attempt. */
  readonly parallel: number;
  /** 0 to 1, for the jitter of the wait after this many attempts. */
  readonly random: (attempts: number) => number;
  /** Targets of the contracts, which wait for what is tried again. */
  readonly contracts: readonly string[];
  /** Waits and makes an attempt. */
  readonly run: (step: AttemptStep) => Promise<R>;
  /** Takes into the stack what a run was refused because it exists. @returns its URNs: they are tried again */
  readonly takeIn?: (run: R) => Promise<readonly string[]>;
  /** Whether nothing is tried after this run: interrupted, or killed. */
  readonly isOver: (run: R) => boolean;
}

/** What became of all attempts. */
export interface LoopResult<R> {
  /** At least one. */
  readonly runs: readonly [R, ...R[]];
  readonly outcomes: readonly Outcome[];
  /** Whether something failed and all of it was cured. */
  readonly cured: boolean;
}

/** `pulumi up`, and again for what failed, as `nextStep` decides, whoever runs the engine and keeps the time. */
export async function attemptLoop<R extends Run>(options: LoopOptions<R>): Promise<LoopResult<R>> {
  const { attempts, parallel, random, contracts, isOver, takeIn } = options;
  const policy: RetryPolicy = { ...retryDefaults, attempts, parallel };
  const history: Attempt[] = [];
  const runs: R[] = [];
  let step: AttemptStep = { number: 1, parallel, targets: [], delayMs: 0 };
  for (;;) {
    const run = await options.run(step);
    runs.push(run);
    const over = isOver(run);
    const taken = over ? [] : ((await takeIn?.(run)) ?? []);
    const failures = run.exitCode === 0 ? [] : failuresOf(run.diagnostics.filter(isError)).map(curable(taken));
    const { regions } = step;
    const used = Math.min(step.parallel, Math.max(1, run.peak ?? Infinity));
    history.push({ parallel: used, failures, ...(regions !== undefined && { regions }) });

    const next = nextStep(history, policy, random(history.length), contracts);
    if (next.kind !== "retry" || over) {
      const outcomes = outcomesOf(history);
      const cured = outcomes.length > 0 && allCured(history) && failures.length === 0;
      return { runs: runs as [R, ...R[]], outcomes, cured };
    }
    step = { ...next, number: history.length + 1 };
  }
}

const isError = ({ severity }: Run["diagnostics"][number]): boolean => severity === "error";

/** What was taken into the stack does not fail again. */
const curable =
  (taken: readonly string[]) =>
  (failure: FailedResource): FailedResource =>
    taken.includes(failure.urn)
      ? { ...failure, advice: { transient: true, throttled: false, action: "Nothing: the stack has it now." } }
      : failure;
