import { createExecutor } from "../create";
import type { BlockInput, ExecutionCounts } from "../block";
import { ExecutionError } from "../errors";
import type { Strategy } from "../executor";
import { receiptsRootOf } from "../receipts";
import { FlatState } from "../state/flat-state";
import type { Hex } from "../state/hex";
import { StateRoot } from "../state/state-root";
import { rules } from "../workloads/world";
import { PlainEthereum } from "./plain";

/** What one block took. */
export interface Run {
  /** Sender recovery and execution, in milliseconds; of plain EthereumJS: everything. */
  readonly executionMs: number;
  /** Roots of receipts and state, in milliseconds. */
  readonly rootsMs: number;
  readonly stateRoot: Hex;
  readonly counts?: ExecutionCounts;
}

/** One way to execute blocks, on a state of its own. */
export interface Contender {
  readonly name: string;
  run(block: BlockInput): Promise<Run>;
  close(): Promise<void>;
}

const copyOf = (state: FlatState): FlatState => {
  const copy = new FlatState();
  copy.apply(state.snapshot());
  return copy;
};

/** One of our strategies. */
export async function ours(strategy: Strategy, threads: number, before: FlatState): Promise<Contender> {
  const state = copyOf(before);
  const root = new StateRoot();
  root.apply(state.snapshot(), state);
  root.root();
  const executor = await createExecutor(strategy, { rules, state, threads });
  return {
    name: strategy,
    close: () => executor.close(),
    async run(block) {
      const began = performance.now();
      const { outcomes, changes, counts, warnings } = await executor.execute(block);
      const executed = performance.now();
      receiptsRootOf(outcomes);
      root.apply(changes, state);
      const stateRoot = root.root();
      const ended = performance.now();
      if (warnings.length > 0) throw new ExecutionError(`A measurement is worth nothing: ${warnings.join(" ")}`);
      return { executionMs: executed - began, rootsMs: ended - executed, stateRoot, counts };
    },
  };
}

/** EthereumJS as it comes. */
export async function plain(before: FlatState): Promise<Contender> {
  const chain = await PlainEthereum.create(before, rules.chainId);
  return {
    name: "plain",
    close: () => Promise.resolve(),
    async run(block) {
      const began = performance.now();
      const stateRoot = await chain.execute(block);
      return { executionMs: performance.now() - began, rootsMs: 0, stateRoot };
    },
  };
}
