import fc from "fast-check";

import {
  allCured,
  type Attempt,
  LEAST_PARALLEL,
  nextStep,
  outcomesOf,
  retryDefaults,
  type RetryPolicy,
} from "../../../operations/retry/attempts";
import { failuresOf, type FailedResource, knownErrorCodes } from "../../../operations/retry/failures";
import { table } from "../../../cli/summary-text";
import { outcomeRows } from "../../../operations/retry/table";

const urn = (name: string): string => `urn:pulumi:fleet::meridian::meridian:Region$azure-native:network:VNet::${name}`;

const failed = (name: string, code: string, status = 409): FailedResource => {
  const [failure] = failuresOf([{ urn: urn(name), message: `Status=${status} Code="${code}" Message="…"` }]);
  if (failure === undefined) throw new Error("unreachable");
  return failure;
};
const throttled = (name: string): FailedResource => failed(name, "SubscriptionRequestsThrottled", 429);
const locked = (name: string): FailedResource => failed(name, "AnotherOperationInProgress");
const noCapacity = (name: string): FailedResource => failed(name, "AksCapacityHeavyUsage", 400);

const policy: RetryPolicy = { ...retryDefaults, parallel: 64 };
const attempt = (failures: readonly FailedResource[], parallel = 64, regions?: readonly string[]): Attempt => ({
  parallel,
  failures,
  ...(regions !== undefined && { regions }),
});

describe("reading what the engine says", () => {
  test.each([
    ["autorest", 'Code="RetryableError" Message="…"', "RetryableError", undefined],
    ["azcore", "RESPONSE 429: 429 Too Many Requests\nERROR CODE: TooManyRequests\n", "TooManyRequests", 429],
    ["the answer's body", '{"error": {"code": "QuotaExceeded", "message": "…"}}', "QuotaExceeded", undefined],
    ["a status beside it", 'Status=503 Code="ServiceUnavailable" Message="…"', "ServiceUnavailable", 503],
    ["no answer in time", "context deadline exceeded", "Timeout", undefined],
    ["no connection", "dial tcp: lookup management.azure.com: no such host", "Network", undefined],
    ["anything else", "exit status 3", "Unknown", undefined],
  ])("finds the code in %s", (_where, message, code, status) => {
    expect(failuresOf([{ urn: urn("japaneast-vnet"), message }])).toMatchObject([
      { name: "japaneast-vnet", region: "japaneast", code, status },
    ]);
  });

  test("a region is the whole of a name's beginning", () => {
    const regions = ["southeastasia-vnet", "eastasia-vnet", "global-mesh", "chain138-weth9"].map(
      (name) => failuresOf([{ urn: urn(name), message: "x" }])[0]?.region,
    );
    expect(regions).toEqual(["southeastasia", "eastasia", undefined, undefined]);
  });

  test("one failure a resource, with the message that names a code; the stack's own echo is none", () => {
    const failures = failuresOf([
      { urn: urn("uksouth-vnet"), message: "resource partially created" },
      { urn: urn("uksouth-vnet"), message: 'Code="RetryableError"' },
      { urn: "urn:pulumi:fleet::meridian::pulumi:pulumi:Stack::meridian-fleet", message: "update failed" },
      { message: "no resource" },
    ]);
    expect(failures.map(({ name, code }) => [name, code])).toEqual([["uksouth-vnet", "RetryableError"]]);
  });

  test("any text at all gives a code and an advice", () => {
    fc.assert(
      fc.property(fc.string(), (message) => {
        const [failure] = failuresOf([{ urn: urn("uksouth-vnet"), message }]);
        expect(failure?.code).toMatch(/./);
        expect(failure?.advice.action).toMatch(/\.$/);
      }),
    );
  });

  test("what is throttled is transient, and every code says what to do", () => {
    for (const [, advice] of knownErrorCodes) {
      expect(advice.action).toMatch(/\.$/);
      if (advice.throttled) expect(advice.transient).toBe(true);
    }
  });
});

describe("after an attempt", () => {
  test("without failures it is done", () => expect(nextStep([attempt([])], policy, 0)).toEqual({ kind: "done" }));

  test("only the failed regions are tried again, with what all share and the contracts", () => {
    const failures = [
      locked("japaneast-vnet"),
      locked("uksouth-vnet"),
      locked("japaneast-nat"),
      noCapacity("eastasia-aks"),
    ];
    expect(nextStep([attempt(failures)], policy, 1, ["**::chain138-*"])).toEqual({
      kind: "retry",
      delayMs: 20_000,
      parallel: 64,
      regions: ["japaneast", "uksouth"],
      targets: ["**::japaneast-*", "**::uksouth-*", "**::global-*", "**::chain138-*"],
    });
  });

  test("a failure of what all share means everything again", () => {
    expect(nextStep([attempt([locked("global-mesh"), locked("uksouth-vnet")])], policy, 0)).toMatchObject({
      kind: "retry",
      targets: [],
    });
  });

  test("what no waiting cures is not tried again", () => {
    expect(nextStep([attempt([noCapacity("uksouth-aks")])], policy, 0)).toEqual({
      kind: "give up",
      reason: "waiting cures none of these failures",
    });
  });

  test("there is an end to it", () => {
    const history = [1, 2, 3, 4].map(() => attempt([locked("uksouth-vnet")]));
    expect(nextStep(history, policy, 0)).toMatchObject({ kind: "give up", reason: "4 attempts were made" });
  });

  test("throttling halves the parallelism down to 4, quiet restores it", () => {
    const after = (parallel: number, failure: FailedResource): number => {
      const step = nextStep([attempt([failure], parallel)], policy, 0);
      return step.kind === "retry" ? step.parallel : -1;
    };
    expect([64, 9, 4].map((parallel) => after(parallel, throttled("uksouth-vnet")))).toEqual([32, 4, LEAST_PARALLEL]);
    expect([8, 40].map((parallel) => after(parallel, locked("uksouth-vnet")))).toEqual([16, 64]);
  });

  test("the waits grow, are bounded, and differ from run to run", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempts, random) => {
        const history = Array.from({ length: attempts }, () => attempt([locked("uksouth-vnet")]));
        const step = nextStep(history, { ...policy, attempts: 99 }, random);
        const whole = Math.min(20_000 * 2 ** (attempts - 1), 120_000);
        expect(step).toMatchObject({ kind: "retry", delayMs: Math.round(whole * (0.5 + random / 2)) });
      }),
    );
  });

  test.each([
    ["Please try again after '75' seconds.", 75_000],
    ["The request limit has been exceeded, please retry again in 60 seconds.", 60_000],
    ["Please retry after '300' seconds.", 300_000],
    ["Please retry after '86400' seconds.", 900_000],
    ["Please retry after '1' seconds.", 10_000],
  ])("waits as long as asked, but not for ever: %s", (text, delayMs) => {
    const failures = failuresOf([
      { urn: urn("uksouth-vnet"), message: `Status=429 Code="Throttled" Message="${text}"` },
    ]);
    expect(nextStep([attempt(failures)], policy, 0)).toMatchObject({ kind: "retry", delayMs });
  });

  test("parallelism stays between 4 and the first attempt's, whatever happens", () => {
    const failures = fc.array(fc.constantFrom(throttled("uksouth-vnet"), locked("japaneast-vnet")), { minLength: 1 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.array(failures, { minLength: 1, maxLength: 20 }),
        (most, rounds) => {
          const history: Attempt[] = [];
          let parallel = most;
          for (const round of rounds) {
            history.push(attempt(round, parallel));
            const step = nextStep(history, { ...policy, attempts: 99, parallel: most }, 0.5);
            if (step.kind !== "retry") throw new Error(`unexpected ${step.kind}`);
            parallel = step.parallel;
            expect(parallel).toBeGreaterThanOrEqual(Math.min(LEAST_PARALLEL, most));
            expect(parallel).toBeLessThanOrEqual(most);
          }
        },
      ),
    );
  });
});

describe("what became of it", () => {
  const history = [
    attempt([locked("uksouth-vnet"), noCapacity("eastasia-aks"), locked("japaneast-vnet")]),
    attempt([locked("japaneast-vnet")], 64, ["uksouth", "japaneast"]),
  ];

  test("what waits for a cured region is cured with it, whatever its own code says", () => {
    const [ready] = failuresOf([{ urn: urn("chain138-ready"), message: "no blocks within 7200 s" }]);
    if (ready === undefined) throw new Error("unreachable");
    expect(ready.advice.transient).toBe(false);
    expect(allCured([attempt([locked("uksouth-vnet"), ready]), attempt([], 64, ["uksouth"])])).toBe(true);
  });

  test("a failure that no later attempt names is cured, unless it was never tried again", () => {
    expect(outcomesOf(history).map(({ failure, attempt: number, cured }) => [failure.name, number, cured])).toEqual([
      ["eastasia-aks", 1, false],
      ["japaneast-vnet", 2, false],
      ["uksouth-vnet", 1, true],
    ]);
    expect(allCured(history)).toBe(false);
    expect(allCured([attempt([locked("uksouth-vnet")]), attempt([])])).toBe(true);
  });

  test("the table says where, what, why, what was done and what to do", () => {
    const lines = table(outcomeRows(outcomesOf(history)));
    expect(lines[1]).toMatch(
      /^ {2}eastasia +eastasia-aks +400 AksCapacityHeavyUsage +not retried +The region takes no/,
    );
    expect(lines[2]).toMatch(/japaneast-vnet +409 AnotherOperationInProgress +given up after attempt 2/);
    expect(lines[3]).toMatch(/uksouth-vnet .* cured after attempt 1 +nothing$/);
  });
});
