import { type ArmRefusal, type ArmRequest, type RequestPurpose, shortType } from "./arm";
import table from "./limits.json";
import { type BucketLimit, TokenBucket } from "./token-bucket";

/** Kinds of requests that ARM counts apart. Polls of long-running operations count as reads. */
export type ArmBucket = "reads" | "writes" | "deletes";

/** Which of ARM's buckets a request draws from. */
export const armBucketOf = (purpose: RequestPurpose): ArmBucket =>
  ({ read: "reads", poll: "reads", write: "writes", delete: "deletes" })[purpose] as ArmBucket;

/** ARM's limit for one principal in one region. */
export const armLimit = (bucket: ArmBucket): BucketLimit => table.arm[bucket];

/** ARM's limit over all principals of the subscription in one region. */
export const globalLimit = (bucket: ArmBucket): BucketLimit => ({
  capacity: table.arm[bucket].capacity * table.global.factor,
  refillPerSecond: table.arm[bucket].refillPerSecond * table.global.factor,
});

/** What ARM says of a request that it let through or turned away. */
export interface Admission {
  readonly refusal?: ArmRefusal;
  /** Response headers, e.g. `x-ms-ratelimit-remaining-subscription-writes`. */
  readonly headers: Readonly<Record<string, string>>;
}

type ProviderLimit = (typeof table.providers)[number];

const concerns = (limit: ProviderLimit, request: ArmRequest): boolean => {
  if (limit.request !== request.purpose) return false;
  if (limit.type.startsWith("@")) return request.type.split(":")[1] === limit.type.slice(1);
  return limit.type.split("|").includes(shortType(request.type));
};

const scopeOf = ({ per }: ProviderLimit, { resourceId, region }: ArmRequest): string =>
  per === "resource" ? resourceId.toLowerCase() : per === "region" ? region : "subscription";

/** Retry-After is in whole seconds, at least one. */
const retryAfterMs = (waitMs: number): number => Math.max(1, Math.ceil(waitMs / 1000)) * 1000;

const throttledByArm = (bucket: ArmBucket, waitMs: number): ArmRefusal => {
  const retryAfter = retryAfterMs(waitMs);
  return {
    status: 429,
    code: "SubscriptionRequestsThrottled",
    message: `Number of ${bucket} requests for this subscription exceeded the limit. Please try again after '${retryAfter / 1000}' seconds.`,
    retryAfterMs: retryAfter,
  };
};

const throttledByProvider = (limit: ProviderLimit, waitMs: number): ArmRefusal => {
  const retryAfter = retryAfterMs(waitMs);
  const aks = limit.name.includes("Handler");
  return {
    status: 429,
    code: aks ? "Throttled" : "TooManyRequestsReceived",
    message: aks
      ? `The ${limit.name} request limit has been exceeded for agentpool or cluster, please retry again in ${retryAfter / 1000} seconds.`
      : `The request is being throttled as the limit has been reached for operation type - ${limit.name}. Retry after ${retryAfter / 1000} seconds.`,
    retryAfterMs: retryAfter,
  };
};

/** All buckets of one subscription and one principal. Time only goes forward. */
export class RequestLimits {
  private readonly buckets = new Map<string, TokenBucket>();

  /** @param enabled false lets everything through, for models that leave limits out @default true */
  constructor(private readonly enabled = true) {}

  /**
   * Asks for a request at a virtual time. ARM judges first; what it turns away costs no token. What it passes on costs
   * one, also when the resource provider then turns it away.
   */
  admit(request: ArmRequest, nowMs: number): Admission {
    const bucket = armBucketOf(request.purpose);
    if (!this.enabled) return { headers: {} };
    const own = this.bucket(`arm/${request.region}/${bucket}`, armLimit(bucket));
    const shared = this.bucket(`global/${request.region}/${bucket}`, globalLimit(bucket));
    const waitMs = Math.max(own.waitMs(nowMs), shared.waitMs(nowMs));
    if (waitMs > 0) return this.answer(own, shared, bucket, nowMs, throttledByArm(bucket, waitMs));
    own.take(nowMs);
    shared.take(nowMs);
    for (const limit of table.providers) {
      if (!concerns(limit, request)) continue;
      const { capacity, refillPerMinute } = limit;
      const key = `${limit.name}/${scopeOf(limit, request)}`;
      const provider = this.bucket(key, { capacity, refillPerSecond: refillPerMinute / 60 });
      const wait = provider.waitMs(nowMs);
      if (wait > 0) return this.answer(own, shared, bucket, nowMs, throttledByProvider(limit, wait));
      provider.take(nowMs);
    }
    return this.answer(own, shared, bucket, nowMs);
  }

  private answer(
    own: TokenBucket,
    shared: TokenBucket,
    bucket: ArmBucket,
    nowMs: number,
    refusal?: ArmRefusal,
  ): Admission {
    const left = (of: TokenBucket): string => String(Math.floor(of.available(nowMs) + 1e-6));
    const headers = {
      [`x-ms-ratelimit-remaining-subscription-${bucket}`]: left(own),
      [`x-ms-ratelimit-remaining-subscription-global-${bucket}`]: left(shared),
      ...(refusal?.retryAfterMs !== undefined && { "retry-after": String(refusal.retryAfterMs / 1000) }),
    };
    return refusal === undefined ? { headers } : { refusal, headers };
  }

  private bucket(key: string, limit: BucketLimit): TokenBucket {
    const known = this.buckets.get(key);
    if (known !== undefined) return known;
    const made = new TokenBucket(limit);
    this.buckets.set(key, made);
    return made;
  }
}
