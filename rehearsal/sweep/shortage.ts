import { parseFault } from "../azure/faults";
import { uniform } from "../azure/seeded";
import type { Rehearsal, RunResult } from "../rehearsal";
import { groupOf, nameOf } from "../report/format";

/** What became of a deployment with a shortage, and of the run after it. */
export interface ShortageResult {
  /** The regions that took no cluster. */
  readonly short: readonly string[];
  /** The regions all of whose validators came up at first. */
  readonly finished: readonly string[];
  readonly exitCode: number;
  /** Every region that the run without the shortage touched. */
  readonly touched: readonly string[];
  readonly exitCodeAfter: number;
  /** What is not as it must be, in sentences. */
  readonly problems: readonly string[];
}

/**
 * A first deployment in which some regions, drawn from a seed, take no cluster; then, without the shortage, another run.
 * All other regions must finish in the first run, which must fail; the second must succeed and touch the others only.
 */
export const shortageSweep = async (
  rehearsal: Rehearsal,
  { regions, count, seed, parallel }: { regions: readonly string[]; count: number; seed: number; parallel: number },
): Promise<ShortageResult> => {
  const lots = regions.map((name) => ({ name, lot: uniform(`${seed}/shortage/${name}`) }));
  const short = lots
    .sort((a, b) => a.lot - b.lot)
    .slice(0, count)
    .map(({ name }) => name)
    .sort();
  const faults = short.map((name) => parseFault(`capacity@${name}:cluster`));
  const first = await rehearsal.run("up", { parallel, checkpoints: false, continueOnError: true, faults });
  const second = await rehearsal.run("up", { parallel, checkpoints: false });
  const finished = finishedRegions(first, regions);
  const touched = [...new Set(second.trace.map(({ urn }) => groupOf(urn)))]
    .filter((one) => regions.includes(one))
    .sort();
  const others = regions.filter((name) => !short.includes(name)).sort();
  return {
    ...{ short, finished, touched, exitCode: first.exitCode, exitCodeAfter: second.exitCode },
    problems: [
      ...(first.exitCode === 0 ? ["the run with the shortage did not fail"] : []),
      ...(same(finished, others) ? [] : [`finished were ${finished.join(", ")}, not ${others.join(", ")}`]),
      ...(second.exitCode === 0 ? [] : [`the run after it fails: ${errorsOf(second)}`]),
      ...(same(touched, short) ? [] : [`the run after it touched ${touched.join(", ")}, not ${short.join(", ")}`]),
    ],
  };
};

const same = (a: readonly string[], b: readonly string[]): boolean => a.join() === b.join();

const errorsOf = ({ diagnostics }: RunResult): string =>
  diagnostics
    .filter(({ severity }) => severity === "error")
    .map(({ message }) => message)
    .join("; ");

/** Regions with validators of which each was made. */
const finishedRegions = ({ trace }: RunResult, regions: readonly string[]): string[] =>
  regions
    .filter((region) => {
      const sets = trace.filter(({ urn }) => new RegExp(`^${region}-validator-\\d+-set$`).test(nameOf(urn)));
      return sets.length > 0 && sets.every(({ outcome }) => outcome === "succeeded");
    })
    .sort();
