import fc from "fast-check";

import { type Forecast, forecast, quantile, type Subject, subjectOf } from "../../../../rehearsal/forecast/forecast";
import type { Graph } from "../../../../rehearsal/forecast/graph";
import { azureModel } from "../../../../rehearsal/forecast/azure-model";
import type { OperationModel } from "../../../../rehearsal/forecast/model";
import {
  modeArguments,
  modeNames,
  modes,
  modeSettingArguments,
  optionsText,
  type ProgramOptions,
  unbounded,
} from "../../../../rehearsal/forecast/modes";
import { graphsOf, study } from "../../../../rehearsal/forecast/study";
import { drafts, fixedModel, ownProgram as overlap, recorded } from "./graphs";

const barrier: ProgramOptions = { phases: "barrier", contracts: "batches" };
const subjectsOf = (stack: "dev" | "fleet"): Subject[] =>
  [overlap, barrier, modes.ultra].map((program) => {
    const graph = recorded(stack, program);
    return subjectOf(program, graph, azureModel(graph));
  });

const millisecondsOfPhases = ({ phaseTimes }: Forecast): [string, number][] =>
  phaseTimes.map(({ phase, beginMs }) => [phase, beginMs]);

describe("the modes", () => {
  test.each(["dev", "fleet"] as const)("on %s each is at least as fast as the one before, in every run", (stack) => {
    const subjects = subjectsOf(stack);
    for (let seed = 1; seed <= 10; seed++) {
      const times = modeNames.map((mode) => {
        const subject = subjects.find((candidate) => optionsText(candidate) === optionsText(modes[mode]))!;
        const result = forecast(subject, modes[mode].parallel, { runs: 1, seed });
        expect(result.fails).toBeUndefined();
        return result.p50Ms;
      });
      expect(times).toEqual([...times].sort((a, b) => b - a));
    }
  });

  test.each(["dev", "fleet"] as const)("behind barriers the phases of %s follow each other, whole", (stack) => {
    const { operations } = recorded(stack, barrier);
    const subject = subjectsOf(stack)[1]!;
    for (const parallel of [1, 10, unbounded]) {
      const times = forecast(subject, parallel, { runs: 1, seed: 1 }).phaseTimes;
      expect(times.map(({ phase }) => phase)).toEqual([
        "infrastructure",
        "kubernetes",
        "besu",
        "contracts",
        "monitoring",
      ]);
      times.slice(1).forEach(({ beginMs }, index) => expect(beginMs).toBeGreaterThanOrEqual(times[index]!.endMs));
    }
    expect(operations.filter(({ urn }) => urn.includes("::global-phase-"))).toHaveLength(4);
  });

  test("are the flags that they say, and 0 is none of them", () => {
    expect(modeArguments("maximum")).toEqual([...["--parallel", "128", "--config", "meridian:phases=barrier"]]);
    expect(modeArguments("ultra")).toEqual([...["--parallel", "2147483647", "--config", "meridian:phases=overlap"]]);
    expect(modeSettingArguments("ultra").slice(-2)).toEqual(["meridian:contracts.mode", "dataflow"]);
    expect(modeSettingArguments("maximum").slice(-2)).toEqual(["meridian:contracts.mode", "batches"]);
    expect(modeNames.map((mode) => modes[mode].parallel)).toEqual([1, 10, 128, 2147483647]);
  });
});

describe("a study", () => {
  const asked = { modes: modeNames, program: overlap, parallel: [1, 8, 24, 128], runs: 5, seed: 3 } as const;

  test("says who holds the only slot where one slot cannot do", () => {
    const { parallel, remarks, recommendation } = study(subjectsOf("dev"), asked);
    expect(parallel[0]).toMatchObject({ parallel: 1, fails: { share: 1 } });
    expect(remarks.join("\n")).toContain(
      "chain138-ready holds the only slot while it waits for 4 validators, none of which can begin; after 2 h 00 min it gives up",
    );
    expect(recommendation.parallel).toBe(24);
    expect(recommendation.reason).toMatch(/^With --parallel 24 its p95 is within \d+% of the fastest, 8 would cost /);
  });

  test("says how many validators run where a command gives up beside them", () => {
    const fleet = subjectsOf("fleet")[0]!;
    const { fails } = forecast(fleet, 2, { runs: 1, seed: 1 });
    expect(fails).toEqual({
      share: 1,
      reason:
        "chain138-ready holds one of 2 slots and gives up after 2 h 00 min: by then 0 of 48 validators run and 32 are needed.",
    });
  });

  test("recommends none where each fails", () => {
    const { recommendation } = study(subjectsOf("dev"), { ...asked, modes: [], parallel: [1] });
    expect(recommendation).toEqual({ reason: "None of these: with each of them some runs fail." });
  });

  test("is the same for the same seed and another for another", () => {
    const timesOf = (seed: number): number[] =>
      study(subjectsOf("dev"), { ...asked, seed }).parallel.map(({ p95Ms }) => p95Ms);
    expect(timesOf(3)).toEqual(timesOf(3));
    expect(timesOf(3)).not.toEqual(timesOf(300));
  });

  test("is never below a bound, whatever is asked", () => {
    for (const { p50Ms, fails, bounds, overBound } of study(subjectsOf("fleet"), { ...asked, runs: 2 }).parallel) {
      if (fails !== undefined) continue;
      expect(p50Ms).toBeGreaterThanOrEqual(bounds.lowestMs);
      expect(overBound).toBeGreaterThanOrEqual(1);
    }
  });

  test("explains a case that more slots make slower", () => {
    const lengths = [3, 2, 2, 2, 4, 4, 4, 4, 9].map((length) => length * 60_000);
    const operations = lengths.map((_, index) => ({
      ...{ urn: `t${index + 1}`, type: "test", phase: "besu" as const },
      after: index === 8 ? [0] : index >= 4 ? [3] : [],
    }));
    const graph: Graph = { operations, waits: [] };
    const subject = subjectOf(overlap, graph, fixedModel(lengths));
    const { remarks } = study([subject], { modes: [], program: overlap, parallel: [3, 4], runs: 1, seed: 1 });
    expect(remarks).toEqual([
      "--parallel 4 takes 3 min 00 s more than 3, phases overlap: slots go to whoever is ready first, so more of them can let short operations in before a long chain (Graham's anomaly).",
    ]);
  });

  test("asks for the graphs that it needs and no others", () => {
    const needed = (names: typeof modeNames, program: ProgramOptions) =>
      graphsOf({ modes: names, program }).map(optionsText);
    expect(needed(["ultra"], modes.ultra)).toEqual(["overlap-dataflow"]);
    expect(needed(modeNames, overlap)).toEqual(["overlap-batches", "barrier-batches", "overlap-dataflow"]);
    expect(() => study([], asked)).toThrow("No graph is given for barrier-batches.");
  });
});

describe("another model of Azure", () => {
  /** Every operation after the second of a run is throttled for 100 ms; the platform's limit bounds the run. */
  const throttling = (durations: readonly number[]): OperationModel => ({
    limits: [
      { name: "reads", requests: 3, capacity: 2, boundMs: 10 },
      { name: "writes", requests: 4, capacity: 1, boundMs: 120 },
    ],
    start: () => {
      let asked = 0;
      return {
        shortestMs: (operation) => durations[operation]!,
        begin: (operation) => durations[operation]! + (++asked > 2 ? 100 : 0),
        get throttles() {
          return Math.max(0, asked - 2);
        },
      };
    },
  });

  test("is asked at each begin, and its throttles and its busiest limit are reported", () => {
    const operations = ["a", "b", "c"].map((urn) => ({ urn, type: "test", phase: "besu" as const, after: [] }));
    const subject = subjectOf(overlap, { operations, waits: [] }, throttling([50, 50, 50]));
    expect(forecast(subject, 3, { runs: 3, seed: 1 })).toMatchObject({
      ...{ p50Ms: 150, throttles: 1 },
      bounds: {
        criticalPathMs: 50,
        slotsMs: 50,
        limit: { name: "writes", requests: 4, capacity: 1, boundMs: 120 },
        lowestMs: 120,
      },
    });
  });
});

test("a forecast has no phase that never ran, and its phases begin in the order of their dependencies", () => {
  fc.assert(
    fc.property(drafts, ({ graph, durations }) => {
      const result = forecast(subjectOf(overlap, graph, fixedModel(durations)), 2, { runs: 1, seed: 1 });
      expect(millisecondsOfPhases(result)).toEqual([["infrastructure", 0]]);
      expect(result.peak).toBeLessThanOrEqual(2);
    }),
  );
});

test("a quantile is the value that a share does not exceed", () => {
  const values = [5, 1, 4, 2, 3];
  expect([0, 0.2, 0.5, 0.95, 1].map((share) => quantile(values, share))).toEqual([1, 1, 3, 5, 5]);
});
