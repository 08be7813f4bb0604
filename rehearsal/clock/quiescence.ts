import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";

import { MeridianError } from "../../errors";
import { canWatchProcesses, processesOfSession, sleepingSignature } from "./process-tree";
import type { ProgramWatch } from "./program-watch";

/** What the simulation has not answered yet. */
export interface HeldOperations {
  readonly total: number;
  /** Of these, the deletions: no call of the program waits for one alone. */
  readonly deletions: number;
}

/** Tells when nothing in the engine and the program can move before an operation is answered. */
export interface Quiescence {
  /** Resolves when quiet. `activity` changes at each call and answer. */
  wait(held: () => HeldOperations, activity: () => number): Promise<void>;
  /** An operation has just been answered, or refused (`failed`): what was seen before no longer counts. */
  released(failed: boolean): void;
  /** How the verdicts were reached, for the report. */
  readonly verdicts: Readonly<Record<"program" | "processes" | "window", number>>;
}

/** "program" and "processes" trust one witness as far as it can see; "auto" asks the second where the first is silent. */
export type QuiescenceMethod = "auto" | "program" | "processes";

/** Nothing moved for this long although operations are held: an alarm that fails the run, never a way on. */
export class StalledError extends MeridianError {
  constructor(seconds: number, held: number) {
    super(`The engine did not come to rest within ${seconds} s while ${held} operations were held.`, {
      hint: "A program that waits for a timer or the network looks busy for ever: look for one in it.",
      exitCode: 1,
    });
  }
}

interface Options {
  readonly method: QuiescenceMethod;
  readonly watch: ProgramWatch;
  /** Session id (setsid) of the engine, once it runs. */
  readonly session: () => number | undefined;
  readonly stallSeconds?: number;
}

/**
 * How long "auto" leaves the program to speak before it asks the kernel, whose look at every thread costs milliseconds.
 * It decides who is asked, never what is answered.
 */
const PROGRAM_SPEAKS_WITHIN_MS = 100;
/** Longest pause between two looks while the engine writes a checkpoint or waits for a processor. */
const LONGEST_PAUSE_MS = 16;

/**
 * Two independent witnesses. The program's own (calls outstanding = operations held, event loop idle) is fast and works
 * everywhere but cannot see deletions, nor a failure that cancels the rest. The kernel's (every
 * thread of the engine's session asleep in two looks, with nothing scheduled between them) sees everything, on Linux.
 */
export class EngineQuiescence implements Quiescence {
  readonly verdicts = { program: 0, processes: 0, window: 0 };
  private signatureAtRelease: string | undefined;
  private readonly kernel = canWatchProcesses();
  /** The program did not see what came last: it ended, something failed, or it was silent until the kernel spoke. */
  private programIsBlind = false;

  constructor(private readonly options: Options) {}

  released(failed: boolean): void {
    const { watch } = this.options;
    if (failed || watch.report?.finished === true) this.programIsBlind = true;
    watch.forget();
    const session = this.options.session();
    const asked = session !== undefined && this.kernel && !this.programWillSpeak();
    this.signatureAtRelease = asked ? sleepingSignature(processesOfSession(session)) : undefined;
  }

  async wait(held: () => HeldOperations, activity: () => number): Promise<void> {
    const started = Date.now();
    const stallMs = (this.options.stallSeconds ?? 120) * 1000;
    for (let looks = 0; ; looks++) {
      const before = activity();
      await settle();
      if (activity() === before) {
        if (this.programIsQuiet(held())) {
          this.programSpoke();
          return;
        }
        const itsTurn = held().deletions === 0 && Date.now() - started < PROGRAM_SPEAKS_WITHIN_MS;
        if (itsTurn && this.programWillSpeak()) await sleep(1);
        else if (await this.processesAreQuiet(before, activity)) return;
        else await sleep(Math.min(2 ** looks, LONGEST_PAUSE_MS)); // looking is work, on the engine's own cores
      }
      if (Date.now() - started > stallMs) throw new StalledError(stallMs / 1000, held().total);
    }
  }

  private programWillSpeak(): boolean {
    const { method, watch } = this.options;
    return method === "auto" && watch.connected && !this.programIsBlind && watch.report?.finished !== true;
  }

  private programSpoke(): void {
    this.programIsBlind = false;
    this.verdicts.program += 1;
  }

  private programIsQuiet(held: HeldOperations): boolean {
    const { method, watch } = this.options;
    const { report } = watch;
    if (method === "processes" || report === undefined) return false;
    return !report.finished && report.timers === 0 && held.deletions === 0 && report.outstanding === held.total;
  }

  private async processesAreQuiet(before: number, activity: () => number): Promise<boolean> {
    const { method, watch } = this.options;
    if (method === "program" && watch.connected && watch.report?.finished !== true) return false;
    if (!this.kernel) return this.windowIsQuiet(before, activity);
    const session = this.options.session();
    if (session === undefined) return false;
    const processes = processesOfSession(session);
    const first = sleepingSignature(processes);
    if (first === undefined || first === this.signatureAtRelease) return false;
    await settle(); // whatever they sent us before they fell asleep is read here
    if (activity() !== before || sleepingSignature(processes) !== first) return false;
    this.verdicts.processes += 1;
    this.programIsBlind = true;
    return true;
  }

  /** Without /proc only time can tell; such a run is reported as approximate. */
  private async windowIsQuiet(before: number, activity: () => number): Promise<boolean> {
    await sleep(250);
    if (activity() !== before) return false;
    this.verdicts.window += 1;
    return true;
  }
}

/** Some whole turns of our own event loop: pending reads are handled, pending answers written. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 4; turn++) await nextTurn();
};
