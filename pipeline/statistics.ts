/** The sum; 0 of nothing. */
export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The largest; 0 of nothing. Unlike Math.max(...values) it takes any number of them. */
export const largest = (values: readonly number[]): number =>
  values.reduce((most, value) => (value > most ? value : most), 0);

/**
 * The value that a share of the values does not exceed, by linear interpolation between neighbours (Hyndman and Fan,
 * 1996, type 7).
 * @param share from 0 to 1
 * @returns undefined of nothing
 */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)];
  const high = sorted[Math.ceil(at)];
  return low === undefined || high === undefined ? undefined : low + (high - low) * (at - Math.floor(at));
}

/** The middle value; undefined of nothing. */
export const median = (values: readonly number[]): number | undefined => quantile(values, 0.5);

/** Makes the median absolute deviation an estimate of a normal distribution's standard deviation. */
export const MAD_TO_SIGMA = 1.4826;

/** The spread around the median: 1.4826 times the median absolute deviation; 0 of nothing. */
export function robustSigma(values: readonly number[]): number {
  const middle = median(values) ?? 0;
  return MAD_TO_SIGMA * (median(values.map((value) => Math.abs(value - middle))) ?? 0);
}

/**
 * Values without outliers: those within three robust sigmas of the median (Hampel, 1974), and in any case within half of
 * the median, so that a series of nearly equal values keeps its jitter. Fewer than three values are all kept.
 */
export function withoutOutliers(values: readonly number[]): number[] {
  const middle = median(values);
  if (middle === undefined || values.length < 3) return [...values];
  const reach = Math.max(3 * robustSigma(values), middle / 2);
  return values.filter((value) => Math.abs(value - middle) <= reach);
}
