import {
  allCured,
  type Attempt,
  nextStep,
  type Outcome,
  outcomesOf,
  retryDefaults,
  type RetryPolicy,
} from "../operations/retry/attempts";
import { failuresOf } from "../operations/retry/failures";
import { uniform } from "./azure/seeded";
import type { Rehearsal, RunOptions, RunResult } from "./rehearsal";
import { formatDuration } from "./report/format";

/** All attempts as one run. */
export interface AttemptedRun extends RunResult {
  /** How many there were. */
  readonly attempts: number;
  /** What became of each resource that failed in one of them. */
  readonly outcomes: readonly Outcome[];
}

export interface AttemptOptions {
  /** Attempts in all, the first included. */
  readonly attempts: number;
  readonly seed: number;
  /** Targets of the contracts, which wait for what is tried again. */
  readonly contracts: readonly string[];
  readonly onStep: (text: string) => void;
  /** Ctrl-C: nothing is tried again. */
  readonly isInterrupted: () => boolean;
}

/**
 * `pulumi up`, and again for what failed, as operations/retry decides; on one virtual clock, the waits between attempts
 * included. Each attempt finds full request buckets, and its own luck with what is flaky.
 */
export async function runAttempts(
  rehearsal: Pick<Rehearsal, "run">,
  first: RunOptions,
  { attempts, seed, contracts, onStep, isInterrupted }: AttemptOptions,
): Promise<AttemptedRun> {
  const policy: RetryPolicy = { ...retryDefaults, attempts, parallel: first.parallel };
  const history: Attempt[] = [];
  let options = first;
  let regions: readonly string[] | undefined;
  let whole: RunResult | undefined;
  for (;;) {
    const run = await rehearsal.run("up", options);
    whole = whole === undefined ? run : joined(whole, run);
    const failures = run.exitCode === 0 ? [] : failuresOf(run.diagnostics.filter(isError));
    history.push({ parallel: options.parallel, failures, ...(regions !== undefined && { regions }) });

    const step = nextStep(history, policy, uniform(`${seed}/retry/${history.length}`), contracts);
    if (step.kind !== "retry" || run.crashed !== undefined || isInterrupted()) {
      return { ...settled(whole, history), attempts: history.length, outcomes: outcomesOf(history) };
    }
    onStep(
      `attempt ${history.length + 1} of ${attempts} in ${formatDuration(step.delayMs)} of virtual time, ` +
        `--parallel ${step.parallel}: ${step.regions?.join(", ") ?? "everything"}`,
    );
    regions = step.regions;
    options = {
      ...first,
      parallel: step.parallel,
      targets: first.targets?.length ? first.targets : step.targets,
      after: {
        nowMs: whole.virtualMs + step.delayMs,
        completions: whole.trace.length,
        attempts: history.length,
      },
    };
  }
}

const isError = ({ severity }: RunResult["diagnostics"][number]): boolean => severity === "error";

/** Two runs, one after the other, as one. What was the same in the later one had been counted in the earlier. */
function joined(before: RunResult, after: RunResult): RunResult {
  const changes: Record<string, number> = { ...before.changes };
  for (const [kind, count] of Object.entries(after.changes)) {
    if (kind !== "same") changes[kind] = (changes[kind] ?? 0) + count;
  }
  const verdicts: Record<string, number> = { ...before.verdicts };
  for (const [witness, count] of Object.entries(after.verdicts)) verdicts[witness] = (verdicts[witness] ?? 0) + count;
  return {
    ...after,
    changes,
    verdicts,
    diagnostics: [...before.diagnostics, ...after.diagnostics],
    output: before.output + after.output,
    trace: [...before.trace, ...after.trace],
    providers: [...before.providers, ...after.providers],
    realSeconds: before.realSeconds + after.realSeconds,
  };
}

/** Without the diagnostics of what was cured; a success if all of it was. */
function settled(run: RunResult, history: readonly Attempt[]): RunResult {
  const outcomes = outcomesOf(history);
  const cured = new Set(outcomes.flatMap((outcome) => (outcome.cured ? [outcome.failure.urn] : [])));
  const succeeded = outcomes.length > 0 && allCured(history) && history.at(-1)?.failures.length === 0;
  const stays = (diagnostic: RunResult["diagnostics"][number]): boolean =>
    !isError(diagnostic) || !(succeeded || (diagnostic.urn !== undefined && cured.has(diagnostic.urn)));
  const exitCode = outcomes.length === 0 ? run.exitCode : succeeded ? 0 : run.exitCode || 1;
  return { ...run, exitCode, diagnostics: run.diagnostics.filter(stays) };
}
