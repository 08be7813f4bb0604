import { type ChildProcess, spawn } from "node:child_process";

import type { Wait, Work } from "../clock/virtual-clock";
import { difference, type Difference } from "../protocol/difference";
import {
  type CheckCall,
  type CheckResult,
  type CreateCall,
  type DiffCall,
  type ExistingCall,
  ProviderError,
  type ResourceState,
  type SimulatedProvider,
  type UpdateCall,
} from "../protocol/provider";
import { holdsSecret, objectOf, type Properties, secret, textOf, textsOf, unknown } from "../protocol/values";
import { after } from "./instant";
import { versionOf } from "./version";

const token = "command:local:Command";

export interface CommandOptions {
  /** Folder that a relative `dir`, or none, starts from: the project. */
  readonly folder: string;
  /** Environment of every command, under its own `environment`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Virtual duration of a command, in milliseconds. */
  readonly durationMs: (urn: string, kind: "create" | "update" | "delete") => number;
  /** A command's process has begun, in a session of its own. */
  readonly onStart?: (child: ChildProcess) => void;
  /** What a command waits for in the simulated world, besides what it really does. */
  readonly waitOf?: (urn: string) => Wait | undefined;
  /** What commands are taken to print: with it, none is run. @default they are run */
  readonly answer?: string;
}

interface Finished {
  readonly stdout: string;
  readonly stderr: string;
}

/** @pulumi/command's `local.Command`: the program is really run; only its time on the clock is modelled. */
export class CommandProvider implements SimulatedProvider {
  readonly name = "command";
  readonly version = versionOf("@pulumi/command");
  private readonly children = new Set<ChildProcess>();

  constructor(private readonly options: CommandOptions) {}

  check({ type, inputs }: CheckCall): CheckResult {
    if (type !== token) throw new ProviderError(`The rehearsal does not model ${type}: only ${token}.`);
    return { inputs, failures: [] };
  }

  diffConfig(before: Properties, after: Properties): Difference {
    return difference(before, after, [], false);
  }

  /** A changed trigger replaces; any other input re-runs `update`, or `create` where there is none. */
  diff({ oldInputs, inputs }: DiffCall): Difference {
    return difference(oldInputs, inputs, ["triggers"], false);
  }

  preview({ inputs }: CreateCall): Properties {
    return { ...inputs, stdout: unknown, stderr: unknown };
  }

  create({ urn, inputs }: CreateCall): Work<ResourceState> {
    return this.execute(urn, "create", textOf(inputs, "create"), inputs, {}, (outputs) => ({
      id: `command${inputsDigest(urn)}`,
      outputs,
    }));
  }

  update({ urn, inputs, oldOutputs }: UpdateCall): Work<Properties> {
    const program = textOf(inputs, "update") ?? textOf(inputs, "create");
    return this.execute(urn, "update", program, inputs, oldOutputs, (outputs) => outputs);
  }

  delete({ urn, inputs, outputs }: ExistingCall): Work<void> {
    return this.execute(urn, "delete", textOf(inputs, "delete"), inputs, outputs, () => undefined);
  }

  read({ id, outputs, inputs }: ExistingCall): Work<ResourceState & { inputs: Properties }> {
    return after(0, () => ({ id, outputs, inputs }));
  }

  invoke(name: string): Properties {
    throw new ProviderError(`The rehearsal does not model ${name}.`);
  }

  cancel(): void {
    for (const child of this.children) killGroup(child);
  }

  private execute<T>(
    urn: string,
    kind: "create" | "update" | "delete",
    program: string | undefined,
    inputs: Properties,
    previous: Properties,
    result: (outputs: Properties) => T,
  ): Work<T> {
    if (program === undefined || program === "") {
      return after(0, () => result({ ...inputs, stdout: "", stderr: "" }));
    }
    const started = process.hrtime.bigint();
    const work: { realSeconds: number; wait?: Wait } = { realSeconds: 0 };
    const wait = this.options.waitOf?.(urn);
    if (wait !== undefined) work.wait = wait;
    const { answer } = this.options;
    const printed = answer === undefined ? undefined : Promise.resolve({ stdout: answer, stderr: "" });
    const running = (printed ?? this.spawn(program, inputs, previous)).finally(() => {
      work.realSeconds = Number(process.hrtime.bigint() - started) / 1e9;
    });
    running.catch(() => undefined); // awaited at the virtual end
    const taint = Object.values(inputs).some(holdsSecret) ? secret : (text: string) => text;
    return Object.assign(work, {
      durationMs: this.options.durationMs(urn, kind),
      finish: async () => {
        const { stdout, stderr } = await running;
        return result({ ...inputs, stdout: taint(stdout), stderr: taint(stderr) });
      },
    });
  }

  private spawn(program: string, inputs: Properties, previous: Properties): Promise<Finished> {
    const [shell = "/bin/sh", ...shellArguments] = textsOf(inputs, "interpreter");
    const leading = shellArguments.length > 0 ? shellArguments : ["-c"];
    const previousOutput = inputs.addPreviousOutputInEnv !== false;
    const child = spawn(shell, [...leading, program], {
      cwd: resolveFolder(this.options.folder, textOf(inputs, "dir")),
      detached: true, // its own process group, so that cancelling ends what it started as well
      env: {
        ...this.options.environment,
        ...(objectOf(inputs, "environment") as Record<string, string>),
        ...(previousOutput && {
          PULUMI_COMMAND_STDOUT: textOf(previous, "stdout") ?? "",
          PULUMI_COMMAND_STDERR: textOf(previous, "stderr") ?? "",
        }),
      },
    });
    this.children.add(child);
    this.options.onStart?.(child);
    child.stdin.on("error", () => undefined).end(textOf(inputs, "stdin") ?? "");
    const output = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
    return new Promise((resolve, reject) => {
      child.on("error", (error) => reject(new ProviderError(`cannot run ${shell}: ${error.message}`)));
      child.on("close", (code, signal) => {
        this.children.delete(child);
        const trimmed = { stdout: output.stdout.trimEnd(), stderr: output.stderr.trimEnd() };
        if (code === 0) resolve(trimmed);
        else reject(new ProviderError(describeFailure(program, code, signal, trimmed)));
      });
    });
  }
}

/** The wording of @pulumi/command 1.x. */
const describeFailure = (program: string, code: number | null, signal: string | null, output: Finished): string => {
  const status = code === null ? `signal: ${signal ?? "unknown"}` : `exit status ${code}`;
  const said = [output.stdout, output.stderr].filter((text) => text !== "").join("\n");
  return `${status}: running "${program}":\n${said}`;
};

const killGroup = (child: ChildProcess): void => {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGTERM");
  } catch {
    // it ended meanwhile
  }
};

const resolveFolder = (base: string, folder: string | undefined): string =>
  folder === undefined || folder === "." ? base : new URL(folder, `file://${base}/`).pathname;

/** A stable id: the real provider uses a random one, and nothing reads it. */
const inputsDigest = (urn: string): string => Buffer.from(urn).toString("base64url").slice(-12);
