import { formatDuration } from "../report/format";
import { type Forecast, forecast, isSound, type Subject } from "./forecast";
import { type ModeName, modes, optionsText, type ProgramOptions, unbounded } from "./modes";

/** What a study compares. */
export interface StudyOptions {
  readonly modes: readonly ModeName[];
  /** The `--parallel` to compare; each at least 1. */
  readonly parallel: readonly number[];
  /** Options of the program with which they are compared. */
  readonly program: ProgramOptions;
  /** Simulated runs of each case, at least 1. */
  readonly runs: number;
  readonly seed: number;
  /** Called after each run with the share of the study that is done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
}

export interface ModeForecast extends Forecast {
  readonly mode: ModeName;
}

export interface Recommendation {
  /** Absent where every case fails. */
  readonly parallel?: number;
  /** One sentence. */
  readonly reason: string;
}

/** Modes and numbers of slots, compared on the same simulated runs. */
export interface Study {
  readonly modes: readonly ModeForecast[];
  /** In rising order of `--parallel`. */
  readonly parallel: readonly Forecast[];
  readonly recommendation: Recommendation;
  /** What would surprise: cases that fail, and more slots that make it slower. */
  readonly remarks: readonly string[];
}

/** How far above the best a case may be and still be recommended: less is lost in the spread of Azure's latencies. */
const goodEnough = 1.05;

/** More slots that cost less than this are no anomaly worth a line. */
const worthTelling = 1.005;

/** The options of the program that a study needs a graph for, each once. */
export const graphsOf = ({ modes: names, program }: Pick<StudyOptions, "modes" | "program">): ProgramOptions[] => [
  ...new Map([program, ...names.map((name) => modes[name])].map((each) => [optionsText(each), each])).values(),
];

/**
 * Forecasts every mode and every number of slots.
 * @param subjects one for each of `graphsOf(options)`
 * @throws RangeError when a subject is missing
 */
export const study = (subjects: readonly Subject[], options: StudyOptions): Study => {
  const wanted = new Map<string, { readonly program: string; readonly parallel: number }>();
  const want = (program: ProgramOptions, parallel: number): string => {
    const key = `${optionsText(program)} ${parallel}`;
    wanted.set(key, { program: optionsText(program), parallel });
    return key;
  };
  const ofModes = options.modes.map((mode) => [mode, want(modes[mode], modes[mode].parallel)] as const);
  const ofParallel = [...new Set(options.parallel)].sort((a, b) => a - b).map((slots) => want(options.program, slots));

  const total = wanted.size * options.runs;
  let done = 0;
  const onRun = (): void => options.onProgress?.(++done / total);
  const found = new Map<string, Forecast>();
  for (const [key, { program, parallel }] of wanted) {
    const subject = subjects.find((candidate) => optionsText(candidate) === program);
    if (subject === undefined) throw new RangeError(`No graph is given for ${program}.`);
    found.set(key, forecast(subject, parallel, { runs: options.runs, seed: options.seed, onRun }));
  }
  const ofKey = (key: string): Forecast[] => [found.get(key)].filter((one) => one !== undefined);
  const parallel = ofParallel.flatMap(ofKey);
  const all = [...found.values()];
  return {
    modes: ofModes.flatMap(([mode, key]) => ofKey(key).map((one) => ({ ...one, mode }))),
    parallel,
    recommendation: recommend(parallel),
    remarks: [...all.flatMap(failureOf), ...anomalies(parallel)],
  };
};

/** `24`, or `unbounded`. */
export const parallelText = (parallel: number): string => (parallel >= unbounded ? "unbounded" : String(parallel));

/** The fewest slots that are nearly as fast as any, and why. */
const recommend = (cases: readonly Forecast[]): Recommendation => {
  const sound = cases.filter(isSound);
  const best = Math.min(...sound.map(({ p95Ms }) => p95Ms));
  const chosen = sound.find(({ p95Ms }) => p95Ms <= best * goodEnough);
  if (chosen === undefined) return { reason: "None of these: with each of them some runs fail." };
  const { parallel, p50Ms, p95Ms, bounds } = chosen;
  const more = sound.filter((other) => other.parallel > parallel);
  const fewer = sound.filter((other) => other.parallel < parallel).at(-1);
  const near =
    p95Ms === best ? "it is the fastest of these" : `its p95 is within ${percent(p95Ms / best - 1)} of the fastest`;
  const less =
    fewer === undefined
      ? ""
      : `, ${parallelText(fewer.parallel)} would cost ${formatDuration(fewer.p50Ms - p50Ms)} more`;
  const throttled = Math.max(0, ...more.map(({ throttles }) => throttles));
  const further =
    throttled > chosen.throttles
      ? `more slots raise the throttled requests to ${throttled}`
      : `more slots cannot go below the critical path of ${formatDuration(bounds.criticalPathMs)}`;
  return { parallel, reason: `With --parallel ${parallelText(parallel)} ${near}${less}, and ${further}.` };
};

const percent = (share: number): string => `${Math.max(1, Math.round(share * 100))}%`;

const failureOf = ({ phases, parallel, fails }: Forecast): string[] =>
  fails === undefined
    ? []
    : [
        `--parallel ${parallelText(parallel)}, phases ${phases}, fails in ${percent(fails.share)} of the runs: ${fails.reason}`,
      ];

/** Graham (1969): with dependencies, more slots may change the order so that a long chain begins later. */
const anomalies = (cases: readonly Forecast[]): string[] =>
  cases.flatMap((one, index) => {
    const fewer = cases[index - 1];
    if (fewer === undefined || !isSound(fewer) || one.p50Ms <= fewer.p50Ms * worthTelling) return [];
    const loss = formatDuration(one.p50Ms - fewer.p50Ms);
    const why =
      one.throttles > fewer.throttles
        ? `${one.throttles - fewer.throttles} more requests are throttled`
        : "slots go to whoever is ready first, so more of them can let short operations in before a long chain (Graham's anomaly)";
    return [
      `--parallel ${parallelText(one.parallel)} takes ${loss} more than ${parallelText(fewer.parallel)}, phases ${one.phases}: ${why}.`,
    ];
  });
