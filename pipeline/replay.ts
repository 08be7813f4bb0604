import { median } from "./statistics";
import type { Timed } from "./durations";
import { execute } from "./schedule";
import { type StrategyName, strategies, strategyNames } from "./strategies";
import { independent, lowerBound } from "./work";

/** One strategy's split into one number of shards, judged by what the files really took. */
export interface ReplayCase {
  readonly shards: number;
  readonly strategy: StrategyName;
  readonly binds: "before" | "during";
  readonly makespanSeconds: number;
  readonly lowerBoundSeconds: number;
  /** What sets the lower bound. */
  readonly because: string;
  /** Makespan over the lower bound; 1 is perfect. 1 when there is nothing to do. */
  readonly overBound: number;
  /** Round-robin's makespan over this one's. */
  readonly timesRoundRobin: number;
}

/** Every strategy on recorded durations, the best first. */
export interface Replay {
  readonly trained: number;
  readonly judged: number;
  /** Files that are judged and were not known. */
  readonly unknown: readonly string[];
  /** Files that were known and are gone. */
  readonly gone: readonly string[];
  readonly cases: readonly ReplayCase[];
  readonly ranking: readonly Ranked[];
  /** Whoever wins; of equals, one that binds before the run, since it needs no queue. */
  readonly winner: StrategyName;
  /** Who wins among those that bind before the run, as a matrix needs it. */
  readonly winnerBefore: StrategyName;
}

export interface Ranked {
  readonly strategy: StrategyName;
  readonly binds: "before" | "during";
  readonly meanOverBound: number;
  readonly worstOverBound: number;
}

const ratio = (value: number, to: number): number => (to > 0 ? value / to : 1);

/** Ratios closer than this are equal: rounding, not merit. */
const EQUAL = 1e-9;

/**
 * Splits the judged files by each strategy, which knows only the trained durations, and measures the split with the
 * judged ones. A file that was not known is taken to last as long as the middle one.
 *
 * @param shards numbers of shards, each at least 1
 * @throws PipelineInputError for a number of shards that is none
 */
export function replay(train: readonly Timed[], judge: readonly Timed[], shards: readonly number[]): Replay {
  const known = new Map(train.map(({ name, seconds }) => [name, seconds]));
  const now = new Set(judge.map(({ name }) => name));
  const middle = median([...known.values()]) ?? 1;
  const predicted = judge.map(({ name }) => ({ name, seconds: known.get(name) ?? middle }));
  const actual = (index: number): number => judge[index]?.seconds ?? 0;
  const cases = shards.flatMap((count) => {
    const work = independent(predicted, count);
    const bound = lowerBound(work, actual);
    const spans = strategyNames.map((name) => execute(work, strategies[name].assign(work), actual).makespanSeconds);
    const roundRobin = spans[strategyNames.indexOf("round-robin")] ?? 0;
    return strategyNames.map((name, at): ReplayCase => {
      const makespanSeconds = spans[at] ?? 0;
      return {
        shards: count,
        strategy: name,
        binds: strategies[name].binds,
        makespanSeconds,
        lowerBoundSeconds: bound.seconds,
        because: bound.because,
        overBound: ratio(makespanSeconds, bound.seconds),
        timesRoundRobin: ratio(roundRobin, makespanSeconds),
      };
    });
  });
  const ranking = rank(cases);
  const best = (of: readonly Ranked[]): StrategyName => of[0]?.strategy ?? "predictive";
  return {
    trained: train.length,
    judged: judge.length,
    unknown: judge.flatMap(({ name }) => (known.has(name) ? [] : [name])),
    gone: train.flatMap(({ name }) => (now.has(name) ? [] : [name])),
    cases,
    ranking,
    winner: best(ranking),
    winnerBefore: best(ranking.filter(({ binds }) => binds === "before")),
  };
}

/** By mean, then by worst case; of equals the one that binds before the run, then the one with the best prediction. */
function rank(cases: readonly ReplayCase[]): Ranked[] {
  const preference = ["predictive", "resource-aware", "adaptive", "least-loaded", "round-robin"];
  const place = ({ strategy }: Ranked): number => preference.indexOf(strategy);
  const compare = (a: number, b: number): number => (Math.abs(a - b) < EQUAL ? 0 : a - b);
  return strategyNames
    .map((strategy): Ranked => {
      const own = cases.filter((each) => each.strategy === strategy).map(({ overBound }) => overBound);
      const meanOverBound = own.reduce((total, value) => total + value, 0) / Math.max(own.length, 1);
      return { strategy, binds: strategies[strategy].binds, meanOverBound, worstOverBound: Math.max(1, ...own) };
    })
    .sort(
      (a, b) =>
        compare(a.meanOverBound, b.meanOverBound) || compare(a.worstOverBound, b.worstOverBound) || place(a) - place(b),
    );
}
