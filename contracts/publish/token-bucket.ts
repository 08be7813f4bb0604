/** How fast requests may leave. */
export interface Rate {
  /** Time in which one token grows back, in whole milliseconds. */
  readonly intervalMs: number;
  /** Tokens of a full bucket: requests that may leave at one moment. At least 1. */
  readonly burst: number;
}

/**
 * A token bucket, kept as the time at which it would be full (the generic cell rate algorithm, ITU-T I.371): one whole
 * number instead of a level that changes with the clock, so that nothing is lost by rounding.
 */
export interface Bucket {
  readonly fullAtMs: number;
}

/** A full bucket. */
export const fullBucket: Bucket = { fullAtMs: 0 };

/** A reserved token. */
export interface Reservation {
  readonly bucket: Bucket;
  /** When the request may leave, in milliseconds of the caller's clock; not before now. */
  readonly atMs: number;
}

/**
 * Takes the next token, also one that has yet to grow: every caller gets a time of its own, in the order of asking. In
 * any window of W milliseconds at most `burst + W / intervalMs` requests leave. Pure.
 *
 * @param nowMs time of any clock that does not run backwards, whole milliseconds
 */
export function reserve(bucket: Bucket, { intervalMs, burst }: Rate, nowMs: number): Reservation {
  const fullAtMs = Math.max(bucket.fullAtMs, nowMs);
  const atMs = Math.max(nowMs, fullAtMs - (burst - 1) * intervalMs);
  return { bucket: { fullAtMs: fullAtMs + intervalMs }, atMs };
}

/** Empties the bucket until a time, because the other side asked for quiet: the next token comes then. Pure. */
export function holdUntil(bucket: Bucket, { intervalMs, burst }: Rate, untilMs: number): Bucket {
  return { fullAtMs: Math.max(bucket.fullAtMs, untilMs + (burst - 1) * intervalMs) };
}
