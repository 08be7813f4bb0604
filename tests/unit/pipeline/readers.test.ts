import { observe } from "../../../pipeline/observe";
import { readReport } from "../../../pipeline/readers/read";

const read = (text: string | object, file = "r") =>
  readReport(typeof text === "string" ? text : JSON.stringify(text), file, "/repo");

describe("results are read from", () => {
  test("jest --json: seconds a file, failed tests by name, files that do not load, paths below the root", () => {
    const result = (name: string, status: string, seconds: number, ...tests: [string, string][]) => ({
      ...{ name: `/repo/${name}`, status, startTime: 1000, endTime: 1000 + seconds * 1000 },
      assertionResults: tests.map(([fullName, outcome]) => ({ fullName, status: outcome })),
    });
    const { entries, wallSeconds } = read({
      startTime: 500,
      testResults: [
        result("a.test.ts", "passed", 2, ["works", "passed"], ["later", "pending"]),
        result("b.test.ts", "failed", 1, ["works", "passed"], ["breaks", "failed"]),
        result("c.test.ts", "failed", 0),
        result("d.test.ts", "passed", 0, ["later", "todo"]),
      ],
    });

    expect(entries.map(({ name, seconds, outcome, failed }) => [name, seconds, outcome, failed])).toEqual([
      ["a.test.ts", 2, "passed", undefined],
      ["b.test.ts", 1, "failed", ["breaks"]],
      ["c.test.ts", 0, "failed", undefined],
      ["d.test.ts", 0, "skipped", undefined],
    ]);
    expect(wallSeconds).toBe(2.5);
  });

  test("JUnit XML: cases added up by file, else class, else suite, through nested suites and entities", () => {
    const { entries } = read(`<?xml version="1.0"?>
      <testsuites time="9.5">
        <testsuite name="outer" file="f.py"><testsuite name="inner">
          <testcase name="a &lt;1&gt;" time="1.5"/><testcase name="b" time="0.5"><failure message="no"/></testcase>
        </testsuite></testsuite>
        <testsuite name="pytest"><testcase classname="tests.test_x" name="c" time="1,234.5"/></testsuite>
        <testsuite name="test/W.t.sol:W"><testcase name="d" time="0"><skipped/></testcase></testsuite>
        <testsuite name="empty"/>
      </testsuites>`);

    expect(entries.map(({ name, seconds, outcome, failed }) => [name, seconds, outcome, failed])).toEqual([
      ["f.py", 2, "failed", ["b"]],
      ["tests.test_x", 1234.5, "passed", undefined],
      ["test/W.t.sol:W", 0, "skipped", undefined],
    ]);
  });

  test("GitHub's jobs, by page: jobs and steps with run, attempt and commit; what has not ended is left out", () => {
    const at = (minute: number) => `2026-11-21T12:0${minute}:00Z`;
    const ended = { conclusion: "success", started_at: at(0), completed_at: at(2) };
    const { entries } = read([
      {
        jobs: [
          {
            ...ended,
            name: "unit",
            run_id: 7,
            run_attempt: 2,
            head_sha: "c0ffee",
            steps: [
              { ...ended, name: "npm ci" },
              { ...ended, name: "npm ci" },
            ],
          },
          { ...ended, name: "slow", run_id: 7, conclusion: null, completed_at: null },
        ],
      },
    ]);

    expect(
      entries.map(({ kind, name, seconds, run, attempt, commit }) => [kind, name, seconds, run, attempt, commit]),
    ).toEqual([
      ["job", "unit", 120, "7", 2, "c0ffee"],
      ["step", "unit / npm ci", 120, "7", 2, "c0ffee"],
      ["step", "unit / npm ci (2)", 120, "7", 2, "c0ffee"],
    ]);
  });

  test("operations of Pulumi's engine, and CSV", () => {
    const operation = { type: "t", urn: "urn:a", operation: "create", seconds: 4.2, outcome: "failed" };

    expect(read(JSON.stringify(operation)).entries).toEqual([
      { kind: "operation", name: "create urn:a", seconds: 4.2, outcome: "failed" },
    ]);
    expect(read("file,seconds\na.py,3").entries).toEqual([
      { kind: "test", name: "a.py", seconds: 3, outcome: "passed" },
    ]);
  });
});

describe("results are refused when broken:", () => {
  const suite = (inner: string) => `<testsuite name="s">${inner}</testsuite>`;
  test.each([
    ["a case without a duration", suite('<testcase name="a"/>'), 'r, testcase "a", time is missing'],
    ["a negative duration", suite('<testcase name="a" time="-1"/>'), 'r, testcase "a", time is "-1"'],
    ["torn XML", '<testsuite name="s"><testcase', "r:1 is no XML"],
    ["a document type", '<!DOCTYPE x [<!ENTITY a "b">]><testsuite/>', "r declares a document type"],
    ["other XML", "<html></html>", "r holds no testsuite"],
    ["torn JSON", '{"testResults": [', "r is no JSON"],
    [
      "a file that ends before it begins",
      '{"testResults":[{"name":"a","startTime":2,"endTime":1,"status":"passed","assertionResults":[]}],"startTime":0}',
      "testResults.0.endTime is 1",
    ],
    ["another file", "hello", "r is of no known format"],
    [
      "an operation without a duration",
      '{"urn":"a","type":"t","operation":"create","outcome":"failed"}',
      "r:1, seconds is missing",
    ],
  ])("%s", (_, text, message) => expect(() => read(text)).toThrow(message));

  test("two files that tell of one test in one run, since one of them would be lost", () => {
    const source = (name: string) => ({
      source: name,
      at: "2026-11-21T12:00:00Z",
      report: read("file,seconds\na.py,3"),
    });
    const facts = { run: "1", attempt: 1, file: (name: string) => ({ name }) };

    expect(() => observe([source("one.csv"), source("two.csv")], facts)).toThrow(
      'two.csv, test "a.py" is in one.csv too',
    );
    expect(observe([source("one.csv")], { ...facts, cache: "hit" })).toEqual([
      { kind: "test", name: "a.py", run: "1", attempt: 1, at: "2026-11-21T12:00:00Z", seconds: 3, outcome: "passed" },
    ]);
  });
});
