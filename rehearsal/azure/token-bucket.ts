/** Size and refill of a token bucket. */
export interface BucketLimit {
  /** Most tokens it holds; it begins full. */
  readonly capacity: number;
  /** Tokens that come back in a second, evenly. */
  readonly refillPerSecond: number;
}

/** Hides the rounding of sums of fractions: a millionth of a token is nobody's request. */
const epsilon = 1e-6;

/**
 * A token bucket on a clock that the caller moves: each request draws a token, tokens come back evenly, never beyond the
 * capacity. Source of the law: learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling.
 */
export class TokenBucket {
  private tokens: number;
  private atMs: number;

  /** @param atMs virtual time at which it is full, in milliseconds */
  constructor(
    readonly limit: BucketLimit,
    atMs = 0,
  ) {
    this.tokens = limit.capacity;
    this.atMs = atMs;
  }

  /**
   * Tokens at a time not before the last one asked for.
   * @throws RangeError when time runs backwards
   */
  available(nowMs: number): number {
    if (nowMs < this.atMs) throw new RangeError(`time runs backwards: ${nowMs} ms after ${this.atMs} ms`);
    const { capacity, refillPerSecond } = this.limit;
    this.tokens = Math.min(capacity, this.tokens + ((nowMs - this.atMs) / 1000) * refillPerSecond);
    this.atMs = nowMs;
    return this.tokens;
  }

  /** Draws one token if there is one. */
  take(nowMs: number): boolean {
    if (this.waitMs(nowMs) > 0) return false;
    this.tokens = Math.max(0, this.tokens - 1);
    return true;
  }

  /** Milliseconds until there is a whole token; 0 when there is one now. */
  waitMs(nowMs: number): number {
    const missing = 1 - this.available(nowMs);
    return missing <= epsilon ? 0 : Math.ceil((missing / this.limit.refillPerSecond) * 1000);
  }
}
