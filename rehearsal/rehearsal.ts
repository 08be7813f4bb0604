import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { regionOf } from "./azure/arm";
import { durationMs as modelledDuration, type Profile } from "./azure/latency";
import { Cloud } from "./azure/cloud";
import { demandOfResource } from "./azure/demand";
import { crashesOf, type Fault } from "./azure/faults";
import { AzureWorld } from "./azure/world";
import { ProgramWatch } from "./clock/program-watch";
import { EngineQuiescence, type QuiescenceMethod } from "./clock/quiescence";
import type { OperationKind, SchedulerStart } from "./clock/scheduler";
import { type TraceEntry, VirtualClock, type Wait } from "./clock/virtual-clock";
import { type EngineProcess, type EngineResult, startEngine } from "./engine";
import { RehearsalHome } from "./home";
import { EventReceiver } from "./protocol/events";
import { type ProviderServer, serveProvider } from "./protocol/server";
import { AzureNativeProvider } from "./providers/azure-native";
import { CommandProvider } from "./providers/command";
import { KubernetesProvider } from "./providers/kubernetes";
import { RandomProvider } from "./providers/random";
import { Watchdog } from "./watchdog";
import { projectRoot } from "../toolchain/paths";

/** `--parallel` for the engine itself: more than there are resources, since the simulation owns the slots. */
const unbounded = 2147483647;

export type EngineCommand = "up" | "preview" | "destroy" | "refresh";

/** Virtual duration of an operation on a resource, in whole milliseconds. */
export type DurationModel = (type: string, urn: string, kind: OperationKind) => number;

export interface RehearsalOptions {
  /** Folder of the rehearsal's own state, e.g. `.rehearsal`. */
  readonly folder: string;
  /** Folder of another rehearsal whose stacks this one's may refer to. @default none */
  readonly backend?: string;
  /** What the providers keep. @default what is in the folder's `cloud.jsonl` */
  readonly cloud?: Cloud;
  /** Folder of the Pulumi program. */
  readonly program: string;
  /** Absolute path of the pulumi binary. */
  readonly pulumi: string;
  readonly stack: string;
  /** Stack configuration to copy in. @default Pulumi.<stack>.yaml of the program */
  readonly configuration?: string;
  /** Environment of the program and of the commands it runs. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Seed of the modelled durations. @default 1 */
  readonly seed?: number;
  /** Latencies by type in place of the table's. @default none */
  readonly profile?: Profile;
  /** Virtual duration of an operation in ms. @default the latency table of rehearsal/azure */
  readonly durationMs?: DurationModel;
  /** What commands are taken to print: with it, none is run. @default they are run */
  readonly commandAnswer?: string;
  /** What a command waits for in the simulated world. @default nothing */
  readonly waitOf?: (urn: string, cloud: Cloud) => Wait | undefined;
  /** Which witness tells that the engine is quiet. @default "auto" */
  readonly quiescence?: QuiescenceMethod;
}

export interface RunOptions {
  /** The `--parallel` that is rehearsed; at least 1. */
  readonly parallel: number;
  readonly continueOnError?: boolean;
  /** URN patterns, as for `pulumi up --target`. */
  readonly targets?: readonly string[];
  readonly onProgress?: (clock: VirtualClock, entry?: TraceEntry) => void;
  /** The attempts before this one, whose time and trace it continues. */
  readonly after?: SchedulerStart & { readonly attempts: number };
  /** Called with the engine's session id (setsid) once it runs. */
  readonly onStarted?: (session: number) => void;
  /**
   * `--parallel` of the engine itself: with as few slots as are rehearsed it hands them out by arrival, so that the run
   * is no longer reproducible. @default more than there are resources: the simulation owns the slots
   */
  readonly engineParallel?: number;
  /** Write every checkpoint, as a real deployment does. @default true */
  readonly checkpoints?: boolean;
  /** Trouble that this run meets. @default none */
  readonly faults?: readonly Fault[];
  /** Configuration of this run. @default the stack's */
  readonly configFile?: string;
  /** Folder of a policy pack that the engine asks, and its configuration. @default none */
  readonly policies?: { readonly pack: string; readonly configuration?: string };
}

export interface RunResult extends EngineResult {
  /** Every operation in the order of its virtual end. */
  readonly trace: readonly TraceEntry[];
  /** When the engine made each provider: after how many completions. */
  readonly providers: VirtualClock["providers"];
  /** Virtual time at the end, in milliseconds. */
  readonly virtualMs: number;
  /** How often each witness found the engine quiet; `window` above 0 means that the virtual time is approximate. */
  readonly verdicts: Readonly<Record<string, number>>;
  readonly realSeconds: number;
  /** URN at whose end the engine was killed, by a fault. */
  readonly crashed?: string;
}

/** Between the seeds of two attempts, so that chance does not repeat itself, and far from those of other runs. */
const attemptSeedStep = 1_000_003;

/** The real engine and the real program against simulated providers, in a home of its own. */
export class Rehearsal {
  private clock: VirtualClock;
  private world = new AzureWorld();
  private engine: EngineProcess | undefined;
  private interrupted = false;
  private closed = false;
  readonly cloud: Cloud;

  private constructor(
    private readonly options: RehearsalOptions,
    private readonly home: RehearsalHome,
    private readonly watch: ProgramWatch,
    private readonly receiver: EventReceiver,
  ) {
    this.cloud = options.cloud ?? new Cloud(join(options.folder, "cloud.jsonl"));
    this.clock = new VirtualClock(1, new EngineQuiescence({ method: "auto", watch, session: () => undefined }), false);
  }

  private readonly servers: ProviderServer[] = [];
  /** Ends the programs that run in commands. */
  private endCommands: () => void = () => undefined;
  private readonly watchdog = new Watchdog();

  static async open(options: RehearsalOptions): Promise<Rehearsal> {
    const home = new RehearsalHome(options);
    const rehearsal = new Rehearsal(options, home, await ProgramWatch.listen(), await EventReceiver.listen());
    try {
      await rehearsal.serve();
      home.prepareStack(options.configuration ?? join(options.program, `Pulumi.${options.stack}.yaml`));
      return rehearsal;
    } catch (error) {
      rehearsal.close();
      throw error;
    }
  }

  private async serve(): Promise<void> {
    const { seed = 1, profile } = this.options;
    const modelled: DurationModel = (type, urn, kind) => modelledDuration(seed, type, urn, kind, profile);
    const durationMs = this.options.durationMs ?? modelled;
    const time = { nowMs: () => this.clock.nowMs, durationMs, world: () => this.world };
    const commands = new CommandProvider({
      folder: this.options.program,
      environment: { ...process.env, ...this.options.environment },
      durationMs: (urn, kind) => durationMs("command:local:Command", urn, kind),
      onStart: (child) => this.watchdog.watch(child),
      waitOf: (urn) => this.options.waitOf?.(urn, this.cloud),
      ...(this.options.commandAnswer !== undefined && { answer: this.options.commandAnswer }),
    });
    this.endCommands = () => commands.cancel();
    const providers = [
      new AzureNativeProvider(this.cloud, time),
      new KubernetesProvider(this.cloud, time),
      new RandomProvider(),
      commands,
    ];
    for (const provider of providers) {
      const server = await serveProvider(
        provider,
        () => this.clock,
        () => this.interrupted,
      );
      this.servers.push(server);
    }
  }

  /** Runs one engine command to its end. A failed deployment is a result, not an exception. */
  async run(command: EngineCommand, run: RunOptions): Promise<RunResult> {
    const started = process.hrtime.bigint();
    const { program, pulumi, stack, quiescence: method = "auto" } = this.options;
    const quiescence = new EngineQuiescence({ method, watch: this.watch, session: () => this.engine?.session });
    this.cloud.beginRun();
    this.world = this.createWorld(run.faults ?? [], run.after?.attempts ?? 0);
    const onChange = (clock: VirtualClock, entry?: TraceEntry): void => {
      if (clock.failure !== undefined) this.engine?.kill();
      run.onProgress?.(clock, entry);
    };
    this.clock = new VirtualClock(run.parallel, quiescence, run.continueOnError ?? false, onChange, {
      model: this.world,
      crashAt: crashesOf(run.faults ?? []),
      ...(run.after !== undefined && { start: run.after }),
      onCrash: () => this.kill(),
    });
    this.engine = startEngine(pulumi, [...this.arguments(command, run), "--stack", stack], {
      folder: program,
      environment: this.environment(run),
      receiver: this.receiver,
      watchdog: this.watchdog,
    });
    run.onStarted?.(this.engine.session);
    const result = await this.engine.result;
    this.engine = undefined;
    if (this.clock.failure !== undefined) throw this.clock.failure;
    return {
      ...result,
      trace: this.clock.trace,
      providers: this.clock.providers,
      virtualMs: this.clock.nowMs,
      verdicts: quiescence.verdicts,
      realSeconds: Number(process.hrtime.bigint() - started) / 1e9,
      ...(this.clock.crashed !== undefined && { crashed: this.clock.crashed }),
    };
  }

  /** Azure at the beginning of a run: full buckets, free locks, and what exists counted against the quotas. */
  private createWorld(faults: readonly Fault[], attempts: number): AzureWorld {
    const world = new AzureWorld({ seed: (this.options.seed ?? 1) + attempts * attemptSeedStep, faults });
    for (const { id, type, inputs } of this.cloud.below("/subscriptions/")) {
      const demand = demandOfResource(type, inputs);
      const name = id.split("/").at(-1) ?? "";
      if (demand !== undefined) world.occupy(id, regionOf(name, this.cloud.locationOf(id)), demand);
    }
    return world;
  }

  /** Stack outputs; secrets stay hidden. */
  async outputs(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.ask("output", "--json")) as Record<string, unknown>;
  }

  /** The state as the backend holds it: secrets are encrypted. */
  exportState(): Promise<string> {
    return this.ask("export");
  }

  /** Replaces the state. @param state as `exportState` gives it: secrets stay encrypted */
  async importState(state: string): Promise<void> {
    const file = join(this.options.folder, "state.json");
    try {
      writeFileSync(file, state, { mode: 0o600 });
      await this.ask("import", "--file", file);
    } finally {
      rmSync(file, { force: true });
    }
  }

  /** The stack's configuration file, as the engine gets it. */
  get configFile(): string {
    return this.home.configFile;
  }

  /** `pulumi stack history --json`: every update that has ended, newest first. */
  history(): Promise<string> {
    return this.ask("history", "--json");
  }

  /** Compares resources with the simulated cloud. */
  refresh(targets: readonly string[]): Promise<RunResult> {
    return this.run("refresh", { parallel: 64, targets });
  }

  /** Removes the locks that a killed engine has left. @throws Error while an engine runs */
  clearLocks(): void {
    if (this.engine !== undefined) throw new Error("an engine is running");
    this.home.clearLocks();
  }

  private async ask(...args: readonly string[]): Promise<string> {
    const { program, pulumi, stack } = this.options;
    const { stdout } = await promisify(execFile)(pulumi, ["stack", ...args, "--stack", stack], {
      cwd: program,
      env: this.environment({ parallel: 1 }),
      maxBuffer: 256 * 1024 * 1024,
    });
    return stdout;
  }

  /** Ctrl-C: the first time the engine is asked to stop, the second time it is killed. */
  interrupt(): void {
    this.interrupted = true;
    this.engine?.interrupt();
  }

  /** Whether it was asked to stop. */
  get isInterrupted(): boolean {
    return this.interrupted;
  }

  /** SIGKILL for the engine and all it started, as a crash does. */
  kill(): void {
    this.engine?.kill();
    this.endCommands();
  }

  /** Ends everything; calling it again does nothing. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.engine?.kill();
    for (const server of this.servers) server.close();
    this.watch.close();
    this.receiver.close();
    this.watchdog.close();
    this.home.close();
  }

  private arguments(command: EngineCommand, run: RunOptions): string[] {
    const args = [
      command,
      "--non-interactive",
      "--color",
      "never",
      "--config-file",
      run.configFile ?? this.home.configFile,
    ];
    args.push("--parallel", String(run.engineParallel ?? unbounded));
    if (command !== "preview") args.push("--yes", "--skip-preview");
    if (run.continueOnError === true) args.push("--continue-on-error");
    for (const target of run.targets ?? []) args.push("--target", target);
    if (run.policies !== undefined) args.push("--policy-pack", run.policies.pack);
    if (run.policies?.configuration !== undefined) args.push("--policy-pack-config", run.policies.configuration);
    return args;
  }

  private environment(run: RunOptions): NodeJS.ProcessEnv {
    const preload = join(projectRoot, "rehearsal", "clock", "preload.cjs");
    return this.home.environment({
      ...this.options.environment,
      PULUMI_DEBUG_PROVIDERS: this.servers.map(({ name, port }) => `${name}:${port}`).join(","),
      MERIDIAN_PROGRAM_WATCH_PORT: String(this.watch.port),
      NODE_OPTIONS: [process.env.NODE_OPTIONS, `--require ${JSON.stringify(preload)}`].filter(Boolean).join(" "),
      ...(run.checkpoints === false && { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" }),
    });
  }
}
