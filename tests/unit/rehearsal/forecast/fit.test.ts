import fc from "fast-check";

import { durationMs } from "../../../../rehearsal/azure/latency";
import { calibrate, fewestSamples, fitLogNormal } from "../../../../rehearsal/forecast/fit";
import { readProfile } from "../../../../rehearsal/forecast/profile";
import { samplesOf, Stopwatch } from "../../../../rehearsal/forecast/timings";

/** The quantile function of the standard normal distribution by bisection: an independent way from share to value. */
const normalQuantile = (share: number): number => {
  let [low, high] = [-8, 8];
  const below = (z: number): number => {
    let sum = 0;
    const step = (z + 8) / 400;
    for (let i = 0; i < 400; i++) sum += Math.exp(-((-8 + (i + 0.5) * step) ** 2) / 2) * step;
    return sum / Math.sqrt(2 * Math.PI);
  };
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (below(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
};

/** 400 points of the standard normal distribution, evenly by share. */
const points = Array.from({ length: 400 }, (_, index) => normalQuantile((index + 0.5) / 400));

const medians = fc.double({ min: 0.5, max: 2000, noNaN: true });
const sigmas = fc.double({ min: 0.05, max: 1.5, noNaN: true });

describe("a fit", () => {
  test("recovers median and 95th percentile of log-normal samples", () => {
    fc.assert(
      fc.property(medians, sigmas, (median, sigma) => {
        const fit = fitLogNormal(points.map((z) => median * Math.exp(sigma * z)));
        expect(fit.median / median).toBeCloseTo(1, 2);
        expect(fit.p95 / (median * Math.exp(1.6448536 * sigma))).toBeCloseTo(1, 1);
        expect(fit.distance).toBeLessThan(fit.distanceLimit);
      }),
    );
  });

  test("of the rehearsal's own random latencies has the median between its bounds in about 95 of 100 cases", () => {
    const type = "azure-native:containerservice:ManagedCluster";
    const hits = Array.from({ length: 200 }, (_, seed) => {
      const values = Array.from({ length: 30 }, (_, index) => durationMs(seed, type, `r${index}`, "create") / 1000);
      const [low, high] = fitLogNormal(values).medianBounds;
      return low <= 270 && 270 <= high;
    }).filter(Boolean);
    expect(hits.length).toBeGreaterThan(178);
    expect(hits.length).toBeLessThan(199);
  });

  test("scales with its samples and does not depend on their order", () => {
    fc.assert(
      fc.property(fc.array(medians, { minLength: 2, maxLength: 30 }), (seconds) => {
        const fit = fitLogNormal(seconds);
        expect(fitLogNormal([...seconds].reverse())).toEqual(fit);
        expect(fitLogNormal(seconds.map((value) => value * 2)).median / fit.median).toBeCloseTo(2, 6);
        expect(fit.p95).toBeGreaterThanOrEqual(fit.median);
      }),
    );
  });

  test("tells two humps from one", () => {
    const humps = [...points.map((z) => Math.exp(0.05 * z)), ...points.map((z) => 100 * Math.exp(0.05 * z))];
    const { distance, distanceLimit } = fitLogNormal(humps);
    expect(distance).toBeGreaterThan(distanceLimit);
  });

  test("takes equal samples and refuses a single one", () => {
    expect(fitLogNormal([4, 4, 4])).toMatchObject({ sigma: 0, samples: 3 });
    expect(() => fitLogNormal([4])).toThrow("1 samples are given: a fit takes at least 2");
  });

  test("is made for types with enough samples, and the others are named", () => {
    const many = (type: string, count: number) => Array.from({ length: count }, (_, i) => ({ type, seconds: 1 + i }));
    const { fits, kept } = calibrate([...many("b", fewestSamples), ...many("a", fewestSamples - 1)]);
    expect(Object.keys(fits)).toEqual(["b"]);
    expect(kept).toEqual({ a: fewestSamples - 1 });
  });
});

describe("the stopwatch", () => {
  const metadata = { op: "create", urn: "urn:pulumi:dev::meridian::t::a", type: "azure-native:network:VirtualNetwork" };

  test("measures from the engine's word that an operation begins to its word that it has ended", () => {
    const watch = new Stopwatch();
    expect(watch.take({ resourcePreEvent: { metadata } }, 1000)).toBeUndefined();
    expect(watch.take({ resOutputsEvent: { metadata } }, 5200)).toEqual({
      ...{ type: metadata.type, urn: metadata.urn, operation: "create", seconds: 4.2, outcome: "succeeded" },
    });
    expect(watch.take({ resOutputsEvent: { metadata } }, 9000)).toBeUndefined();
  });

  test("tells a failure, and takes nothing of previews, components, providers and resources that stay", () => {
    const watch = new Stopwatch();
    watch.take({ resourcePreEvent: { metadata } }, 0);
    expect(watch.take({ resOpFailedEvent: { metadata } }, 1000)).toMatchObject({ outcome: "failed" });
    const nothing = [
      { metadata, planning: true },
      { metadata: { ...metadata, op: "same" } },
      { metadata: { ...metadata, new: {} } },
      { metadata: { ...metadata, type: "pulumi:providers:kubernetes" } },
    ];
    for (const event of nothing) {
      watch.take({ resourcePreEvent: event }, 0);
      expect(watch.take({ resOutputsEvent: event }, 1)).toBeUndefined();
    }
  });

  test("keeps nothing but its five fields, whatever else an event holds", () => {
    const watch = new Stopwatch();
    const secretive = {
      metadata: { ...metadata, new: { custom: true, inputs: { password: "hunter2" } }, id: "hunter2" },
    };
    watch.take({ resourcePreEvent: secretive }, 0);
    const timing = watch.take({ resOutputsEvent: secretive }, 1);
    expect(Object.keys(timing!).sort()).toEqual(["operation", "outcome", "seconds", "type", "urn"]);
    expect(JSON.stringify(timing)).not.toContain("hunter2");
  });
});

describe("recorded operations", () => {
  const line = (more: object): string =>
    JSON.stringify({ type: "t", urn: "u", operation: "create", seconds: 2, outcome: "succeeded", ...more });

  test("are samples where a creation succeeded", () => {
    const text = [line({}), line({ operation: "delete" }), line({ outcome: "failed" }), line({ seconds: 3 }), ""].join(
      "\n",
    );
    expect(samplesOf(text, "f")).toEqual([
      { type: "t", seconds: 2 },
      { type: "t", seconds: 3 },
    ]);
  });

  test("are refused by file and line when they are something else", () => {
    expect(() => samplesOf(`${line({})}\n{"type":1}`, "events.jsonl")).toThrow(
      'events.jsonl:2 is no recorded operation: {"type":1}',
    );
    expect(() => samplesOf("hello", "events.jsonl")).toThrow("events.jsonl:1 is no recorded operation: hello");
  });
});

describe("a profile", () => {
  test("is read back", () => {
    const text = JSON.stringify({ schemaVersion: 1, types: { t: { median: 2, p95: 3, samples: 12 } } });
    expect(readProfile(text, "p.json")).toMatchObject({ t: { median: 2, p95: 3 } });
  });

  test.each([
    ["{", "p.json is no JSON."],
    ["[]", "p.json: the profile is refused."],
    ['{"schemaVersion":2,"types":{}}', "p.json: schemaVersion is refused. Allowed: 1."],
    [
      '{"schemaVersion":1,"types":{"t":{"median":0,"p95":1}}}',
      "p.json: types.t.median is refused. Allowed: the median in seconds, more than 0.",
    ],
    ['{"schemaVersion":1,"types":{"t":{"median":2,"p95":1}}}', "Allowed: a p95 of at least the median."],
  ])("is refused with key and what is allowed: %s", (text, message) => {
    expect(() => readProfile(text, "p.json")).toThrow(message);
  });
});

describe("the engine's own event log", () => {
  const type = "azure-native:network:VirtualNetwork";
  const secret = { custom: true, inputs: { adminPassword: "hunter2" } };
  const event = (sequence: number, timestamp: number, what: object): string =>
    JSON.stringify({ sequence, timestamp, ...what });
  const step = (name: string, op = "create") => ({ metadata: { op, type, urn: `urn:${name}`, new: secret } });

  test("gives the durations of creations in whole seconds, half of one at least, and nothing else", () => {
    const log = [
      event(0, 100, { preludeEvent: { config: {} } }),
      event(1, 100, { resourcePreEvent: step("a") }),
      event(2, 100, { resourcePreEvent: step("b") }),
      event(3, 100, { resourcePreEvent: step("c", "update") }),
      event(4, 100, { resOutputsEvent: step("b") }),
      event(5, 107, { resOutputsEvent: step("a") }),
      event(6, 108, { resOutputsEvent: step("c", "update") }),
    ].join("\n");
    expect(samplesOf(log, "events.log")).toEqual([
      { type, seconds: 0.5 },
      { type, seconds: 7 },
    ]);
  });

  test("is told from any other JSON, by its line", () => {
    const log = [event(0, 1, {}), '{"level":"info"}'].join("\n");
    expect(() => samplesOf(log, "events.log")).toThrow("events.log:2 is no recorded operation");
  });
});
