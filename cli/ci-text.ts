import { needsQueue, type TestPlan } from "../pipeline/plan-tests";
import type { Replay, ReplayCase } from "../pipeline/replay";
import { reductionPercent, type SweepCase } from "../pipeline/sweep";
import { formatTable } from "../table";

const seconds = (value: number): string => `${value.toFixed(1)} s`;
const listed = (names: readonly string[], most = 5): string =>
  names.slice(0, most).join(", ") + (names.length > most ? ` and ${names.length - most} more` : "");

/** What was replayed. */
export interface Replayed {
  readonly train: string;
  readonly judge: string;
}

const caseRow = ({ shards, strategy, makespanSeconds, overBound, timesRoundRobin, lowerBoundSeconds }: ReplayCase) => [
  String(shards),
  strategy,
  seconds(makespanSeconds),
  seconds(lowerBoundSeconds),
  overBound.toFixed(4),
  `${timesRoundRobin.toFixed(2)} x`,
];

const decision = ({ winner, winnerBefore, ranking }: Replay): string => {
  const of = (name: string): string => {
    const one = ranking.find(({ strategy }) => strategy === name);
    return `${name}, ${(one?.meanOverBound ?? 1).toFixed(4)} of the lower bound on average, ${(one?.worstOverBound ?? 1).toFixed(4)} at worst`;
  };
  return winner === winnerBefore
    ? `Default: ${of(winner)}.`
    : `Default: ${of(winner)}; it needs a queue during the run. In a matrix: ${of(winnerBefore)}.`;
};

/** A replay for people. */
export function formatReplay(result: Replay, { train, judge }: Replayed): string {
  const { trained, judged, unknown, gone, cases } = result;
  const bounds = [...new Map(cases.map((one) => [one.shards, one.because]))];
  return [
    `Planned with ${train} (${trained} test files), judged by ${judge} (${judged}; ${unknown.length} new, ${gone.length} gone).`,
    "",
    formatTable([
      ["shards", "strategy", "makespan", "lower bound", "makespan / bound", "round-robin / makespan"],
      ...cases.map(caseRow),
    ]),
    "",
    ...bounds.map(([shards, because]) => `Lower bound with ${shards} shards: ${because}.`),
    decision(result),
    "",
  ].join("\n");
}

/** A replay for machines. */
export const replayJson = ({ winner, winnerBefore, ...result }: Replay, asked: Replayed) => ({
  schemaVersion: 1,
  ...asked,
  default: winner,
  defaultInMatrix: winnerBefore,
  ...result,
});

const sweepRow = (
  { runners, durationSeconds, minutes, usd, onFront }: SweepCase,
  chosen: SweepCase,
  baselineSeconds: number,
) => [
  String(runners),
  seconds(durationSeconds),
  `${reductionPercent(durationSeconds, baselineSeconds).toFixed(1)}%`,
  String(minutes),
  usd === undefined ? "unknown" : usd.toFixed(3),
  [onFront ? "Pareto" : "", runners === chosen.runners ? "chosen" : ""].filter(Boolean).join(", "),
];

/** A plan of test files for people. */
export function formatTestPlan(plan: TestPlan): string {
  const { strategy, replay, estimates, chosen, cases, baselineSeconds, shards, quarantined } = plan;
  const by = (basis: string): number => estimates.filter((one) => one.basis === basis).length;
  const guessed = [
    ...(by("renamed") > 0 ? [`${by("renamed")} renamed`] : []),
    ...(by("neighbours") + by("nothing") > 0 ? [`${by("neighbours") + by("nothing")} never measured`] : []),
  ];
  const over = chosen.lowerBoundSeconds > 0 ? chosen.makespanSeconds / chosen.lowerBoundSeconds : 1;
  return [
    `${estimates.length} test files${guessed.length > 0 ? ` (${guessed.join(", ")})` : ""}, strategy ${strategy}.`,
    ...(replay === undefined ? ["Not replayed: the history has fewer than two runs."] : [decision(replay)]),
    ...(needsQueue(strategy) ? ["It needs a queue during the run; the shards below are how that would go."] : []),
    "",
    formatTable([
      ["runners", "ends after", "saves", "minutes", "USD", ""],
      ...cases.map((one) => sweepRow(one, chosen, baselineSeconds)),
    ]),
    "",
    formatTable([
      ["shard", "test files", "predicted", "timeout", ""],
      ...shards.map(({ shard, tests, seconds: own, timeoutSeconds, quarantined: aside }) => [
        String(shard),
        String(tests.length),
        seconds(own),
        timeoutSeconds === undefined ? "fixed" : `${Math.ceil(timeoutSeconds / 60)} min`,
        aside === true ? "quarantine" : "",
      ]),
    ]),
    "",
    `The longest shard is ${over.toFixed(4)} of the lower bound of ${seconds(chosen.lowerBoundSeconds)}; savings are from ${seconds(baselineSeconds)}.`,
    ...(quarantined.length > 0 ? [`In quarantine: ${listed(quarantined.map(({ name }) => name))}.`] : []),
    "",
  ].join("\n");
}

/** A plan of test files for machines. */
export const testPlanJson = ({ replay, cases, chosen, ...plan }: TestPlan) => ({
  schemaVersion: 1,
  ...plan,
  needsQueue: needsQueue(plan.strategy),
  ...(replay !== undefined && { ranking: replay.ranking }),
  runners: chosen.runners,
  lowerBoundSeconds: chosen.lowerBoundSeconds,
  makespanSeconds: chosen.makespanSeconds,
  sweep: cases.map(({ runners, durationSeconds, minutes, usd, onFront }) => ({
    ...{ runners, durationSeconds, minutes, usd, onFront },
  })),
});
