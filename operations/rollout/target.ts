import type { Machinery } from "../regions/status";
import type { RolloutWave } from "./record";

/** What the engine could not do in a wave. */
export interface WaveFailure {
  /** Region, or what all share. */
  readonly where: string;
  readonly what: string;
  /** One sentence for the operator. */
  readonly action: string;
}

/** What became of the engine's part of a wave. */
export interface WaveRun {
  readonly succeeded: boolean;
  readonly failures: readonly WaveFailure[];
}

/** A validator that the stack has deployed. */
export interface DeployedValidator {
  readonly region: string;
  readonly ordinal: number;
  /** Its container image with the tag; undefined where the state does not tell. */
  readonly image: string | undefined;
}

/** What a rollout acts on: a stack, or one stack a region; real or rehearsed. */
export interface RolloutTarget {
  /** The validators that are deployed now, by the state. */
  readonly deployed: () => Promise<readonly DeployedValidator[]>;
  /** One update with the wave's regions as targets; what failed for a passing reason is tried again, there alone. */
  readonly deploy: (wave: RolloutWave) => Promise<WaveRun>;
  /**
   * What was there before the wave: living regions are updated with the configuration before the rollout, new ones are
   * destroyed.
   */
  readonly rollBack: (wave: RolloutWave, previous: Readonly<Record<string, unknown>>) => Promise<WaveRun>;
  /** The `config` of the newest update that succeeded, without secrets; undefined where there was none. */
  readonly previous: () => Promise<Readonly<Record<string, unknown>> | undefined>;
  /** How the network is asked for its health. */
  readonly machinery: Machinery;
  /** Waits so long, at most until the signal; a rehearsed network's time is moved on instead. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
}
