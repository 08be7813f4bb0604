import type { Finding } from "../../operations/pending";
import { parseFault } from "../azure/faults";
import { uniform } from "../azure/seeded";
import type { Rehearsal, RunResult } from "../rehearsal";
import { nameOf } from "../report/format";
import { inventoryOf, type Inventory } from "./inventory";

/** What became of one crash. */
export interface CrashResult {
  /** Logical name of the resource at whose end the engine was killed. */
  readonly name: string;
  /** Virtual time of the crash, in milliseconds. */
  readonly crashedAtMs: number;
  /** What was found of the operations that the engine had begun, by decision (operations/pending.ts). */
  readonly found: Readonly<Partial<Record<Finding["decision"], number>>>;
  /** Resources that the run after it made. */
  readonly made: number;
  /** What is wrong with the end, in sentences; empty when all is as without a crash. */
  readonly problems: readonly string[];
  readonly realSeconds: number;
}

export interface CrashSweepOptions {
  /** Opens a rehearsal whose stack does not exist yet. */
  readonly open: () => Promise<Rehearsal>;
  /** Ends it and removes its folder. */
  readonly close: (rehearsal: Rehearsal) => void;
  /** How many crashes, at least 1; fewer where the deployment has fewer operations. */
  readonly points: number;
  readonly seed: number;
  readonly parallel: number;
  /** Settles what a killed engine has left. */
  readonly resume: (rehearsal: Rehearsal) => Promise<readonly Finding[]>;
  readonly onResult?: (result: CrashResult, done: number, of: number) => void;
}

/**
 * Kills the engine at seeded points of a first deployment, each time of another stack, resumes, and compares what is
 * there at last with what a deployment without a crash has made: the same resources in the stack, each of them once in
 * the cloud, and nothing else in either.
 */
export const crashSweep = async (options: CrashSweepOptions): Promise<readonly CrashResult[]> => {
  const { points, seed, onResult } = options;
  const whole = await undisturbed(options);
  const names = drawn(whole.names, points, seed);
  const results: CrashResult[] = [];
  for (const name of names) {
    const result = await crashAt(name, whole.inventory, options);
    results.push(result);
    onResult?.(result, results.length, names.length);
  }
  return results;
};

/** @throws Error when the deployment fails without any crash */
const undisturbed = async ({ open, close, parallel }: CrashSweepOptions) => {
  const rehearsal = await open();
  try {
    const run = await rehearsal.run("up", { parallel, checkpoints: false });
    if (run.exitCode !== 0) throw new Error(`The deployment fails without a crash: ${firstError(run)}`);
    return { names: run.trace.map(({ urn }) => nameOf(urn)), inventory: await inventoryOf(rehearsal) };
  } finally {
    close(rehearsal);
  }
};

/** Different names, drawn from a seed. */
const drawn = (names: readonly string[], count: number, seed: number): string[] =>
  [...new Set(names)]
    .map((name) => ({ name, lot: uniform(`${seed}/crash/${name}`) }))
    .sort((a, b) => a.lot - b.lot)
    .slice(0, count)
    .map(({ name }) => name);

const crashAt = async (name: string, expected: Inventory, options: CrashSweepOptions): Promise<CrashResult> => {
  const { open, close, resume, parallel } = options;
  const rehearsal = await open();
  try {
    const first = await rehearsal.run("up", { parallel, faults: [parseFault(`crash@${name}`)] });
    const findings = await resume(rehearsal);
    const second = await rehearsal.run("up", { parallel });
    const found: Partial<Record<Finding["decision"], number>> = {};
    for (const { decision } of findings) found[decision] = (found[decision] ?? 0) + 1;
    return {
      name,
      crashedAtMs: first.virtualMs,
      found,
      made: second.trace.filter(({ kind }) => kind === "create").length,
      problems: [
        ...(first.crashed === undefined ? ["the engine was not killed"] : []),
        ...(second.exitCode === 0 ? [] : [`the run after it fails: ${firstError(second)}`]),
        ...madeTwice(second, findings),
        ...differences(await inventoryOf(rehearsal), expected),
      ],
      realSeconds: first.realSeconds + second.realSeconds,
    };
  } finally {
    close(rehearsal);
  }
};

const firstError = ({ diagnostics }: RunResult): string => {
  const error = diagnostics.find(({ severity, urn }) => severity === "error" && urn !== undefined);
  return error === undefined ? "no error was told" : `${nameOf(error.urn ?? "")}: ${error.message}`;
};

/** What was taken into the stack must not be made as well. */
const madeTwice = ({ trace }: RunResult, findings: readonly Finding[]): string[] => {
  const adopted = new Set(findings.flatMap(({ urn, decision }) => (decision === "adopted" ? [urn] : [])));
  return trace
    .filter(({ urn, kind }) => kind === "create" && adopted.has(urn))
    .map(({ urn }) => `${nameOf(urn)} was taken into the stack and made again`);
};

const differences = (actual: Inventory, expected: Inventory): string[] => {
  const [cloud, known] = [new Set(actual.cloud), new Set(actual.ids)];
  const [there, wanted] = [new Set(actual.urns), new Set(expected.urns)];
  return [
    ...expected.urns.filter((urn) => !there.has(urn)).map((urn) => `${nameOf(urn)} is lost from the stack`),
    ...actual.urns.filter((urn) => !wanted.has(urn)).map((urn) => `${nameOf(urn)} is in the stack and should not be`),
    ...(actual.urns.length === there.size ? [] : ["a resource is in the stack twice"]),
    ...actual.ids.filter((id) => !cloud.has(id)).map((id) => `${id} is in the stack and not in the cloud`),
    ...actual.cloud.filter((id) => !known.has(id)).map((id) => `${id} is in the cloud and not in the stack`),
    ...(actual.pending === 0 ? [] : [`${actual.pending} operations are pending`]),
  ];
};
