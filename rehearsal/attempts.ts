import type { Outcome } from "../operations/retry/attempts";
import { attemptLoop } from "../operations/retry/loop";
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
  /** Targets of a later attempt, of those of the first, by what failed. @default all of them */
  readonly narrow?: (targets: readonly string[], regions: readonly string[]) => readonly string[];
}

/**
 * `pulumi up`, and again for what failed, as operations/retry decides; on one virtual clock, the waits between attempts
 * included. Each attempt finds full request buckets, and its own luck with what is flaky.
 */
export async function runAttempts(
  rehearsal: Pick<Rehearsal, "run">,
  first: RunOptions,
  { attempts, seed, contracts, onStep, isInterrupted, narrow = (all) => all }: AttemptOptions,
): Promise<AttemptedRun> {
  let whole: RunResult | undefined;
  const { runs, outcomes, cured } = await attemptLoop<RunResult>({
    ...{ attempts, contracts, parallel: first.parallel },
    random: (made) => uniform(`${seed}/retry/${made}`),
    isOver: ({ crashed }) => crashed !== undefined || isInterrupted(),
    run: async ({ number, parallel, targets, regions, delayMs }) => {
      if (whole === undefined) return (whole = await rehearsal.run("up", first));
      onStep(
        `attempt ${number} of ${attempts} in ${formatDuration(delayMs)} of virtual time, ` +
          `--parallel ${parallel}: ${regions?.join(", ") ?? "everything"}`,
      );
      const after = { nowMs: whole.virtualMs + delayMs, completions: whole.trace.length, attempts: number - 1 };
      const own = first.targets?.length ? narrow(first.targets, regions ?? []) : targets;
      const run = await rehearsal.run("up", { ...first, parallel, targets: own, after });
      whole = joined(whole, run);
      return run;
    },
  });
  return { ...settled(whole ?? runs[0], outcomes, cured), attempts: runs.length, outcomes };
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
function settled(run: RunResult, outcomes: readonly Outcome[], succeeded: boolean): RunResult {
  const cured = new Set(outcomes.flatMap((outcome) => (outcome.cured ? [outcome.failure.urn] : [])));
  const stays = (diagnostic: RunResult["diagnostics"][number]): boolean =>
    !isError(diagnostic) || !(succeeded || (diagnostic.urn !== undefined && cured.has(diagnostic.urn)));
  const exitCode = outcomes.length === 0 ? run.exitCode : succeeded ? 0 : run.exitCode || 1;
  return { ...run, exitCode, diagnostics: run.diagnostics.filter(stays) };
}
