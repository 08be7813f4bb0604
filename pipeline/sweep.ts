import { MeridianError } from "../errors";
import type { Timed } from "./durations";
import { billedMinutes } from "./prices";
import { split, type Split } from "./split";
import { sum } from "./statistics";
import type { StrategyName } from "./strategies";

/** One number of runners: how soon it ends, and at what price. */
export interface SweepCase extends Split {
  readonly runners: number;
  /** The longest shard with its preparation. */
  readonly durationSeconds: number;
  /** Minutes of all shards, each rounded up. */
  readonly minutes: number;
  /** `undefined` without a price. */
  readonly usd: number | undefined;
  /** No other number of runners is both as fast and cheaper, or as cheap and faster. */
  readonly onFront: boolean;
}

/** What is swept. */
export interface SweepOptions {
  readonly minRunners: number;
  readonly maxRunners: number;
  /** What each shard spends before its first test: checkout, installation. */
  readonly setupSeconds: number;
  readonly usdAMinute?: number | undefined;
  readonly strategy: StrategyName;
}

type Judged = Omit<SweepCase, "onFront">;

const isBeaten = (one: Judged, by: Judged): boolean =>
  by.durationSeconds <= one.durationSeconds &&
  by.minutes <= one.minutes &&
  (by.durationSeconds < one.durationSeconds || by.minutes < one.minutes);

/**
 * Every number of runners between two, and which of them are worth having (Pareto).
 *
 * @returns one case a number, in order
 * @throws MeridianError when the least number exceeds the largest
 */
export function sweep(files: readonly Timed[], options: SweepOptions): SweepCase[] {
  const { minRunners, maxRunners, setupSeconds, usdAMinute, strategy } = options;
  if (minRunners > maxRunners) {
    throw new MeridianError(`--min-runners ${minRunners} is over --max-runners ${maxRunners}.`, {
      hint: "Allowed: a least number that does not exceed the largest.",
    });
  }
  const cases = Array.from({ length: maxRunners - minRunners + 1 }, (_, index): Judged => {
    const runners = minRunners + index;
    const parts = split(files, runners, strategy);
    const used = parts.shards.filter(({ tests }) => tests.length > 0);
    const minutes = sum(used.map(({ seconds }) => billedMinutes(seconds + setupSeconds)));
    return {
      ...parts,
      runners,
      durationSeconds: parts.makespanSeconds + setupSeconds,
      minutes,
      usd: usdAMinute === undefined ? undefined : minutes * usdAMinute,
    };
  });
  return cases.map((one) => ({ ...one, onFront: !cases.some((other) => isBeaten(one, other)) }));
}

/** What is asked of the number of runners. */
export interface Target {
  /** Per cent by which the baseline must be undercut. */
  readonly reductionPercent: number;
  readonly baselineSeconds: number;
}

/** Per cent of the baseline that a duration saves. */
export const reductionPercent = (seconds: number, baselineSeconds: number): number =>
  baselineSeconds > 0 ? (1 - seconds / baselineSeconds) * 100 : 0;

/**
 * The number of runners to take: with a target the cheapest that reaches it, without one the fastest; of equals the
 * cheaper, then the fewer.
 *
 * @throws MeridianError with exit code 1 and the reason when no number reaches the target
 */
export function choose(cases: readonly SweepCase[], files: readonly Timed[], target?: Target): SweepCase {
  const byTime = (a: SweepCase, b: SweepCase): number => a.durationSeconds - b.durationSeconds;
  const byPrice = (a: SweepCase, b: SweepCase): number => a.minutes - b.minutes;
  const fastest = [...cases].sort((a, b) => byTime(a, b) || byPrice(a, b) || a.runners - b.runners)[0];
  if (fastest === undefined) throw new MeridianError("There is no number of runners to choose from.");
  if (target === undefined) return fastest;
  const { reductionPercent: wanted, baselineSeconds } = target;
  const reaches = cases.filter(({ durationSeconds }) => reductionPercent(durationSeconds, baselineSeconds) >= wanted);
  const best = reaches.sort((a, b) => byPrice(a, b) || byTime(a, b) || a.runners - b.runners)[0];
  if (best !== undefined) return best;
  const most = reductionPercent(fastest.durationSeconds, baselineSeconds).toFixed(1);
  const longest = files.reduce((a, b) => (b.seconds > a.seconds ? b : a), { name: "nothing", seconds: 0 });
  const decides =
    fastest.makespanSeconds <= longest.seconds + 1e-9
      ? `${longest.name} alone takes ${longest.seconds.toFixed(1)} s: split that file`
      : `more runners would help: ${fastest.runners} are all in use`;
  throw new MeridianError(
    `--target-reduction ${wanted} cannot be reached: ${fastest.runners} runners end after ${fastest.durationSeconds.toFixed(1)} s, ${most}% less than the baseline of ${baselineSeconds.toFixed(1)} s.`,
    { hint: `What decides: ${decides}.`, exitCode: 1 },
  );
}
