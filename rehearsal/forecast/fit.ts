import type { Spread } from "../azure/latency";

/** How long one creation took in a real deployment. */
export interface Sample {
  /** Type token of the resource. */
  readonly type: string;
  readonly seconds: number;
}

/** A log-normal distribution fitted to the samples of one type. */
export interface Fit extends Spread {
  readonly samples: number;
  /** Standard deviation of the logarithms. */
  readonly sigma: number;
  /** Bounds of the median, in seconds: it lies between them with 95% confidence (normal approximation). */
  readonly medianBounds: readonly [number, number];
  /** Largest distance between the samples' distribution and the fitted one, 0 to 1 (Kolmogorov and Smirnov). */
  readonly distance: number;
  /** Distance that a log-normal sample of this size exceeds in 5% of cases (Lilliefors, 1967: 0.886 / sqrt n). */
  readonly distanceLimit: number;
}

/** What a calibration found. */
export interface Calibration {
  readonly fits: Readonly<Record<string, Fit>>;
  /** Types whose samples are too few, with their number: they keep the modelled latency. */
  readonly kept: Readonly<Record<string, number>>;
}

/** Fewer samples than this say too little: the 95th percentile of ten is hardly more than the largest of them. */
export const fewestSamples = 10;

/** The 95th percentile of the standard normal distribution, and its 97.5th. */
const [z95, z975] = [1.6448536269514722, 1.959963984540054];

/** Durations are measured in milliseconds; nothing takes less. */
const shortestSeconds = 0.001;

/**
 * The standard normal distribution function, to 7.5e-8 (Abramowitz and Stegun, 26.2.17).
 */
const normalShare = (z: number): number => {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail =
    (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z >= 0 ? 1 - tail : tail;
};

/** Largest distance between the steps of the sorted values' distribution and a normal one. */
const distanceOf = (sorted: readonly number[], mean: number, deviation: number): number =>
  sorted.reduce((largest, value, index) => {
    const share = deviation === 0 ? 0.5 : normalShare((value - mean) / deviation);
    return Math.max(largest, share - index / sorted.length, (index + 1) / sorted.length - share);
  }, 0);

/**
 * Fits a log-normal distribution: mean and deviation of the logarithms (maximum likelihood, the deviation with n - 1).
 * @param seconds at least two durations
 * @throws RangeError for fewer
 */
export const fitLogNormal = (seconds: readonly number[]): Fit => {
  const { length } = seconds;
  if (length < 2) throw new RangeError(`${length} samples are given: a fit takes at least 2`);
  const logs = seconds.map((value) => Math.log(Math.max(shortestSeconds, value))).sort((a, b) => a - b);
  const mean = logs.reduce((sum, value) => sum + value, 0) / length;
  const sigma = Math.sqrt(logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (length - 1));
  const error = (z975 * sigma) / Math.sqrt(length);
  return {
    median: Math.exp(mean),
    p95: Math.exp(mean + z95 * sigma),
    samples: length,
    sigma,
    medianBounds: [Math.exp(mean - error), Math.exp(mean + error)],
    distance: distanceOf(logs, mean, sigma),
    distanceLimit: 0.886 / Math.sqrt(length),
  };
};

/** Fits every type that has enough samples. */
export const calibrate = (samples: readonly Sample[]): Calibration => {
  const byType = new Map<string, number[]>();
  for (const { type, seconds } of samples) byType.set(type, [...(byType.get(type) ?? []), seconds]);
  const sorted = [...byType].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    fits: Object.fromEntries(
      sorted.flatMap(([type, seconds]) => (seconds.length < fewestSamples ? [] : [[type, fitLogNormal(seconds)]])),
    ),
    kept: Object.fromEntries(sorted.flatMap(([type, { length }]) => (length < fewestSamples ? [[type, length]] : []))),
  };
};
