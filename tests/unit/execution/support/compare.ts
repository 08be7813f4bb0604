import type { BlockInput } from "../../../../execution/block";
import type { ExecutedBlock } from "../../../../execution/executor";
import { receiptsRootOf } from "../../../../execution/receipts";
import { SequentialExecutor } from "../../../../execution/sequential";
import type { FlatState, StateChanges } from "../../../../execution/state/flat-state";
import { StateRoot } from "../../../../execution/state/state-root";
import { createWorld, rules } from "./world";

/** All that a block's execution is judged by. */
export function verdict(executed: ExecutedBlock, before: FlatState, after: FlatState) {
  const root = new StateRoot();
  root.apply(before.snapshot(), before);
  root.apply(executed.changes, after);
  const { outcomes, gasUsed } = executed;
  return { stateRoot: root.root(), receiptsRoot: receiptsRootOf(outcomes), gasUsed, outcomes };
}

/** A state after changes, the one before left as it is. */
export function changed(world: () => FlatState, changes: StateChanges): FlatState {
  const state = world();
  state.apply(changes);
  return state;
}

/** What the reference makes of a block. */
export async function reference(input: BlockInput) {
  const state = createWorld();
  const executed = await new SequentialExecutor({ rules: rules, state }).execute(input);
  return verdict(executed, createWorld(), state);
}

/** A rejection as a value, so that two executions can be compared however they end. */
export const settled = async (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => `${(error as Error).name}: ${(error as Error).message}`);
