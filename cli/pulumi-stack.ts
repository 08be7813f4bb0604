import { type ChildProcess, execFile, spawn } from "node:child_process";
import { appendFileSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

import { judgeLocks, readLocks, StackHeldError, thisMachine } from "../operations/deploy/locks";
import type { EngineRun } from "../operations/deploy/stack";
import type { SmokeStack } from "../operations/smoke";
import type { AttemptStep } from "../operations/retry/loop";
import { Stopwatch, type TimedEvent } from "../rehearsal/forecast/timings";
import { diagnosticsOf, type EngineEvent, failedStepsOf, told } from "../rehearsal/protocol/engine-events";

export interface PulumiStackOptions {
  /** Absolute path of the pulumi binary. */
  readonly pulumi: string;
  /** Name of the Pulumi project. */
  readonly project: string;
  /** @default the selected one */
  readonly stack?: string;
  /** Arguments of `pulumi` for an attempt. */
  readonly upArguments: (step: AttemptStep) => readonly string[];
  /** Where operations are recorded: made when the first one ends, readable by its owner alone. */
  readonly events: string;
  /** File for what the engine prints, where several run at a time. @default this terminal */
  readonly log?: string;
  readonly onStep: (text: string) => void;
}

/**
 * A stack of the user's own, through the `pulumi` command in this terminal. Operations are recorded as they end, one line
 * of JSON each, without inputs and outputs.
 */
export class PulumiStack implements SmokeStack<EngineRun> {
  /** Operations recorded so far. */
  operations = 0;
  /** Whether Ctrl-C, or a signal that asks to end, has come. */
  interrupted = false;
  private child: ChildProcess | undefined;
  private readonly waiting = new AbortController();

  constructor(private readonly options: PulumiStackOptions) {}

  async up(step: AttemptStep): Promise<EngineRun> {
    const { onStep, upArguments } = this.options;
    if (step.delayMs > 0) {
      const where = step.regions?.join(", ") ?? "everything";
      onStep(`attempt ${step.number} in ${Math.ceil(step.delayMs / 1000)} s, --parallel ${step.parallel}: ${where}`);
      await pause(step.delayMs, undefined, { signal: this.waiting.signal }).catch(() => undefined);
    }
    if (this.interrupted) return { exitCode: 130, diagnostics: [] };
    return this.run(upArguments(step));
  }

  refresh(targets: readonly string[]): Promise<EngineRun> {
    return this.run([
      ...["refresh", "--yes", "--skip-preview", ...this.stackArguments()],
      ...targets.flatMap((target) => ["--target", target]),
    ]);
  }

  /** Runs a command that changes the stack's file, and shows it. */
  async configure(args: readonly string[]): Promise<void> {
    const all = [...args, ...this.stackArguments()];
    process.stderr.write(`pulumi ${all.join(" ")}\n`);
    await this.ask(...all);
  }

  /** Where operations are recorded. */
  get events(): string {
    return this.options.events;
  }

  /** @param targets URN patterns; none for all of it */
  destroy(targets: readonly string[] = []): Promise<EngineRun> {
    return this.run([
      ...["destroy", "--yes", "--skip-preview", ...this.stackArguments()],
      ...targets.flatMap((target) => ["--target", target]),
    ]);
  }

  /** `pulumi stack history --json`: every update that has ended, newest first. */
  history(): Promise<string> {
    return this.ask("stack", "history", "--json", ...this.stackArguments());
  }

  /** Whether the stack is there, among those of its project. */
  async exists(): Promise<boolean> {
    const stacks = JSON.parse(await this.ask("stack", "ls", "--json")) as readonly { readonly name: string }[];
    return stacks.some(({ name }) => name.split("/").at(-1) === this.options.stack);
  }

  /** Makes the stack if it is not there, without selecting it. */
  async create(): Promise<void> {
    const { stack = "" } = this.options;
    if (!(await this.exists())) await this.ask("stack", "init", stack, "--no-select");
  }

  /** Removes a stack without resources, and its file. */
  async remove(): Promise<void> {
    await this.ask("stack", "rm", "--yes", ...this.stackArguments());
  }

  exportState(): Promise<string> {
    return this.ask("stack", "export", ...this.stackArguments());
  }

  async importState(state: string): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "meridian-state-"));
    try {
      const file = join(folder, "state.json");
      writeFileSync(file, state, { mode: 0o600 });
      await this.ask("stack", "import", "--file", file, ...this.stackArguments());
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Looks at the locks of a file backend; other backends tell of theirs themselves. */
  async clearLocks(): Promise<void> {
    const { url } = JSON.parse(await this.ask("whoami", "--json")) as { readonly url: string };
    if (!url.startsWith("file://")) return;
    const stack = this.options.stack ?? (await this.ask("stack", "--show-name")).trim();
    const verdict = judgeLocks(readLocks(url, this.options.project, stack), thisMachine);
    if (verdict.kind === "held") throw new StackHeldError(stack, verdict.by);
    if (verdict.kind === "free") return;
    await this.ask("cancel", "--yes", "--stack", stack);
    this.options.onStep(
      `the lock of process ${verdict.locks.map(({ pid }) => pid).join(", ")}, which is gone, is removed`,
    );
  }

  /**
   * Asks the engine to stop; the second time, kills it. In a terminal Ctrl-C reaches the engine by itself, twice as well.
   */
  interrupt(fromTerminal: boolean): void {
    if (!fromTerminal) this.child?.kill(this.interrupted ? "SIGKILL" : "SIGINT");
    this.interrupted = true;
    this.waiting.abort();
  }

  private stackArguments(): string[] {
    return this.options.stack === undefined ? [] : ["--stack", this.options.stack];
  }

  private async ask(...args: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(this.options.pulumi, args, { maxBuffer: 512 * 1024 * 1024 });
    return stdout;
  }

  private async run(args: readonly string[]): Promise<EngineRun> {
    const { serveEvents } = await import("../rehearsal/protocol/events.js");
    const watch = new Stopwatch();
    const events: EngineEvent[] = [];
    const server = await serveEvents((event) => {
      const kept = told(event as EngineEvent);
      if (kept !== undefined) events.push(kept);
      const timing = watch.take(event as TimedEvent, performance.now());
      if (timing !== undefined) this.record(JSON.stringify(timing));
    });
    const all = [...args, "--event-log", server.address];
    const { log } = this.options;
    if (log === undefined) process.stderr.write(`PULUMI_DEBUG_COMMANDS=true pulumi ${all.join(" ")}\n`);
    else mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
    const output = log === undefined ? undefined : openSync(log, "a", 0o600);
    try {
      const child = spawn(this.options.pulumi, all, {
        stdio: output === undefined ? "inherit" : ["ignore", output, output],
        env: { ...process.env, PULUMI_DEBUG_COMMANDS: "true" },
      });
      this.child = child;
      const exitCode = await new Promise<number>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (code) => resolve(code ?? 1));
      });
      return { exitCode, diagnostics: diagnosticsOf(events), failedSteps: failedStepsOf(events), peak: watch.peak };
    } finally {
      this.child = undefined;
      if (output !== undefined) closeSync(output);
      server.close();
    }
  }

  private record(line: string): void {
    const { events } = this.options;
    if (this.operations++ === 0) mkdirSync(dirname(events), { recursive: true, mode: 0o700 });
    appendFileSync(events, `${line}\n`, { mode: 0o600 });
  }
}
