import fc from "fast-check";

import type { ArmRequest, RequestPurpose } from "../../../../rehearsal/azure/arm";
import { armBucketOf, armLimit, globalLimit, RequestLimits } from "../../../../rehearsal/azure/limits";
import { type BucketLimit, TokenBucket } from "../../../../rehearsal/azure/token-bucket";

const limits = fc.record({
  capacity: fc.integer({ min: 1, max: 300 }),
  refillPerSecond: fc.integer({ min: 1, max: 50 }),
});
/** Pauses between requests, in milliseconds. */
const pauses = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 200 });

interface Bucket {
  available(nowMs: number): number;
  take(nowMs: number): boolean;
}

/** Laws that any bucket obeys, whatever is asked of it; the first that is broken. */
const brokenLaw = (
  make: (limit: BucketLimit) => Bucket,
  limit: BucketLimit,
  gaps: readonly number[],
): string | undefined => {
  const bucket = make(limit);
  let now = 0;
  let taken = 0;
  for (const gap of gaps) {
    const before = bucket.available(now);
    now += gap;
    const after = bucket.available(now);
    if (after > limit.capacity + 1e-9) return "never more than its capacity";
    if (after < before - 1e-9) return "waiting never costs tokens";
    const refilled = Math.min(limit.capacity, before + (gap / 1000) * limit.refillPerSecond);
    if (Math.abs(after - refilled) > 1e-6) return "refills evenly up to its capacity";
    if (bucket.take(now)) taken += 1;
    if (taken > limit.capacity + (now / 1000) * limit.refillPerSecond + 1e-3) return "no token from nowhere";
  }
  return undefined;
};

describe("a token bucket", () => {
  test("never holds more than its capacity, refills evenly, and gives out no more than it had and got", () => {
    fc.assert(
      fc.property(limits, pauses, (limit, gaps) => {
        expect(brokenLaw((of) => new TokenBucket(of), limit, gaps)).toBeUndefined();
      }),
    );
  });

  test("variants that break a law are caught", () => {
    class Unbounded extends TokenBucket {
      override available(nowMs: number): number {
        return super.available(nowMs) + nowMs / 1000;
      }
    }
    class Free extends TokenBucket {
      override take(): boolean {
        return true;
      }
    }
    const limit = { capacity: 2, refillPerSecond: 1 };
    expect(brokenLaw((of) => new Unbounded(of), limit, [0, 3000, 3000])).toBe("never more than its capacity");
    expect(brokenLaw((of) => new Free(of), limit, [0, 0, 0, 0])).toBe("no token from nowhere");
  });

  test("what it says to wait is what it takes, and a millisecond less does not do", () => {
    fc.assert(
      fc.property(limits, (limit) => {
        const bucket = new TokenBucket(limit);
        while (bucket.take(0));
        const wait = bucket.waitMs(0);
        if (wait > 1) expect(bucket.waitMs(wait - 1)).toBeGreaterThan(0);
        expect(bucket.take(wait)).toBe(true);
      }),
    );
  });

  test("refuses a time that runs backwards", () => {
    const bucket = new TokenBucket({ capacity: 1, refillPerSecond: 1 });
    bucket.take(10);
    expect(() => bucket.take(9)).toThrow("time runs backwards: 9 ms after 10 ms");
  });
});

const request = (purpose: RequestPurpose, type = "azure-native:resources:ResourceGroup", id = "rg"): ArmRequest => ({
  purpose,
  type,
  resourceId: id,
  region: "japaneast",
});

/** How many of such requests pass at one moment. */
const passing = (of: RequestLimits, one: ArmRequest, nowMs: number): number => {
  let count = 0;
  while (of.admit(one, nowMs).refusal === undefined) count += 1;
  return count;
};

describe("Azure Resource Manager's limits, as documented", () => {
  test.each([
    ["read", 250, 25],
    ["write", 200, 10],
    ["delete", 200, 10],
  ] as const)("%s: %i at once, %i more each second", (purpose, capacity, refill) => {
    const of = new RequestLimits();
    expect(passing(of, request(purpose), 0)).toBe(capacity);
    expect(passing(of, request(purpose), 1000)).toBe(refill);
    expect(passing(of, request(purpose), 3_600_000)).toBe(capacity);
  });

  test("the global bucket is 15 times as large and refills 15 times as fast", () => {
    for (const bucket of ["reads", "writes", "deletes"] as const) {
      expect(globalLimit(bucket)).toEqual({
        capacity: 15 * armLimit(bucket).capacity,
        refillPerSecond: 15 * armLimit(bucket).refillPerSecond,
      });
    }
  });

  test("polls count as reads, and each region has buckets of its own", () => {
    expect(armBucketOf("poll")).toBe("reads");
    const of = new RequestLimits();
    passing(of, request("poll"), 0);
    expect(of.admit(request("read"), 0).refusal).toMatchObject({ status: 429, code: "SubscriptionRequestsThrottled" });
    expect(of.admit({ ...request("read"), region: "uksouth" }, 0).refusal).toBeUndefined();
    expect(of.admit(request("write"), 0).refusal).toBeUndefined();
  });

  test("every answer says what is left, a refusal also when to come back", () => {
    const of = new RequestLimits();
    expect(of.admit(request("write"), 0).headers()).toEqual({
      "x-ms-ratelimit-remaining-subscription-writes": "199",
      "x-ms-ratelimit-remaining-subscription-global-writes": "2999",
    });
    passing(of, request("write"), 0);
    const refused = of.admit(request("write"), 0);
    expect(refused.headers()).toMatchObject({
      "x-ms-ratelimit-remaining-subscription-writes": "0",
      "retry-after": "1",
    });
    expect(refused.refusal?.retryAfterMs).toBe(1000);
  });

  test("what ARM turns away costs no token", () => {
    const of = new RequestLimits();
    passing(of, request("write"), 0);
    for (let again = 0; again < 50; again++) of.admit(request("write"), 0);
    expect(passing(of, request("write"), 1000)).toBe(10);
  });
});

describe("the resource providers' own limits, as documented", () => {
  const clusterType = "azure-native:containerservice:ManagedCluster";
  const poolType = "azure-native:containerservice:AgentPool";
  test.each([
    ["PUT of a cluster", request("write", clusterType, "aks"), 20, 1, 60_000, "Throttled"],
    ["PUT of a pool", request("write", poolType, "pool"), 20, 1, 60_000, "Throttled"],
    ["GET of a cluster", request("read", clusterType, "aks"), 60, 1, 1000, "Throttled"],
    ["status of an operation", request("poll", poolType, "pool"), 200, 2, 1000, "Throttled"],
  ])("%s", (_name, one, capacity, refill, everyMs, code) => {
    const of = new RequestLimits();
    expect(passing(of, one, 0)).toBe(capacity);
    expect(of.admit(one, 0).refusal?.code).toBe(code);
    // ARM's own bucket refills meanwhile; the provider's decides.
    expect(passing(of, one, everyMs)).toBe(refill);
  });

  test("the network provider takes a thousand writes, and a thousand more in five minutes", () => {
    const of = new RequestLimits();
    const one = request("write", "azure-native:network:VirtualNetwork", "vnet");
    let passed = 0;
    for (let second = 0; second < 300; second++) passed += passing(of, one, second * 1000);
    expect(passed).toBe(1000 + Math.floor(299 * (1000 / 300)));
    expect(of.admit(one, 299_000).refusal?.code).toBe("TooManyRequestsReceived");
  });
});
