import { placementOf } from "../regions/network";
import { partStack } from "../../regions/scope";
import { targetsForSteps } from "../../regions/targets";
import { deployedIn } from "./deployed";
import type { RolloutWave } from "./record";
import type { RolloutTarget, WaveFailure, WaveRun } from "./target";

/** How one stack of a network that is split is acted on. */
export interface PartRunner {
  /** Whether the stack exists in the backend. */
  readonly exists: (stack: string) => Promise<boolean>;
  /** `pulumi up`, of the whole stack or of targets; the stack is made when it is not there. */
  readonly up: (
    stack: string,
    targets: readonly string[],
    previous?: Readonly<Record<string, unknown>>,
  ) => Promise<WaveRun>;
  readonly destroy: (stack: string) => Promise<WaveRun>;
  readonly exportState: (stack: string) => Promise<string>;
  /** The `config` of the stack's newest update that succeeded; undefined where there was none. */
  readonly previous: (stack: string) => Promise<Readonly<Record<string, unknown>> | undefined>;
}

export interface SplitTargetOptions extends Pick<RolloutTarget, "machinery" | "wait"> {
  /** Name of the network. */
  readonly network: string;
  readonly runner: PartRunner;
  /** Stacks side by side. */
  readonly concurrency: number;
  readonly onStep: (text: string) => void;
}

/** A rollout of a network in one stack for what is shared, one a region, and one for the contracts. */
export function splitTarget(options: SplitTargetOptions): RolloutTarget {
  const { network, runner, machinery, wait, concurrency, onStep } = options;
  const placement = placementOf(machinery.network);
  const regionStacks = placement.map(({ name }) => partStack(network, name));

  const eachStep = async (wave: RolloutWave, work: (stack: string, targets: readonly string[]) => Promise<WaveRun>) => {
    const runs = await inPool(wave.steps, concurrency, async (step): Promise<WaveRun> => {
      const { region, ordinals } = step;
      const { validators = 0 } = placement.find(({ name }) => name === region) ?? {};
      // A stack of its own needs no target, unless the wave takes some of its validators alone.
      const targets = ordinals.includes(validators - 1) ? [] : targetsForSteps([step], placement);
      const run = await work(partStack(network, region), targets);
      onStep(`  ${region}: ${run.succeeded ? "done" : "failed"}`);
      return { ...run, failures: run.failures.map((failure) => ({ ...failure, where: region })) };
    });
    const failures: WaveFailure[] = runs.flatMap((run) => run.failures);
    return { succeeded: runs.every(({ succeeded }) => succeeded), failures };
  };

  return {
    ...{ machinery, wait },
    deployed: async () => {
      const states = await inPool(regionStacks, concurrency, async (stack) =>
        (await runner.exists(stack)) ? deployedIn(await runner.exportState(stack)) : [],
      );
      return states.flat();
    },
    previous: async () => {
      for (const stack of regionStacks) {
        if (await runner.exists(stack)) return runner.previous(stack);
      }
      return undefined;
    },
    deploy: (wave) => {
      if (wave.kind === "regions") return eachStep(wave, (stack, targets) => runner.up(stack, targets));
      return runner.up(partStack(network, wave.kind), []);
    },
    rollBack: (wave, previous) => {
      if (wave.kind !== "regions") return Promise.resolve({ succeeded: true, failures: [] });
      if (wave.restarting === 0) return eachStep(wave, (stack) => runner.destroy(stack));
      return eachStep(wave, (stack, targets) => runner.up(stack, targets, previous));
    },
  };
}

/** Results in the order of the items; so many at a time. */
async function inPool<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const left = items.map((item, at) => ({ item, at }));
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) results[next.at] = await work(next.item);
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(atOnce, items.length)) }, worker));
  return results;
}
