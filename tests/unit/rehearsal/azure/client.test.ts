import { backoffMs, isRetried, reactionTo } from "../../../../rehearsal/azure/client";

const plain = 0.4; // scatters by a factor of 1
const refusal = (status: number, code = "", retryAfterMs?: number) => ({
  status,
  code,
  message: "",
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});

describe("azure-native's retries", () => {
  test("three of them, after 20, 60 and 120 s", () => {
    const reactions = [0, 1, 2, 3].map((done) => reactionTo(refusal(503), done, plain));
    expect(reactions).toEqual([
      { retry: true, delayMs: 20_000 },
      { retry: true, delayMs: 60_000 },
      { retry: true, delayMs: 120_000 },
      { retry: false, because: "exhausted" },
    ]);
  });

  test("scattered by a factor of 0.8 to 1.3, and never over 120 s", () => {
    expect([0, 1].map((random) => backoffMs(1, random))).toEqual([16_000, 26_000]);
    expect([0, 1].map((random) => backoffMs(3, random))).toEqual([112_000, 120_000]);
  });

  test.each([
    [408, "", true],
    [429, "SubscriptionRequestsThrottled", true],
    [429, "RetryableErrorDueToAnotherOperation", true],
    [500, "", true],
    [502, "", true],
    [503, "", true],
    [504, "", true],
    [409, "AnotherOperationInProgress", true],
    [409, "OperationNotAllowed", false],
    [409, "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity", false],
    [400, "PrincipalNotFound", false],
    [400, "AKSCapacityHeavyUsage", false],
    [403, "AuthorizationFailed", false],
    [404, "ResourceNotFound", false],
    [501, "", false],
  ])("%i %s: retried is %s", (status, code, expected) => {
    expect(isRetried(refusal(status, code))).toBe(expected);
    expect(reactionTo(refusal(status, code), 0, plain).retry).toBe(expected);
  });

  test("Retry-After overrides the backoff; over 120 s it fails at once", () => {
    expect(reactionTo(refusal(429, "", 7000), 2, plain)).toEqual({ retry: true, delayMs: 7000 });
    expect(reactionTo(refusal(429, "", 120_000), 0, plain)).toEqual({ retry: true, delayMs: 120_000 });
    expect(reactionTo(refusal(429, "", 120_001), 0, plain)).toEqual({ retry: false, because: "retry-after-too-long" });
  });
});
