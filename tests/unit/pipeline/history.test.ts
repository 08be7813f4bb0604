import fc from "fast-check";

import { estimate, jobSeconds } from "../../../pipeline/estimate";
import { formatHistory, keepLatest, mergeHistories, type Observation, parseHistory } from "../../../pipeline/history";
import { withoutOutliers } from "../../../pipeline/statistics";
import { daily, observation } from "./arbitrary";

const histories = fc.array(
  fc
    .record({
      name: fc.constantFrom("a", "b", "c"),
      run: fc.constantFrom("1", "2"),
      seconds: fc.nat(5),
      day: fc.integer({ min: 1, max: 9 }),
    })
    .map(({ day, ...rest }): Observation => observation({ ...rest, at: `2026-11-0${day}T00:00:00Z` })),
  { maxLength: 8 },
);

describe("a history", () => {
  test("merges to the same in every order and grouping, and twice changes nothing", () => {
    fc.assert(
      fc.property(histories, histories, histories, (a, b, c) => {
        const all = formatHistory(mergeHistories(a, b, c));
        expect(formatHistory(mergeHistories(c, mergeHistories(b, a)))).toBe(all);
        expect(formatHistory([...a, ...a, ...c, ...b])).toBe(all);
      }),
    );
  });

  test("of which the latest are kept holds of each thing its latest, and no more", () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 1, max: 3 }), (some, count) => {
        const all = mergeHistories(some);
        const kept = keepLatest(some, count);
        for (const name of ["a", "b", "c"]) {
          const own = ({ name: each }: Observation) => each === name;
          expect(kept.filter(own)).toEqual(all.filter(own).slice(-count));
        }
      }),
    );
  });

  test("comes back from its lines, in whatever order a merge left them", () => {
    fc.assert(
      fc.property(histories, (some) => {
        const text = formatHistory(some);
        const turned = text.split("\n").reverse().join("\n");
        expect(formatHistory(parseHistory(`${turned}\n${text}`, "h"))).toBe(text);
      }),
    );
  });

  const line = JSON.stringify(observation({}));
  test.each([
    ["a torn line", `${line}\n${line.slice(0, 20)}`, "h:2 is no JSON"],
    ["Git's conflict marks", `<<<<<<< HEAD\n${line}`, "h:1 is a conflict that Git left"],
    ["a negative duration", JSON.stringify(observation({ seconds: -1 })), "h:1, seconds is -1"],
    ["a missing duration", JSON.stringify({ ...observation({}), seconds: undefined }), "h:1, seconds is missing"],
    ["an unknown key", JSON.stringify({ ...observation({}), second: 1 }), "h:1, second is not known"],
    ["a time that is none", JSON.stringify(observation({ at: "yesterday" })), 'h:1, at is "yesterday"'],
  ])("refuses %s, with its line", (_, text, message) => expect(() => parseHistory(text, "h")).toThrow(message));
});

describe("a prediction", () => {
  const one = (name: string, history: readonly Observation[], facts = {}) =>
    estimate([{ name, ...facts }], history)[0]!;

  test("is the middle of the latest durations; one slow outlier does not move it, a lasting change does", () => {
    expect(one("a", daily("a", [10, 11, 10, 300, 10, 11]))).toMatchObject({
      seconds: 10,
      basis: "history",
      outliers: 1,
    });
    expect(one("a", daily("a", [10, 10, 10, 30, 30, 30, 30])).seconds).toBe(30);
    expect(one("a", daily("a", [99, 99, 99, 99, 1, 1, 1, 1, 1, 1, 1])).seconds).toBe(1);
  });

  test("counts failures, which end early, only for want of others", () => {
    const failed = observation({ name: "a", run: "9", seconds: 1, outcome: "failed" });

    expect(one("a", [...daily("a", [10]), failed]).seconds).toBe(10);
    expect(one("a", [failed]).seconds).toBe(1);
  });

  test("follows a renamed file by its content, or by the only vanished file of its base name", () => {
    const history = daily("old/a.test.ts", [42], { sha256: "x" });

    expect(one("new/b.test.ts", history, { sha256: "x" })).toMatchObject({
      seconds: 42,
      basis: "renamed",
      from: "old/a.test.ts",
    });
    expect(one("new/a.test.ts", history, { sha256: "y" })).toMatchObject({ seconds: 42, basis: "renamed" });
  });

  test("takes no name for renamed while the old file is there, and none for two", () => {
    const history = daily("old/a.test.ts", [42], { sha256: "x" });
    const copies = (...names: string[]) =>
      estimate(
        names.map((name) => ({ name, sha256: "x" })),
        history,
      ).map(({ basis }) => basis);

    expect(copies("old/a.test.ts", "new/a.test.ts")).toEqual(["history", "neighbours"]);
    expect(copies("one/a.test.ts", "two/a.test.ts").filter((basis) => basis === "renamed")).toHaveLength(1);
  });

  test("estimates a new file from its size and the nearest folder that has been measured", () => {
    const history = [
      ...daily("x/a", [10], { sizeBytes: 100 }),
      ...daily("x/b", [30], { sizeBytes: 300 }),
      ...daily("y/c", [900], { sizeBytes: 1 }),
    ];

    expect(one("x/deep/new", history, { sizeBytes: 50 })).toMatchObject({ seconds: 5, basis: "neighbours", from: "x" });
    expect(one("x/new", history)).toMatchObject({ seconds: 20, from: "x" });
    expect(one("z/new", history)).toMatchObject({ seconds: 30, from: "" });
    expect(one("z/new", [])).toMatchObject({ seconds: 1, basis: "nothing" });
  });

  test("is known of jobs as well, apart from test files of the same name", () => {
    expect([...jobSeconds([...daily("lint", [40], { kind: "job" }), ...daily("unit", [5])])]).toEqual([["lint", 40]]);
  });

  test("drops only what is far from the middle: the middle itself always stays", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 15 }), (values) => {
        const kept = withoutOutliers(values);
        expect(kept.length).toBeGreaterThan(values.length / 2 - 1);
        expect(values).toEqual(expect.arrayContaining(kept));
      }),
    );
  });
});
