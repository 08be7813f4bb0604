import { availableParallelism, cpus } from "node:os";

import type { Strategy } from "../executor";
import { contention, workloads, type Workload } from "../workloads/workloads";
import { createWorld } from "../workloads/world";
import { ExecutionError } from "../errors";
import { type Measured, measure } from "./measure";
import { measureNative, type Native, type StartNative } from "./native";

export interface BenchOptions {
  /** Names of workloads. @default all */
  readonly workloads?: readonly string[] | undefined;
  /** Of each block. */
  readonly transactions: number;
  /** Blocks that count, of each workload. */
  readonly rounds: number;
  /** Transactions of each workload before the first block that counts. */
  readonly warmUpTransactions: number;
  /** Threads, the calling one included. */
  readonly threads: number;
  readonly seed: number;
  /** Percentages of contention; none leaves the sweep out. */
  readonly contention: readonly number[];
  /** Numbers of threads to sweep; none leaves the sweep out. */
  readonly threadCounts: readonly number[];
  /** Starts a native client for comparison; none leaves it out. */
  readonly startNative?: StartNative | undefined;
  readonly onProgress: (text: string) => void;
}

/** Everything that a benchmark of execution found. */
export interface BenchReport {
  readonly schemaVersion: 1;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly node: string };
  readonly transactions: number;
  readonly rounds: number;
  readonly seed: number;
  readonly workloads: readonly Measured[];
  readonly contention: readonly (Measured & { readonly percent: number })[];
  readonly threads: readonly Measured[];
  readonly native?: Native;
}

const parallel: readonly Strategy[] = ["sequential", "optimistic", "scheduled", "adaptive"];

/** What is measured where nothing else is asked for; `quick`: enough to see that it works, not to believe the figures. */
export const usualOptions = (quick: boolean): Omit<BenchOptions, "onProgress"> => ({
  transactions: quick ? 24 : 256,
  rounds: quick ? 1 : 7,
  warmUpTransactions: quick ? 0 : 3_072,
  threads: availableParallelism(),
  seed: 1,
  contention: quick ? [0, 100] : [0, 10, 25, 50, 75, 90, 100],
  threadCounts: quick ? [1, 2] : [1, 2, 4, 8, 16].filter((count) => count <= Math.max(2, availableParallelism())),
});

/** @throws {ExecutionError} for a workload that there is not, and when executions disagree */
export async function bench(options: BenchOptions): Promise<BenchReport> {
  const { transactions, rounds, warmUpTransactions, threads, seed, onProgress } = options;
  const chosen = chosenWorkloads(options.workloads);
  onProgress("making the world that the workloads run in");
  // Twice as many people as transactions: those who pay, and those who are paid.
  const world = await createWorld(transactions * 2);
  const common = { world, transactions, rounds, warmUpTransactions, threads, seed };
  const measured = async (workload: Workload, more: Partial<Parameters<typeof measure>[0]> = {}): Promise<Measured> => {
    onProgress(`${workload.title}, ${more.threads ?? threads} threads`);
    return measure({ ...common, workload, strategies: parallel, withPlain: false, ...more });
  };
  const table: Measured[] = [];
  for (const workload of chosen) table.push(await measured(workload, { withPlain: true }));
  const swept: BenchReport["contention"][number][] = [];
  for (const percent of options.contention) swept.push({ ...(await measured(contention(percent))), percent });
  const byThreads: Measured[] = [];
  for (const workload of chosen.filter(({ name }) => sweptByThreads.has(name)))
    for (const count of options.threadCounts) byThreads.push(await measured(workload, { threads: count }));
  let native: Native | undefined;
  if (options.startNative !== undefined) {
    onProgress("the same transfers in anvil");
    native = await measureNative(options.startNative, world, { transactions, rounds, seed });
  }
  const [processor] = cpus();
  return {
    schemaVersion: 1,
    machine: { cpu: processor?.model ?? "unknown", cores: cpus().length, node: process.version },
    ...{ transactions, rounds, seed, workloads: table, contention: swept, threads: byThreads },
    ...(native !== undefined && { native }),
  };
}

const sweptByThreads = new Set(["actors", "tokens", "mix"]);

function chosenWorkloads(names: readonly string[] | undefined): readonly Workload[] {
  if (names === undefined) return workloads;
  return names.map((name) => {
    const found = workloads.find((workload) => workload.name === name);
    if (found === undefined)
      throw new ExecutionError(`--workload "${name}" is none that there is.`, {
        hint: `Allowed: ${workloads.map((workload) => workload.name).join(", ")}.`,
      });
    return found;
  });
}
