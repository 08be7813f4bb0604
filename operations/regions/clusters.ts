import type { OperatedRegion } from "./network";

/** A group of nodes of a cluster. */
export interface PoolState {
  readonly name: string;
  readonly power: "running" | "stopped";
  /** As ARM names it: Succeeded, Updating, Failed, … */
  readonly provisioning: string;
  readonly nodes: number;
}

/** A region's cluster, as Azure tells it. */
export interface ClusterState {
  readonly power: "running" | "stopped";
  /** As ARM names it: Succeeded, Starting, Stopping, Updating, Failed, … */
  readonly provisioning: string;
  readonly kubernetesVersion: string;
  readonly pools: readonly PoolState[];
}

/** A secret or certificate of a region's vaults that ends some day. */
export interface Expiry {
  readonly name: string;
  /** Milliseconds of the epoch. */
  readonly atMs: number;
}

/** What the operations ask of Azure. Every call ends early, with an error, when its signal says so. */
export interface Clusters {
  readonly get: (region: OperatedRegion, signal: AbortSignal) => Promise<ClusterState>;
  /** What ends some day in the region's vaults; nothing that never does. Values are not read. */
  readonly expiries: (region: OperatedRegion, signal: AbortSignal) => Promise<readonly Expiry[]>;
  /** Until Azure has started the cluster. */
  readonly start: (region: OperatedRegion, signal: AbortSignal) => Promise<void>;
  /** Until Azure has stopped the cluster, its nodes with it. */
  readonly stop: (region: OperatedRegion, signal: AbortSignal) => Promise<void>;
  /** Until a pool that was stopped by itself runs. */
  readonly startPool: (region: OperatedRegion, pool: string, signal: AbortSignal) => Promise<void>;
  /** Until the cluster has been told to restart all its validators at once. */
  readonly restartValidators: (region: OperatedRegion, signal: AbortSignal) => Promise<void>;
}
