import type { StrategyName } from "./strategies";

export const levelNames = ["basic", "intelligent", "aggressive", "experimental"] as const;
export type LevelName = (typeof levelNames)[number];

/** What an optimisation level switches on. */
export interface Level {
  /** How files and jobs are given to runners; `replayed`: what wins on the user's own history. */
  readonly strategy: StrategyName | "replayed";
  /** Timeouts by history, rather than the one fixed for all. */
  readonly adaptiveTimeouts: boolean;
  /** The number of runners by sweeping it, rather than the least allowed. */
  readonly sweepsRunners: boolean;
  /** Strategies that need a queue during the run may win, too. */
  readonly allowsQueue: boolean;
  /** Tests in quarantine go into a shard of their own, which may fail. */
  readonly separatesQuarantine: boolean;
}

/** The levels, each with all of the one before. */
export const levels: Readonly<Record<LevelName, Level>> = {
  basic: {
    strategy: "least-loaded",
    adaptiveTimeouts: false,
    sweepsRunners: false,
    allowsQueue: false,
    separatesQuarantine: false,
  },
  intelligent: {
    strategy: "replayed",
    adaptiveTimeouts: true,
    sweepsRunners: true,
    allowsQueue: false,
    separatesQuarantine: false,
  },
  aggressive: {
    strategy: "replayed",
    adaptiveTimeouts: true,
    sweepsRunners: true,
    allowsQueue: false,
    separatesQuarantine: true,
  },
  experimental: {
    strategy: "replayed",
    adaptiveTimeouts: true,
    sweepsRunners: true,
    allowsQueue: true,
    separatesQuarantine: true,
  },
};
