import { type ArmRefusal, type ArmRequest, type RequestPurpose, shortType } from "./arm";
import table from "./limits.json";
import { type BucketLimit, TokenBucket } from "./token-bucket";

/** Kinds of requests that ARM counts apart. Polls of long-running operations count as reads. */
export type ArmBucket = "reads" | "writes" | "deletes";

/** Which of ARM's buckets a request draws from. */
export const armBucketOf = (purpose: RequestPurpose): ArmBucket => bucketByPurpose[purpose];

const bucketByPurpose = { read: "reads", poll: "reads", write: "writes", delete: "deletes" } as const;

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
  /** Response headers, e.g. `x-ms-ratelimit-remaining-subscription-writes`; to be read before the next request. */
  readonly headers: () => Readonly<Record<string, string>>;
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

/** ARM's two buckets for one kind of request in one region. */
interface Pair {
  readonly own: TokenBucket;
  readonly shared: TokenBucket;
}

const noHeaders = (): Readonly<Record<string, string>> => ({});

const headersOf = (bucket: ArmBucket, { own, shared }: Pair, nowMs: number, refusal?: ArmRefusal) => {
  const left = (of: TokenBucket): string => String(Math.floor(of.available(nowMs) + 1e-6));
  return {
    [`x-ms-ratelimit-remaining-subscription-${bucket}`]: left(own),
    [`x-ms-ratelimit-remaining-subscription-global-${bucket}`]: left(shared),
    ...(refusal?.retryAfterMs !== undefined && { "retry-after": String(refusal.retryAfterMs / 1000) }),
  };
};

/** The provider limits of each type and kind of request; looked up for every request of every run, hence remembered. */
const limitsByType: Readonly<Record<RequestPurpose, Map<string, readonly ProviderLimit[]>>> = {
  read: new Map(),
  write: new Map(),
  delete: new Map(),
  poll: new Map(),
};
const providerLimits = (request: ArmRequest): readonly ProviderLimit[] => {
  const byType = limitsByType[request.purpose];
  let found = byType.get(request.type);
  if (found === undefined) {
    found = table.providers.filter((limit) => concerns(limit, request));
    byType.set(request.type, found);
  }
  return found;
};

/** A bucket, and how many of some requests draw from it. */
export interface BucketUse extends BucketLimit {
  /** e.g. `writes in japaneast`. */
  readonly name: string;
  readonly requests: number;
}

/** The buckets that these requests draw from, one principal's and the providers', with the number of its requests. */
export const requestLimits = (requests: readonly ArmRequest[]): BucketUse[] => {
  const uses = new Map<string, BucketUse>();
  const count = (name: string, limit: BucketLimit): void => {
    uses.set(name, { ...limit, name, requests: (uses.get(name)?.requests ?? 0) + 1 });
  };
  for (const request of requests) {
    const bucket = armBucketOf(request.purpose);
    count(`${bucket} in ${request.region}`, armLimit(bucket));
    for (const limit of providerLimits(request)) {
      const { name, capacity, refillPerMinute } = limit;
      count(`${name} of ${scopeOf(limit, request)}`, { capacity, refillPerSecond: refillPerMinute / 60 });
    }
  }
  return [...uses.values()];
};

/** All buckets of one subscription and one principal. Time only goes forward. */
export class RequestLimits {
  private readonly arm = {
    reads: new Map<string, Pair>(),
    writes: new Map<string, Pair>(),
    deletes: new Map<string, Pair>(),
  };
  private readonly providers = new Map<string, TokenBucket>();

  /** @param enabled false lets everything through, for models that leave limits out @default true */
  constructor(private readonly enabled = true) {}

  /**
   * Asks for a request at a virtual time. ARM judges first; what it turns away costs no token. What it passes on costs
   * one, also when the resource provider then turns it away.
   */
  admit(request: ArmRequest, nowMs: number): Admission {
    if (!this.enabled) return { headers: noHeaders };
    const bucket = armBucketOf(request.purpose);
    const pair = this.pairOf(bucket, request.region);
    const refusal = this.judge(request, bucket, pair, nowMs);
    const headers = () => headersOf(bucket, pair, nowMs, refusal);
    return refusal === undefined ? { headers } : { refusal, headers };
  }

  private judge(request: ArmRequest, bucket: ArmBucket, { own, shared }: Pair, nowMs: number): ArmRefusal | undefined {
    const waitMs = Math.max(own.waitMs(nowMs), shared.waitMs(nowMs));
    if (waitMs > 0) return throttledByArm(bucket, waitMs);
    own.take(nowMs);
    shared.take(nowMs);
    for (const limit of providerLimits(request)) {
      const provider = this.providerBucket(limit, request);
      const wait = provider.waitMs(nowMs);
      if (wait > 0) return throttledByProvider(limit, wait);
      provider.take(nowMs);
    }
    return undefined;
  }

  private pairOf(bucket: ArmBucket, region: string): Pair {
    let pair = this.arm[bucket].get(region);
    if (pair === undefined) {
      pair = { own: new TokenBucket(armLimit(bucket)), shared: new TokenBucket(globalLimit(bucket)) };
      this.arm[bucket].set(region, pair);
    }
    return pair;
  }

  private providerBucket(limit: ProviderLimit, request: ArmRequest): TokenBucket {
    const key = `${limit.name}/${scopeOf(limit, request)}`;
    let bucket = this.providers.get(key);
    if (bucket === undefined) {
      const { capacity, refillPerMinute } = limit;
      bucket = new TokenBucket({ capacity, refillPerSecond: refillPerMinute / 60 });
      this.providers.set(key, bucket);
    }
    return bucket;
  }
}
