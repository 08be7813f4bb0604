import { recordAccessList } from "../access-list";
import type { BlockInput } from "../block";
import { boundOf, mostSpeedup } from "../critical-path";
import { ExecutionError } from "../errors";
import type { Strategy } from "../executor";
import { FlatState } from "../state/flat-state";
import { Blocks, type Workload } from "../workloads/workloads";
import { rules, type World } from "../workloads/world";
import { type Contender, ours, plain, type Run } from "./contender";

/** Middle of several measurements, with the smallest and the largest. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** What one way to execute achieved on one workload. */
export interface Achieved {
  readonly name: string;
  /** Transactions a second of execution, without roots; of plain EthereumJS with them, as it cannot do without. */
  readonly transactionsPerSecond: Spread;
  readonly gasPerSecond: number;
  /** Against our sequential execution, block by block. */
  readonly speedup: Spread;
  /** Share of executions that were repeated, and that stopped to wait. */
  readonly abortRate: number;
  readonly waitRate: number;
  /** Roots included, transactions a second. */
  readonly withRootsPerSecond: number;
}

export interface Measured {
  readonly workload: string;
  readonly title: string;
  readonly threads: number;
  readonly gasPerTransaction: number;
  /** All gas over the gas of the longest chain: what any number of threads can gain at most. */
  readonly parallelism: number;
  /** The same for these threads. */
  readonly bound: number;
  /** Our sequential execution against plain EthereumJS, both with roots; none where plain was not run. */
  readonly againstPlain?: number;
  readonly achieved: readonly Achieved[];
}

export interface MeasureOptions {
  readonly world: World;
  readonly workload: Workload;
  readonly transactions: number;
  readonly rounds: number;
  /** Transactions before the first block that counts: each thread compiles what it runs by itself, while it runs. */
  readonly warmUpTransactions: number;
  readonly threads: number;
  readonly seed: number;
  readonly strategies: readonly Strategy[];
  readonly withPlain: boolean;
  readonly onRound?: (() => void) | undefined;
}

/** Fewest blocks before the first that counts. */
const WARM_UP = 3;

/**
 * Executes the same blocks in every way, each block by all of them before the next, and in another order each time.
 * @throws {ExecutionError} when two disagree on a state
 */
export async function measure(options: MeasureOptions): Promise<Measured> {
  const { world, workload, transactions, rounds, threads, seed, strategies, withPlain } = options;
  const contenders: Contender[] = [];
  const recorder = new FlatState();
  recorder.apply(world.state.snapshot());
  try {
    for (const strategy of strategies) contenders.push(await ours(strategy, threads, world.state));
    if (withPlain) contenders.push(await plain(world.state));
    const blocks = new Blocks(world, workload, transactions, seed);
    const runs = new Map<string, Run[]>(contenders.map(({ name }) => [name, []]));
    let gas = 0n;
    let longest = 0n;
    const warmUp = Math.max(WARM_UP, Math.ceil(options.warmUpTransactions / transactions));
    for (let round = -warmUp; round < rounds; round++) {
      const block = blocks.next();
      const { accessList, accesses, executed } = await recordAccessList({ rules, state: recorder }, block);
      const bound = boundOf(accesses);
      if (round >= 0) [gas, longest] = [gas + executed.gasUsed, longest + bound.criticalPathGas];
      const results = await runAll(contenders, { ...block, accessList }, Math.abs(round));
      if (round >= 0) for (const [name, run] of results) runs.get(name)?.push(run);
      options.onRound?.();
    }
    const parallelism = Number(gas) / Number(longest);
    const bound = mostSpeedup({ totalGas: gas, criticalPathGas: longest }, threads);
    const gasPerTransaction = Number(gas) / (rounds * transactions);
    const reference = runs.get("sequential") ?? [];
    const achieved = [...runs].map(([name, of]) => achievedBy(name, of, reference, transactions, gasPerTransaction));
    const plainRuns = runs.get("plain");
    const againstPlain =
      plainRuns === undefined
        ? undefined
        : spread(plainRuns.map((run, n) => whole(run) / whole(reference[n] ?? run))).median;
    const { name, title } = workload;
    return {
      workload: name,
      title,
      threads,
      gasPerTransaction,
      parallelism,
      bound,
      achieved,
      ...(againstPlain !== undefined && { againstPlain }),
    };
  } finally {
    for (const contender of contenders) await contender.close();
  }
}

async function runAll(contenders: readonly Contender[], block: BlockInput, turn: number): Promise<Map<string, Run>> {
  const results = new Map<string, Run>();
  for (let n = 0; n < contenders.length; n++) {
    const contender = contenders[(n + turn) % contenders.length];
    if (contender !== undefined) results.set(contender.name, await contender.run(block));
  }
  const roots = new Set([...results.values()].map(({ stateRoot }) => stateRoot));
  if (roots.size > 1)
    throw new ExecutionError(
      `Executions disagree: ${[...results].map(([name, { stateRoot }]) => `${name} ${stateRoot}`).join(", ")}.`,
      { hint: "This is a bug in an executor. Keep the seed: it brings the same block again.", exitCode: 1 },
    );
  return results;
}

const whole = ({ executionMs, rootsMs }: Run): number => executionMs + rootsMs;

function achievedBy(
  name: string,
  runs: readonly Run[],
  reference: readonly Run[],
  transactions: number,
  gas: number,
): Achieved {
  const perSecond = spread(runs.map(({ executionMs }) => (transactions / executionMs) * 1000));
  const sum = (pick: (run: Run) => number): number => runs.reduce((total, run) => total + pick(run), 0);
  const executions = sum(({ counts }) => counts?.executions ?? 0) || 1;
  return {
    name,
    transactionsPerSecond: perSecond,
    gasPerSecond: perSecond.median * gas,
    speedup: spread(runs.map((run, n) => (reference[n]?.executionMs ?? Number.NaN) / run.executionMs)),
    abortRate: sum(({ counts }) => counts?.aborts ?? 0) / executions,
    waitRate: sum(({ counts }) => counts?.waits ?? 0) / executions,
    withRootsPerSecond: spread(runs.map((run) => (transactions / whole(run)) * 1000)).median,
  };
}

/** @param values at least one */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  const median = middle.reduce((sum, value) => sum + value, 0) / middle.length;
  return { median, least: sorted[0] ?? Number.NaN, most: sorted.at(-1) ?? Number.NaN };
}
