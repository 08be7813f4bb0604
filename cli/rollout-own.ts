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
  /** The stack's file. */
  readonly stackFile: string;
  /** Folder for what is written down. */
  readonly folder: string;
  readonly machinery: Machinery;
  readonly attempts: number;
  readonly parallel: number;
  readonly onStep: (text: string) => void;
}

/** A rollout of a stack of the user's own, through the `pulumi` command in this terminal. */
export function ownTarget(options: OwnTargetOptions): RolloutTarget & { readonly dispose: () => void } {
  const { pulumi, project, stack, machinery, attempts, parallel, onStep, folder } = options;
  const time = new Date().toISOString().replaceAll(":", "-");
  const events = join(folder, "events", `${stack}-${time}.jsonl`);
  let current: PulumiStack | undefined;
  const dispose = passSignals((fromTerminal) => current?.interrupt(fromTerminal));
  const open = (targets: readonly string[], configFile?: string): PulumiStack => {
    const upArguments = (step: AttemptStep): string[] => [
      ...["up", "--stack", stack, "--parallel", String(step.parallel), "--yes", "--skip-preview"],
      "--continue-on-error",
      ...(configFile === undefined ? [] : ["--config-file", configFile]),
      ...narrowTargets(targets, step.regions ?? []).flatMap((target) => ["--target", target]),
    ];
    return (current = new PulumiStack({ pulumi, project, stack, upArguments, events, onStep }));
  };
  const up = async (own: PulumiStack): Promise<WaveRun> => {
    const { runs, outcomes, cured } = await deploy(own, {
      ...{ attempts, parallel, importExisting: false, onStep, contracts: [] },
      random: Math.random,
      isInterrupted: () => own.interrupted,
    });
    const failures = outcomes.flatMap(({ failure: { region = "all", name, code, advice }, cured: done }) =>
      done ? [] : [{ where: region, what: `${name}: ${code}.`, action: advice.action }],
    );
    return { succeeded: !own.interrupted && (cured || runs.at(-1)?.exitCode === 0), failures };
  };
  const targetsOf = ({ kind, steps }: RolloutWave): string[] =>
    kind === "contracts" ? [] : targetsForSteps(steps, placementOf(machinery.network));
  return {
    machinery,
    dispose,
    deployed: async () => deployedIn(await open([]).exportState()),
    previous: async () => deployedConfiguration(await open([]).history()),
    deploy: (wave) => up(open(targetsOf(wave))),
    rollBack: async (wave, previous) => {
      if (wave.restarting === 0) {
        return outcomeOf(await open([]).destroy(regionsOf(wave).map((region) => `**::${region}-*`)));
      }
      const configFile = join(folder, `Pulumi.${stack}.rollback.yaml`);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      try {
        const text = withConfiguration(readFileSync(options.stackFile, "utf8"), previous);
        writeFileSync(configFile, text, { mode: 0o600 });
        return await up(open(targetsOf(wave), configFile));
      } finally {
        rmSync(configFile, { force: true });
      }
    },
    wait: async (ms, signal) => {
      await pause(ms, undefined, { signal }).catch(() => undefined);
    },
  };
}

const outcomeOf = ({ exitCode, diagnostics }: EngineRun): WaveRun => ({
  succeeded: exitCode === 0,
  failures: diagnostics.slice(0, 3).map(({ urn = "all", message }) => ({ where: urn, what: message, action: "" })),
});
