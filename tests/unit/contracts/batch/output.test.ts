import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import fc from "fast-check";
import { addBatchOptions } from "../../../../cli/batch-options";
import { reportJsonSchema, reportSchema, type BatchReport, type ItemResult } from "../../../../contracts/batch/report";
import { retryAfterMs } from "../../../../contracts/batch/post";
import { reportFileSink } from "../../../../contracts/batch/sinks/file";
import { xml } from "../../../../contracts/batch/sinks/junit";
import { progressSink } from "../../../../contracts/batch/sinks/progress";
import { stepSummarySink } from "../../../../contracts/batch/sinks/step-summary";
import { percentile, Tally } from "../../../../contracts/batch/tally";
import { runItems, withFolder } from "./support/run";
import { withServer } from "./support/server";

const call = { contract: "0x000000000000000000000000000000000000c0de", function: "double(uint256)(uint256)" };
const items = [
  { args: [1], expected: 2, label: "right" },
  { args: [2], expected: 5, label: 'wrong <&"> \u001b[31m' },
  { args: [0], label: "reverts" },
  { args: [0], expectRevert: "zero", label: "reverts as it should" },
  { args: [0], expectRevert: "one", label: "reverts otherwise" },
  { args: [1], expectRevert: true, label: "should revert" },
];
const run = (format: "text" | "json" | "ndjson" | "junit", options = {}) =>
  withServer(
    () => false,
    (rpc) => runItems(items, { ...call, rpc, ...options }, format),
  );

test("JSON: one result an item with status, diff and reason, and the totals", async () => {
  const { code, report } = await run("json");
  expect(code).toBe(1);
  expect(reportSchema.parse(report)).toEqual(report);
  expect(report).toMatchObject({ version: 1, chain_id: 138, block: 16, transport: "json-rpc-batch" });
  expect(report.results.map(({ status, success, passed, result }) => [status, success, passed, result])).toEqual([
    ["passed", true, true, "2"],
    ["failed", true, false, "4"],
    ["error", false, false, null],
    ["passed", false, true, null],
    ["failed", false, false, null],
    ["failed", true, false, "2"],
  ]);
  expect(report.results.map(({ error, diff }) => [error, diff])).toEqual([
    [null, null],
    [null, ["expected 5, got 4"]],
    ["reverted: execution reverted: zero", null],
    ["reverted: execution reverted: zero", null],
    ["reverted: execution reverted: zero", ["expected a revert with one, got execution reverted: zero"]],
    [null, ['expected a revert, got "2"']],
  ]);
  expect(report.summary).toMatchObject({ total: 6, passed: 2, failed: 3, errors: 1, not_run: 0 });
});

test("the published schema is the report's", () => {
  const path = join(__dirname, "../../../../docs/schemas/batch-report.schema.json");
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(JSON.parse(JSON.stringify(reportJsonSchema())));
});

test("NDJSON: a header, an item a line, a summary", async () => {
  const { text } = await run("ndjson");
  const lines = text.trimEnd().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
    "header",
    ...items.map(() => "item"),
    "summary",
  ]);
});

test("text: rows in order, failures last with what differs, nothing that moves the cursor", async () => {
  const { text } = await run("text");
  const [rows, told] = text.split("\n\n").slice(1);
  expect(rows?.split("\n")).toHaveLength(6);
  expect(told).toMatch(/FAILED \/.*\/batch\.json\[1\] wrong/);
  expect(told).toContain("    expected 5, got 4");
  expect(told).not.toContain("right");
  expect(text).toMatch(/6 items: 2 passed, 3 failed, 1 error in \d/);
  expect(text).not.toContain("\u001b");
});

test("the problem matcher of .vscode/tasks.json finds failures and mistakes of the input", async () => {
  const path = join(__dirname, "../../../../.vscode/tasks.json");
  const { tasks } = JSON.parse(readFileSync(path, "utf8")) as { tasks: any[] };
  const matchers = tasks[0].problemMatcher as { pattern: { regexp: string; file: number; message: number } }[];
  const found = (line: string): (string | undefined)[] =>
    matchers.flatMap(({ pattern }) => {
      const match = new RegExp(pattern.regexp).exec(line);
      return match === null ? [] : [match[pattern.file], match[pattern.message]];
    });
  const failures = (await run("text")).text.split("\n").filter((line) => /^(FAILED|ERROR) /.test(line));
  const told = failures.map(found).filter((match) => match.length > 0);
  expect(told).toHaveLength(4);
  expect(told[0]?.[0]).toMatch(/batch\.json$/);
  expect(found("error: checks/b.json[7].args[0]: must be an address, not 5")).toEqual([
    "checks/b.json",
    "must be an address, not 5",
  ]);
});

test("the launch configuration passes batchArgs on as --batch-args, with options that exist", () => {
  const path = join(__dirname, "../../../../.vscode/launch.json");
  const { configurations, inputs } = JSON.parse(readFileSync(path, "utf8")) as Record<string, any[]>;
  const options = addBatchOptions(new Command()).options.map(({ long }) => long);
  expect(inputs!.map(({ id }) => id as string)).toContain("batchArgs");
  for (const { args, program } of configurations!) {
    const flags = (args as string[]).filter((arg) => arg.startsWith("--"));
    expect(options).toEqual(expect.arrayContaining(flags));
    expect(program).toBe("${workspaceFolder}/bin/meridian.mjs");
  }
  const args = configurations![0].args as string[];
  expect(args[args.indexOf("--batch-args") + 1]).toBe("${input:batchArgs}");
});

test("JUnit: a failure is a failure, an error an error, and markup stays text", async () => {
  const { text } = await run("junit");
  expect(text).toContain('tests="6" failures="3" errors="1"');
  expect(text.match(/<failure /g)).toHaveLength(3);
  expect(text.match(/<error /g)).toHaveLength(1);
  expect(text).toContain('name="wrong &lt;&amp;&quot;&gt; \\u001b[31m"');
});

test("property: any text is fit for XML 1.0", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(xml(`${text}\ud800`)).not.toMatch(/[<>"\u0000-\u001f\ufffe\uffff]|&(?!\w+;)|\p{Surrogate}/u);
    }),
  );
});

test("--failed-only leaves out what passed and counts it", async () => {
  const { report } = await run("json", { failedOnly: true });
  expect(report.results.map(({ index }) => index)).toEqual([1, 2, 4, 5]);
  expect(report.summary).toMatchObject({ total: 6, passed: 2 });
});

test("a step summary tells what did not pass, in a table that no label can break", () => {
  let text = "";
  const sink = stepSummarySink((part) => (text += part));
  const result = { index: 3, label: "a|b <img>", status: "failed", diff: ["x\ny"], passed: false } as ItemResult;
  sink.begin({ contract: "WETH9", function: "f()" } as never, 2);
  sink.item(result);
  sink.end({ total: 2, passed: 1, failed: 1, errors: 0, not_run: 0, total_duration_ms: 5 } as never);
  expect(text).toContain("❌ 2 items: 1 passed, 1 failed, 0 errors");
  expect(text).toContain("| 3 | a&#124;b &#60;img&#62; | failed | x&#92;u000ay |\n");
});

test("progress is one line, and gone at the end", () => {
  let text = "";
  const sink = progressSink((part) => (text += part));
  sink.begin({} as never, 2);
  sink.item({ passed: false } as ItemResult);
  sink.end({} as never);
  expect(text).toContain("… 1 of 2, 1 not passed");
  expect(text).not.toContain("\n");
  expect(text.endsWith("\r\u001b[K")).toBe(true);
});

test("a report file whose extension says nothing is refused", () => {
  expect(() => reportFileSink("/tmp/report.yaml")).toThrow("has an extension that says no format");
  expect(() => reportFileSink("/nonexistent/report.json")).toThrow("cannot be written");
});

describe("--rerun-failed", () => {
  test("runs what did not pass, under the same indices", () =>
    withFolder(async (folder) => {
      const path = join(folder, "report.json");
      writeFileSync(path, (await run("json")).text);
      const { report } = await run("json", { rerunFailed: path });
      expect(report.results.map(({ index }) => index)).toEqual([1, 2, 4, 5]);
      expect(report.summary.total).toBe(4);
    }));

  test.each<[string, (report: BatchReport) => unknown, string]>([
    ["of another function", (report) => ({ ...report, function: "f()" }), "is a report of f()"],
    ["that stopped early", (report) => ({ ...report, summary: { ...report.summary, not_run: 1 } }), "stopped early"],
    [
      "of another file",
      (report) => ({ ...report, results: report.results.map((result) => ({ ...result, args: ["9"] })) }),
      "of another batch file",
    ],
    ["that is none", () => ({}), "is no report of version 1"],
    ["of another version", (report) => ({ ...report, version: 2 }), "is no report of version 1"],
  ])("refuses a report %s", (_, change, problem) =>
    withFolder(async (folder) => {
      const path = join(folder, "report.json");
      writeFileSync(path, JSON.stringify(change((await run("json")).report)));
      await expect(run("json", { rerunFailed: path })).rejects.toThrow(problem);
    }),
  );
});

test("the tally's percentiles are nearest ranks", () => {
  const tally = new Tally(100);
  for (let ms = 100; ms >= 1; ms--) tally.add({ status: "passed", duration_ms: ms });
  expect(tally.summary(7)).toMatchObject({ p50_ms: 50, p95_ms: 95, summed_duration_ms: 5050, total_duration_ms: 7 });
  expect(percentile([], 0.5)).toBeNull();
});

test.each<[string | null, number | undefined]>([
  [null, undefined],
  ["", undefined],
  ["2", 2000],
  ["0.5", 500],
  ["-1", 0],
  ["Thu, 01 Jan 1970 00:00:09 GMT", 4000],
  ["Thu, 01 Jan 1970 00:00:01 GMT", 0],
  ["soon", undefined],
])("Retry-After %j is %j ms", (header, ms) => {
  expect(retryAfterMs(header, 5000)).toBe(ms);
});
