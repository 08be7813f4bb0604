/** Seconds that a chain's newest block may be old, at least, before its nodes count as not ready. */
const LEAST_HEAD_AGE_SECONDS = 60;

/**
 * How old the newest block may be before a node is not ready, in seconds: ten rounds, as some proposers may be away and
 * each costs a block period and a timeout.
 */
export const headAgeLimitSeconds = (blockPeriodSeconds: number, requestTimeoutSeconds: number): number =>
  Math.max(LEAST_HEAD_AGE_SECONDS, 10 * (blockPeriodSeconds + requestTimeoutSeconds));
