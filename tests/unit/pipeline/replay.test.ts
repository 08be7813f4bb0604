import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parseDurations } from "../../../pipeline/durations";
import { replay } from "../../../pipeline/replay";

const recorded = (date: string) => {
  const file = join(__dirname, "../../../pipeline/data", `durations-${date}.csv`);
  return parseDurations(readFileSync(file, "utf8"), file);
};
const result = replay(recorded("2025-09-06"), recorded("2025-09-15"), [2, 3, 4, 6, 8, 12, 16, 32]);
const of = (strategy: string) => result.cases.filter((one) => one.strategy === strategy);

describe("replay of a public project's test suite, planned with one date and judged by a later one", () => {
  test("the default, and the default in a matrix, stay within 1.03 of the lower bound and under round-robin", () => {
    expect([result.winner, result.winnerBefore]).toEqual(["adaptive", "predictive"]);
    for (const strategy of [result.winner, result.winnerBefore]) {
      expect(Math.max(...of(strategy).map(({ overBound }) => overBound))).toBeLessThanOrEqual(1.03);
      for (const { timesRoundRobin } of of(strategy)) expect(timesRoundRobin).toBeGreaterThan(1);
    }
  });

  test("the ratios are these, and the same in every run", () => {
    const ratios = (strategy: string) =>
      of(strategy).map(({ shards, overBound }) => [shards, Number(overBound.toFixed(3))]);

    expect(ratios("predictive")).toEqual([
      [2, 1.006],
      [3, 1.023],
      [4, 1.009],
      [6, 1.027],
      [8, 1.004],
      [12, 1],
      [16, 1],
      [32, 1],
    ]);
    expect(ratios("round-robin")).toEqual([
      [2, 1.06],
      [3, 1.086],
      [4, 1.132],
      [6, 1.737],
      [8, 1.572],
      [12, 1.335],
      [16, 1.106],
      [32, 1.083],
    ]);
    expect(ratios("adaptive").every(([, ratio]) => ratio === 1)).toBe(true);
  });

  test("names files that are new, and what sets the lower bound", () => {
    expect(result.unknown).toHaveLength(3);
    expect(result.gone).toEqual([]);
    expect(of("predictive").find(({ shards }) => shards === 16)?.because).toBe("gradients/core/test_pulse_gradient.py");
  });

  test("does not see what is judged: a plan made with wrong durations is judged as wrong", () => {
    const misled = replay(
      [
        { name: "a", seconds: 1 },
        { name: "b", seconds: 1 },
        { name: "c", seconds: 10 },
      ],
      [
        { name: "a", seconds: 10 },
        { name: "b", seconds: 10 },
        { name: "c", seconds: 1 },
      ],
      [2],
    );
    expect(misled.cases.find(({ strategy }) => strategy === "predictive")?.makespanSeconds).toBe(20);
  });
});

describe("durations in CSV", () => {
  test.each([
    ["a negative duration", "a.py,1\nb.py,-2", 'x.csv:2 has the duration "-2" for "b.py"'],
    ["a duration that is missing", "file,seconds\na.py,", 'x.csv:2 has no duration for "a.py"'],
    ["a duration that is no number", "a.py,soon", 'x.csv:1 has the duration "soon"'],
    ["a name that is there twice", "a.py,1\n\na.py,2", 'x.csv:3 names "a.py" again, after line 1'],
    ["a line without a comma", "a.py", 'x.csv:1 is "a.py"'],
    ["nothing", "file,seconds\n", "x.csv holds no durations"],
  ])("refuses %s", (_, text, message) => expect(() => parseDurations(text, "x.csv")).toThrow(message));

  test("takes comments, other line ends, names with commas and in quotes", () => {
    expect(parseDurations('\ufefffile,seconds\r\n# source\r\na[x,y].py,1.5\r\n"b.py",0\r\n', "x.csv")).toEqual([
      { name: "a[x,y].py", seconds: 1.5 },
      { name: "b.py", seconds: 0 },
    ]);
  });
});
