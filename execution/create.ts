import type { Executor, ExecutorOptions, Strategy } from "./executor";
import { ParallelExecutor, type ParallelOptions } from "./parallel/parallel-executor";
import { SequentialExecutor } from "./sequential";

/** An executor of a strategy; its threads run until it is closed. */
export const createExecutor = (
  strategy: Strategy,
  options: ExecutorOptions & Omit<ParallelOptions, "strategy">,
): Promise<Executor> =>
  strategy === "sequential"
    ? Promise.resolve(new SequentialExecutor(options))
    : ParallelExecutor.create({ ...options, strategy });
