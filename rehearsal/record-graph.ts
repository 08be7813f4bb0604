import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { parse, stringify } from "yaml";

import { MeridianError } from "../errors";
import type { Fleet } from "../fleet";
import { projectRoot } from "../toolchain/paths";
import type { TraceEntry, VirtualClock } from "./clock/virtual-clock";
import { type Graph, graphOf, type StateResource } from "./forecast/graph";
import { azureModel } from "./forecast/azure-model";
import { optionsText, type ProgramOptions } from "./forecast/modes";
import { prepare, simulate } from "./forecast/simulate";
import { programHash } from "./program-hash";
import { quorumWait, waitForQuorum } from "./quorum-wait";
import { Rehearsal, type RunResult } from "./rehearsal";
import { readConfiguration, rehearsalFolder } from "./rehearse";
import { nameOf } from "./report/format";

export interface RecordOptions {
  readonly stack: string;
  /** Options of the program, in place of the stack's own. */
  readonly program: ProgramOptions;
  /** Absolute path of the pulumi binary; asked for only when there is something to record. */
  readonly pulumi: () => Promise<string>;
  /** Folder of the rehearsal. @default .rehearsal in the checkout */
  readonly folder?: string;
  readonly onStep?: (step: string) => void;
  readonly onProgress?: (clock: VirtualClock, entry?: TraceEntry) => void;
  readonly onStarted?: (interrupt: () => void) => void;
}

/** The graph cannot be had, or cannot be trusted. */
export class RecordingError extends MeridianError {
  constructor(message: string, hint: string) {
    super(message, { hint, exitCode: 1 });
  }
}

interface Recorded {
  readonly schemaVersion: number;
  readonly hash: string;
  readonly graph: Graph;
}

const readRecorded = (file: string, hash: string): Graph | undefined => {
  try {
    const recorded = JSON.parse(readFileSync(file, "utf8")) as Recorded;
    return recorded.schemaVersion === 2 && recorded.hash === hash ? recorded.graph : undefined;
  } catch {
    return undefined; // none yet, or cut off while it was being written
  }
};

/** The stack's settings with the options that are asked for. */
const configurationOf = (stack: string, { phases, contracts: mode }: ProgramOptions): string => {
  const settings = parse(readFileSync(join(projectRoot, `Pulumi.${stack}.yaml`), "utf8")) as {
    config?: Record<string, unknown>;
  };
  const contracts = { ...(settings.config?.["meridian:contracts"] as object | undefined), mode };
  const config = { ...settings.config, "meridian:phases": phases, "meridian:contracts": contracts };
  return stringify({ ...settings, config });
};

/** Where the graph of a stack is kept, and the hash of the program and configuration that it must be of. */
export const recordOf = (stack: string, program: ProgramOptions, folder: string) => {
  const configuration = configurationOf(stack, program);
  const file = join(folder, "forecast", `${stack}-${optionsText(program)}.json`);
  return { configuration, hash: programHash(configuration), file };
};

/**
 * The graph of a stack's first deployment, from a recorded rehearsal: once for a program and configuration, then from
 * the rehearsal's folder.
 *
 * The preview's graph would not do: resources made of unknown values are missing in it. So the whole deployment is
 * rehearsed, without chains (commands are taken to print `{}`, on which no resource depends) and without checkpoints.
 * The recorded run is then simulated with the graph that came of it: a graph that does not give the run's own times, to
 * the millisecond, is refused.
 *
 * @throws RecordingError when the deployment fails or the graph does not explain it
 */
export const recordedGraph = async (options: RecordOptions): Promise<Graph> => {
  const { stack, program, folder = rehearsalFolder, onStep = () => undefined } = options;
  const fleet = readConfiguration(stack);
  const { file, hash, configuration } = recordOf(stack, program, folder);
  const home = dirname(file);
  const known = readRecorded(file, hash);
  if (known !== undefined) return known;

  mkdirSync(home, { recursive: true, mode: 0o700 });
  const { phases, contracts } = program;
  onStep(
    `recording the graph of stack ${stack}, phases ${phases}, contracts ${contracts} (once for this program and configuration)`,
  );
  const graph = await record(options, fleet, configuration, join(home, `recording-${process.pid}`));
  const recorded: Recorded = { schemaVersion: 2, hash, graph };
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(recorded));
  renameSync(`${file}.${process.pid}`, file);
  return graph;
};

const record = async (options: RecordOptions, fleet: Fleet, configuration: string, folder: string): Promise<Graph> => {
  const { stack, onProgress, onStarted } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const configurationFile = join(folder, "recorded.yaml");
  writeFileSync(configurationFile, configuration);
  const rehearsal = await Rehearsal.open({
    folder,
    program: projectRoot,
    pulumi: await options.pulumi(),
    stack,
    configuration: configurationFile,
    commandAnswer: "{}",
    waitOf: waitForQuorum(fleet),
  });
  try {
    onStarted?.(() => rehearsal.interrupt());
    const run = await rehearsal.run("up", {
      parallel: Infinity,
      checkpoints: false,
      ...(onProgress !== undefined && { onProgress }),
    });
    if (run.exitCode !== 0) throw failedToRecord(stack, run);
    const state = JSON.parse(await rehearsal.exportState()) as {
      readonly deployment: { readonly resources: readonly StateResource[] };
    };
    return explained(graphOf(state.deployment.resources, run, quorumWait(fleet, run)), run);
  } finally {
    rehearsal.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

const failedToRecord = (stack: string, { diagnostics }: RunResult): RecordingError => {
  const [first] = diagnostics.filter(({ severity }) => severity === "error");
  const which = first?.urn === undefined ? "" : `${nameOf(first.urn)}: `;
  return new RecordingError(
    `The graph of stack ${stack} cannot be recorded, since its rehearsal fails. ${which}${first?.message ?? ""}`.trim(),
    `Look at it with npx meridian rehearse --stack ${stack}.`,
  );
};

/** @throws RecordingError unless the graph gives the very times of the run that it was recorded from */
const explained = (graph: Graph, { trace }: RunResult): Graph => {
  const run = simulate(prepare(graph), azureModel(graph).start(1), Infinity);
  const index = new Map(graph.operations.map(({ urn }, operation) => [urn, operation]));
  for (const { urn, startMs, endMs } of trace) {
    const operation = index.get(urn) ?? -1;
    if (run.startMs[operation] === startMs && run.endMs[operation] === endMs) continue;
    throw new RecordingError(
      `The recorded graph does not explain its own run: ${nameOf(urn)} ran from ${startMs} to ${endMs} ms and is ` +
        `forecast from ${run.startMs[operation] ?? -1} to ${run.endMs[operation] ?? -1} ms.`,
      "This is a bug: the program waits for something that rehearsal/forecast/graph.ts does not know.",
    );
  }
  return graph;
};
