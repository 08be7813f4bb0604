import { rmSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { deployedConfiguration, withConfiguration } from "../operations/rollout/history";
import { deployedIn } from "../operations/rollout/deployed";
import { regionsOf, type RolloutWave } from "../operations/rollout/record";
import { narrowTargets } from "../operations/rollout/retry-targets";
import type { RolloutTarget, WaveFailure, WaveRun } from "../operations/rollout/target";
import { placementOf } from "../operations/regions/network";
import { targetsForSteps } from "../regions/targets";
import { runAttempts } from "./attempts";
import type { Fault } from "./azure/faults";
import type { Rehearsal, RunOptions, RunResult } from "./rehearsal";
import { resume } from "./resume";
import type { RehearsedNetwork } from "./rollout-network";

export interface RehearsedTargetOptions {
  /** The `--parallel` that is rehearsed. */
  readonly parallel: number;
  /** Attempts in all of each wave. */
  readonly attempts: number;
  readonly seed: number;
  /** Trouble that the engine meets in the waves of a region. */
  readonly faults?: readonly Fault[];
  readonly onStep: (text: string) => void;
  readonly onProgress?: RunOptions["onProgress"];
  /** @default true */
  readonly checkpoints?: boolean;
}

/** A rollout of one stack in a rehearsal: the real engine and program, a simulated cloud, and a time that can be skipped. */
export function rehearsedTarget(
  rehearsal: Rehearsal,
  network: RehearsedNetwork,
  { parallel, attempts, seed, faults = [], onStep, onProgress, checkpoints = true }: RehearsedTargetOptions,
): RolloutTarget {
  const common = { parallel, checkpoints, continueOnError: true, ...(onProgress !== undefined && { onProgress }) };
  const targetsOf = ({ kind, steps }: RolloutWave): string[] =>
    kind === "contracts" ? [] : targetsForSteps(steps, placementOf(network.machinery.network));
  const taken = <R extends RunResult>(run: R): R => {
    network.take(run.trace, run.virtualMs);
    return run;
  };
  return {
    machinery: network.machinery,
    deployed: async () => deployedIn(await rehearsal.exportState()),
    previous: async () => deployedConfiguration(await rehearsal.history()),
    deploy: async (wave) => {
      for (const { explanation } of await resume(rehearsal)) onStep(`  ${explanation}`);
      const run = await runAttempts(
        rehearsal,
        { ...common, faults, targets: targetsOf(wave) },
        {
          ...{ attempts, seed, contracts: [], onStep: (text) => onStep(`  ${text}`) },
          isInterrupted: () => rehearsal.isInterrupted,
          narrow: narrowTargets,
        },
      );
      if (run.crashed !== undefined) rehearsal.clearLocks();
      const failures = run.outcomes.flatMap(({ failure: { region = "all", name, code, advice }, cured }) =>
        cured ? [] : [{ where: region, what: `${name}: ${code}.`, action: advice.action }],
      );
      taken(run);
      return { succeeded: run.exitCode === 0, failures: failures.length > 0 ? failures : errorsOf(run) };
    },
    rollBack: async (wave, previous) => {
      await resume(rehearsal);
      if (wave.restarting === 0) {
        const targets = regionsOf(wave).map((region) => `**::${region}-*`);
        return outcomeOf(taken(await rehearsal.run("destroy", { ...common, targets })));
      }
      const configFile = join(dirname(rehearsal.configFile), "Pulumi.rollback.yaml");
      try {
        writeFileSync(configFile, withConfiguration(readFileSync(rehearsal.configFile, "utf8"), previous), {
          mode: 0o600,
        });
        return outcomeOf(taken(await rehearsal.run("up", { ...common, configFile, targets: targetsOf(wave) })));
      } finally {
        rmSync(configFile, { force: true });
      }
    },
    wait: (ms) => {
      network.skip(ms);
      return Promise.resolve();
    },
  };
}

const outcomeOf = (run: RunResult): WaveRun => ({ succeeded: run.exitCode === 0, failures: errorsOf(run) });

function errorsOf({ exitCode, diagnostics }: Pick<RunResult, "exitCode" | "diagnostics">): WaveFailure[] {
  const errors = exitCode === 0 ? [] : diagnostics.filter(({ severity }) => severity === "error");
  return errors.slice(0, 3).map(({ urn, message }) => ({
    where: urn?.split("::").at(-1) ?? "all",
    what: message.split("\n")[0] ?? message,
    action: "",
  }));
}
