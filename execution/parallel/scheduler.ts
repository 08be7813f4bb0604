import { lock, unlock } from "./mutex";
import { type SharedBlock, Tx, Word } from "./shared-block";

/** Where a transaction is. Ready is what it is at first. */
export const Status = { ready: 0, executing: 1, executed: 2, aborting: 3, waiting: 4 } as const;

export type Task =
  | { readonly kind: "execute" | "validate"; readonly tx: number; readonly incarnation: number }
  | { readonly kind: "recover"; readonly tx: number }
  | { readonly kind: "none" | "done" };

const NONE: Task = { kind: "none" };
const DONE: Task = { kind: "done" };

/** How far ahead of the first unfinished transaction others may be begun. */
export interface Speculation {
  /** Where most executions are repeated, only one is made at a time; after some that went well, it is tried again. */
  readonly adaptive: boolean;
}

/**
 * Share of checked executions, of 1,024, above which executing ahead costs more than it saves: a transaction that is
 * executed twice counts a failure and a success, so a block in which all meet comes to a half.
 */
const TOO_MANY = 350;
const FEW = 128;
const LEAST_PATIENCE = 8;
const MOST_PATIENCE = 128;

/** Whether transactions are executed ahead, and after how many that went well it is tried again where not. */
export interface Habit {
  readonly isAhead: boolean;
  readonly patience: number;
}
const fresh: Habit = { isAhead: true, patience: LEAST_PATIENCE };

/**
 * Says what is to be done next: Block-STM's collaborative scheduler (PPoPP 2023, algorithms 4 and 5), with one lock in
 * place of its counters, since a task here takes a thousand times as long as the lock is held. What the threads do
 * depends on chance; what comes out does not.
 */
export class Scheduler {
  private readonly words: Int32Array;

  constructor(
    private readonly block: SharedBlock,
    private readonly count: number,
    private readonly speculation: Speculation,
  ) {
    this.words = block.words;
  }

  /** Before the first task of a block. */
  begin({ isAhead, patience }: Habit = fresh): void {
    this.words[Word.window] = isAhead ? this.count : 1;
    this.words[Word.patience] = patience;
  }

  /** What a finished block has taught; the next one is often like it. */
  habit(): Habit {
    return { isAhead: this.word(Word.window) > 1, patience: this.word(Word.patience) };
  }

  next(): Task {
    return this.locked(() => this.choose(), false);
  }

  /**
   * An execution has come to its end and its writes are to be seen.
   * @param changed whether it left something that readers have not seen yet
   */
  executed(tx: number, incarnation: number, changed: boolean): Task {
    return this.locked(() => {
      this.set(tx, Tx.status, Status.executed);
      this.resumeDependents(tx);
      if (this.word(Word.validationIndex) > tx) {
        if (!changed) return { kind: "validate", tx, incarnation };
        this.words[Word.validationIndex] = tx;
      }
      this.words[Word.activeTasks] = this.word(Word.activeTasks) - 1;
      return this.choose();
    });
  }

  /**
   * An execution has met a value that an earlier transaction is going to write.
   * @returns undefined where that has happened meanwhile: execute again at once
   */
  wait(tx: number, on: number): Task | undefined {
    return this.locked(() => {
      if (this.get(on, Tx.status) === Status.executed) return undefined;
      this.set(tx, Tx.status, Status.waiting);
      this.set(tx, Tx.nextDependent, this.get(on, Tx.firstDependent));
      this.set(on, Tx.firstDependent, tx + 1);
      this.words[Word.waits] = this.word(Word.waits) + 1;
      this.words[Word.activeTasks] = this.word(Word.activeTasks) - 1;
      return this.choose();
    });
  }

  /** Whether this validation is the one that takes an execution back: no other has, and it is not repeated already. */
  claimAbort(tx: number, incarnation: number): boolean {
    return this.locked(() => {
      if (this.get(tx, Tx.status) !== Status.executed || this.get(tx, Tx.incarnation) !== incarnation) return false;
      this.set(tx, Tx.status, Status.aborting);
      return true;
    });
  }

  /** A validation has come to its end; an abort's values are marked by now. */
  validated(tx: number, aborted: boolean): Task {
    return this.locked(() => {
      this.adapt(aborted);
      this.words[Word.activeTasks] = this.word(Word.activeTasks) - 1;
      if (aborted) {
        this.words[Word.aborts] = this.word(Word.aborts) + 1;
        this.makeReady(tx);
        this.words[Word.validationIndex] = Math.min(this.word(Word.validationIndex), tx + 1);
        this.words[Word.frontier] = Math.min(this.word(Word.frontier), tx);
      }
      return this.choose();
    });
  }

  private choose(): Task {
    if (this.word(Word.done) !== 0) return DONE;
    let validation = this.word(Word.validationIndex);
    let execution = this.word(Word.executionIndex);
    while (validation < execution) {
      const tx = validation++;
      if (this.get(tx, Tx.status) !== Status.executed) continue;
      this.words[Word.validationIndex] = validation;
      return this.give("validate", tx);
    }
    this.words[Word.validationIndex] = validation;
    const limit = this.frontier() + this.word(Word.window);
    while (execution < this.count && execution < limit) {
      const tx = execution++;
      if (this.get(tx, Tx.status) !== Status.ready) continue;
      this.words[Word.executionIndex] = execution;
      this.set(tx, Tx.status, Status.executing);
      this.words[Word.executions] = this.word(Word.executions) + 1;
      return this.give("execute", tx);
    }
    this.words[Word.executionIndex] = execution;
    // Those it has gone past were executed before, and may have been told to be checked again.
    if (validation < execution) return this.choose();
    if (execution >= this.count && this.word(Word.activeTasks) === 0) {
      this.words[Word.done] = 1;
      this.announce();
      return DONE;
    }
    return this.recovery();
  }

  private recovery(): Task {
    const recovery = this.word(Word.recoveryIndex);
    const tx = Math.max(recovery, this.word(Word.executionIndex));
    if (tx >= this.count) return NONE;
    this.words[Word.recoveryIndex] = tx + 1;
    return { kind: "recover", tx };
  }

  private give(kind: "execute" | "validate", tx: number): Task {
    this.words[Word.activeTasks] = this.word(Word.activeTasks) + 1;
    return { kind, tx, incarnation: this.get(tx, Tx.incarnation) };
  }

  /** The first transaction that is not executed. */
  private frontier(): number {
    let tx = this.word(Word.frontier);
    while (tx < this.count && this.get(tx, Tx.status) === Status.executed) tx++;
    return (this.words[Word.frontier] = tx);
  }

  private resumeDependents(tx: number): void {
    let dependent = this.get(tx, Tx.firstDependent);
    this.set(tx, Tx.firstDependent, 0);
    while (dependent !== 0) {
      const next = this.get(dependent - 1, Tx.nextDependent);
      this.makeReady(dependent - 1);
      dependent = next;
    }
  }

  private makeReady(tx: number): void {
    this.set(tx, Tx.status, Status.ready);
    this.set(tx, Tx.incarnation, this.get(tx, Tx.incarnation) + 1);
    this.words[Word.executionIndex] = Math.min(this.word(Word.executionIndex), tx);
  }

  /** Closes the window when executions ahead are mostly repeated, and opens it again to try. */
  private adapt(aborted: boolean): void {
    if (!this.speculation.adaptive) return;
    const { words } = this;
    if (this.word(Word.window) > 1) {
      const rate = this.word(Word.abortRate);
      words[Word.abortRate] = rate + Math.trunc(((aborted ? 1024 : 0) - rate) / 8);
      if (this.word(Word.abortRate) < FEW) words[Word.patience] = LEAST_PATIENCE;
      if (this.word(Word.abortRate) <= TOO_MANY) return;
      words[Word.window] = 1;
      words[Word.streak] = 0;
      words[Word.patience] = Math.min(MOST_PATIENCE, this.word(Word.patience) * 2);
      return;
    }
    words[Word.streak] = aborted ? 0 : this.word(Word.streak) + 1;
    if (this.word(Word.streak) < this.word(Word.patience)) return;
    words[Word.window] = this.count;
    words[Word.abortRate] = FEW;
  }

  private word(at: number): number {
    return this.words[at] ?? 0;
  }
  private get(tx: number, word: number): number {
    return this.words[this.block.tx(tx, word)] ?? 0;
  }
  private set(tx: number, word: number, value: number): void {
    this.words[this.block.tx(tx, word)] = value;
  }

  private locked<T>(work: () => T, announces = true): T {
    lock(this.words, Word.schedulerLock, Word.stop);
    try {
      return work();
    } finally {
      unlock(this.words, Word.schedulerLock);
      if (announces) this.announce();
    }
  }

  /** Wakes threads that wait for something to do. */
  private announce(): void {
    Atomics.add(this.words, Word.changes, 1);
    if (Atomics.load(this.words, Word.waiters) > 0) Atomics.notify(this.words, Word.changes);
  }
}
