import { attemptLoop, type AttemptStep, type LoopResult } from "../retry/loop";
import { parseState, pendingOperations } from "../pending";
import { takeIn } from "./adopt";
import { resumeStack } from "./resume";
import type { EngineRun, ResumableStack } from "./stack";

/** A stack that can be deployed. */
export interface DeployableStack<R extends EngineRun> extends ResumableStack {
  /** Removes what a killed engine has left of its lock. @throws StackHeldError while another one runs */
  clearLocks(): Promise<void> | void;
  /** `pulumi up`; the wait before it is the caller's. */
  up(step: AttemptStep): Promise<R>;
}

export interface DeployOptions {
  /** Attempts in all, the first included. */
  readonly attempts: number;
  readonly parallel: number;
  readonly random: (attempts: number) => number;
  /** Targets of the contracts, which wait for what is tried again. */
  readonly contracts: readonly string[];
  /** Take into the stack also what exists and this stack has not begun. */
  readonly importExisting: boolean;
  readonly onStep: (text: string) => void;
  readonly isInterrupted: () => boolean;
}

/**
 * Deploys to a cloud that nobody can ask but through the provider: settles what an interrupted run has left, deploys,
 * takes in what the provider refused to create because it exists, and tries again what waiting may cure.
 *
 * What the engine was creating when it died is remembered until the run shows whether the cloud has it: the engine had
 * written down its inputs and dependencies, and forgets them when it tries again.
 */
export const deploy = async <R extends EngineRun>(
  stack: DeployableStack<R>,
  { importExisting, onStep, isInterrupted, ...loop }: DeployOptions,
): Promise<LoopResult<R>> => {
  await stack.clearLocks();
  const begun = pendingOperations(parseState(await stack.exportState()));
  for (const { urn, explanation } of await resumeStack(stack, () => "unknown")) onStep(`${nameOf(urn)} ${explanation}`);
  return attemptLoop<R>({
    ...loop,
    run: (step) => stack.up(step),
    isOver: isInterrupted,
    takeIn: async (run) => {
      const taken = await takeIn(stack, run, { importForeign: importExisting, begun });
      for (const { urn, explanation } of taken) onStep(`${nameOf(urn)} ${explanation}`);
      return taken.map(({ urn }) => urn);
    },
  });
};

const nameOf = (urn: string): string => urn.split("::").at(-1) ?? urn;
