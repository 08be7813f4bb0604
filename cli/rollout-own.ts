import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { deploy } from "../operations/deploy/deploy";
import type { EngineRun } from "../operations/deploy/stack";
import { placementOf } from "../operations/regions/network";
import type { Machinery } from "../operations/regions/status";
import type { AttemptStep } from "../operations/retry/loop";
import { deployedIn } from "../operations/rollout/deployed";
import { deployedConfiguration, withConfiguration } from "../operations/rollout/history";
import { regionsOf, type RolloutWave } from "../operations/rollout/record";
import { narrowTargets } from "../operations/rollout/retry-targets";
import { type PartRunner, splitTarget } from "../operations/rollout/split-target";
import type { RolloutTarget, WaveRun } from "../operations/rollout/target";
import { targetsForSteps } from "../regions/targets";
import { PulumiStack } from "./pulumi-stack";
import { passSignals } from "./up";

export interface OwnTargetOptions {
  /** Absolute path of the pulumi binary. */
  readonly pulumi: string;
  /** Name of the Pulumi project. */
  readonly project: string;
  readonly stack: string;
  /** File of a stack. */
  readonly stackFile: (stack: string) => string;
  /** Folder for what is written down. */
  readonly folder: string;
  readonly machinery: Machinery;
  readonly attempts: number;
  readonly parallel: number;
  /** Stacks side by side, where the network is split. @default it is one stack */
  readonly concurrency?: number;
  readonly onStep: (text: string) => void;
}

/** A rollout of the user's own stack or stacks, through the `pulumi` command in this terminal. */
export function ownTarget(options: OwnTargetOptions): RolloutTarget & { readonly dispose: () => void } {
  const { stack, machinery, concurrency, onStep } = options;
  const { runner, dispose } = ownRunner(options);
  const wait: RolloutTarget["wait"] = async (ms, signal) => {
    await pause(ms, undefined, { signal }).catch(() => undefined);
  };
  if (concurrency !== undefined) {
    return { ...splitTarget({ machinery, wait, network: stack, runner, concurrency, onStep }), dispose };
  }
  const targetsOf = ({ kind, steps }: RolloutWave): string[] =>
    kind === "contracts" ? [] : targetsForSteps(steps, placementOf(machinery.network));
  return {
    ...{ machinery, wait, dispose },
    deployed: async () => deployedIn(await runner.exportState(stack)),
    previous: () => runner.previous(stack),
    deploy: (wave) => runner.up(stack, targetsOf(wave)),
    rollBack: (wave, previous) =>
      wave.restarting === 0
        ? runner.destroy(
            stack,
            regionsOf(wave).map((region) => `**::${region}-*`),
          )
        : runner.up(stack, targetsOf(wave), previous),
  };
}

/** The user's own stacks; with several side by side, what each prints goes to a file of its own. */
function ownRunner({ pulumi, project, attempts, parallel, folder, concurrency, onStep, stackFile }: OwnTargetOptions) {
  const time = new Date().toISOString().replaceAll(":", "-");
  const running = new Set<PulumiStack>();
  let interrupted = false;
  const dispose = passSignals((fromTerminal) => {
    interrupted = true;
    for (const one of running) one.interrupt(fromTerminal);
  });
  const open = (stack: string, targets: readonly string[] = [], configFile?: string): PulumiStack => {
    const upArguments = (step: AttemptStep): string[] => [
      ...["up", "--stack", stack, "--parallel", String(step.parallel), "--yes", "--skip-preview"],
      "--continue-on-error",
      ...(configFile === undefined ? [] : ["--config-file", configFile]),
      ...narrowTargets(targets, step.regions ?? []).flatMap((target) => ["--target", target]),
    ];
    const events = join(folder, "events", `${stack}-${time}.jsonl`);
    const log = concurrency === undefined ? {} : { log: join(folder, "logs", `${stack}-${time}.log`) };
    return new PulumiStack({ pulumi, project, stack, upArguments, events, onStep, ...log });
  };
  const whileRunning = async <T>(own: PulumiStack, work: () => Promise<T>): Promise<T> => {
    running.add(own);
    try {
      return await work();
    } finally {
      running.delete(own);
    }
  };
  const up = (own: PulumiStack): Promise<WaveRun> =>
    whileRunning(own, async () => {
      if (interrupted) return { succeeded: false, failures: [] };
      const { runs, outcomes, cured } = await deploy(own, {
        ...{ attempts, parallel, importExisting: false, onStep, contracts: [] },
        random: Math.random,
        isInterrupted: () => own.interrupted,
      });
      const failures = outcomes.flatMap(({ failure: { region = "all", name, code, advice }, cured: done }) =>
        done ? [] : [{ where: region, what: `${name}: ${code}.`, action: advice.action }],
      );
      return { succeeded: !own.interrupted && (cured || runs.at(-1)?.exitCode === 0), failures };
    });
  const runner: PartRunner & { readonly destroy: (stack: string, targets?: readonly string[]) => Promise<WaveRun> } = {
    exists: (stack) => open(stack).exists(),
    exportState: (stack) => open(stack).exportState(),
    previous: async (stack) => deployedConfiguration(await open(stack).history()),
    destroy: (stack: string, targets: readonly string[] = []) => {
      const own = open(stack);
      return whileRunning(own, async () => outcomeOf(await own.destroy(targets)));
    },
    up: async (stack, targets, previous) => {
      if (concurrency !== undefined) await open(stack).create();
      if (previous === undefined) return up(open(stack, targets));
      const configFile = join(folder, `Pulumi.${stack}.rollback.yaml`);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      try {
        const text = withConfiguration(readFileSync(stackFile(stack), "utf8"), previous);
        writeFileSync(configFile, text, { mode: 0o600 });
        return await up(open(stack, targets, configFile));
      } finally {
        rmSync(configFile, { force: true });
      }
    },
  };
  return { runner, dispose };
}

const outcomeOf = ({ exitCode, diagnostics }: EngineRun): WaveRun => ({
  succeeded: exitCode === 0,
  failures: diagnostics.slice(0, 3).map(({ urn = "all", message }) => ({ where: urn, what: message, action: "" })),
});
