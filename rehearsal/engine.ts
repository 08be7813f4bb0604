import { spawn } from "node:child_process";

import type { EngineRun, FailedStep } from "../operations/deploy/stack";
import type { PlannedStep } from "../policy/replacements";
import { processesOfSession } from "./clock/process-tree";
import { diagnosticsOf, failedStepsOf, stepsOf } from "./protocol/engine-events";
import type { EventReceiver } from "./protocol/events";
import type { Watchdog } from "./watchdog";

export interface EngineResult extends EngineRun {
  readonly failedSteps: readonly FailedStep[];
  /** Number of resources by what happened to them: create, same, update, replace, delete. */
  readonly changes: Readonly<Record<string, number>>;
  /** What the engine did to each resource, or in a preview would do. */
  readonly steps: readonly PlannedStep[];
  /** All that the command printed. */
  readonly output: string;
}

/** A started engine. */
export interface EngineProcess {
  /** Its session id, which is its process id. */
  readonly session: number;
  readonly result: Promise<EngineResult>;
  /** First call: stop gracefully. Second call: kill, with everything it started. */
  interrupt(): void;
  kill(): void;
}

/** Kills a session: the engine puts its plugins into process groups of their own, so a group is not enough. */
const killSession = (session: number): void => {
  for (const pid of [-session, ...processesOfSession(session)]) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // it ended meanwhile
    }
  }
};

/** Starts the Pulumi CLI in a session of its own. */
export const startEngine = (
  pulumi: string,
  args: readonly string[],
  options: {
    readonly folder: string;
    readonly environment: NodeJS.ProcessEnv;
    readonly receiver: EventReceiver;
    readonly watchdog: Watchdog;
  },
): EngineProcess => {
  const { receiver } = options;
  receiver.take();
  const child = spawn(pulumi, [...args, "--event-log", receiver.address], {
    cwd: options.folder,
    env: options.environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  options.watchdog.watch(child);
  const session = child.pid ?? -1;
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => chunks.push(text));
  }
  const result = new Promise<EngineResult>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      const events = receiver.take();
      const changes = events.findLast((event) => event.summaryEvent !== undefined)?.summaryEvent?.resourceChanges ?? {};
      resolve({
        exitCode: code ?? 1,
        diagnostics: diagnosticsOf(events),
        failedSteps: failedStepsOf(events),
        steps: stepsOf(events),
        changes,
        output: chunks.join(""),
      });
    });
  });
  let interrupted = false;
  const kill = (): void => {
    if (child.exitCode === null && child.signalCode === null) killSession(session);
  };
  return {
    session,
    result,
    kill,
    interrupt: () => {
      if (interrupted) kill();
      else if (child.exitCode === null) child.kill("SIGINT");
      interrupted = true;
    },
  };
};
