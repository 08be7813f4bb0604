import { BlockState } from "../../../../execution/block-state";
import type { BlockInput, Field } from "../../../../execution/block";
import type { ExecutedBlock } from "../../../../execution/executor";
import { collectChanges, collectResult } from "../../../../execution/parallel/collect";
import { Hand } from "../../../../execution/parallel/hand";
import { Scheduler } from "../../../../execution/parallel/scheduler";
import { putAccessList, putTransactions } from "../../../../execution/parallel/seed";
import { SharedBlock, Word } from "../../../../execution/parallel/shared-block";
import type { FlatState } from "../../../../execution/state/flat-state";
import { commonOf } from "../../../../execution/transaction/chain-rules";
import { FlatEvm } from "../../../../execution/transaction/flat-evm";
import { PlainView } from "../../../../execution/transaction/state-view";
import { TransactionState } from "../../../../execution/transaction/transaction-state";
import { randomOf } from "../../../../execution/workloads/random";
import { rules } from "./world";

export interface Interleaving {
  readonly hands: number;
  /** Number of the hand that goes on, of so many that could. */
  readonly pick: (of: number) => number;
  readonly adaptive?: boolean;
  readonly untracked?: readonly Field[];
}

const evms: FlatEvm[] = [];

/** EVMs take longer to make than a block to execute: each hand has one for good. */
async function evmOf(hand: number, state: FlatState): Promise<FlatEvm> {
  const view = new TransactionState(new PlainView(state));
  return (evms[hand] ??= await FlatEvm.create(commonOf(rules), view, () => undefined));
}

const MOST_IDLE_TURNS = 20_000;

/**
 * Executes a block as threads do, but in one thread: before each read of the state a hand stops, and `pick` says which
 * one goes on. So an order of events that threads meet once in a million is met in every run.
 */
export async function executeInterleaved(
  state: FlatState,
  input: BlockInput,
  { hands, pick, adaptive = false, untracked = [] }: Interleaving,
): Promise<ExecutedBlock> {
  const count = input.transactions.length;
  const block = SharedBlock.create({ transactions: count, locations: 4096, versions: 8192, heapBytes: 4_000_000 });
  block.clear();
  putTransactions(block, input);
  if (input.accessList !== undefined)
    putAccessList(
      block,
      input.accessList,
      (hash) => state.code(`0x${hash.toString(16).padStart(64, "0")}`) !== undefined,
    );
  const speculation = { adaptive };
  new Scheduler(block, count, speculation).begin();

  const parked: (() => void)[] = [];
  let alive = hands;
  let idleTurns = 0;
  const goOn = (): void => {
    if (alive === 0 || parked.length < alive) return;
    const [resume] = parked.splice(pick(parked.length), 1);
    resume?.();
  };
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      parked.push(resolve);
      goOn();
    });
  const work = async (number: number): Promise<void> => {
    const evm = await evmOf(number, state);
    const { common, state: transactionState } = evm;
    transactionState.pause = async () => {
      idleTurns = 0;
      await pause();
    };
    const idle = async (): Promise<void> => {
      if (++idleTurns > MOST_IDLE_TURNS) throw new Error("all hands wait for one another");
      await pause();
    };
    const { environment } = input;
    await pause();
    const hand = new Hand({
      ...{ block, count, environment, common, evm, before: state, speculation, idle },
      untracked: new Set(untracked),
    });
    try {
      await hand.run();
    } finally {
      alive--;
      goOn();
    }
  };
  await Promise.all(Array.from({ length: hands }, (_, number) => work(number)));
  const result = collectResult(block, count, input.environment.gasLimit);
  const changes = collectChanges(block, count, new BlockState(state));
  const counted = (at: number): number => block.words[at] ?? 0;
  const counts = {
    threads: hands,
    executions: counted(Word.executions),
    aborts: counted(Word.aborts),
    waits: counted(Word.waits),
  };
  return { ...result, changes, counts, warnings: [] };
}

/** Chance that the hand that went last goes on: from turns by lot to one that is asleep while others do everything. */
const PERSISTENCE = [0, 0.8, 0.97, 0.995] as const;

/** Choices from a seed. */
export function choices(seed: number): (of: number) => number {
  const random = randomOf(seed);
  const persistence = PERSISTENCE[seed % PERSISTENCE.length] ?? 0;
  return (of) => (random.fraction() < persistence ? of - 1 : random.below(of));
}
