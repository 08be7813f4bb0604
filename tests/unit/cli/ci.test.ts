import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { main } from "../../../cli/main";
import { projectRoot } from "../../../toolchain/paths";

const folder = mkdtempSync(join(tmpdir(), "meridian-ci-"));
const file = (name: string, content?: string | object): string => {
  const path = join(folder, name);
  if (content !== undefined) writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
};
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => (process.exitCode = undefined));

/** Runs the command line in this process. */
async function ci(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const text = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    jest.spyOn(process[name], "write").mockImplementation((chunk) => {
      text[name] += String(chunk);
      return true;
    }),
  );
  try {
    process.exitCode = undefined;
    return { code: await main(["ci", ...args]), ...text };
  } finally {
    spies.forEach((spy) => spy.mockRestore());
  }
}

const run = (...args: readonly string[]) =>
  promisify(execFile)(process.execPath, [join(projectRoot, "bin", "meridian.mjs"), ...args]);

const data = (date: string) => join(projectRoot, "pipeline", "data", `durations-${date}.csv`);
const [earlier, later] = [data("2025-09-06"), data("2025-09-15")];
/** What `jest --json` would write of some test files. */
const jestResults = (seconds: Readonly<Record<string, number>>, failed: readonly string[] = []) => ({
  startTime: 1000,
  testResults: Object.entries(seconds).map(([name, each]) => ({
    ...{
      name: join(folder, name),
      startTime: 1000,
      endTime: 1000 + each * 1000,
      status: failed.includes(name) ? "failed" : "passed",
    },
    assertionResults: [{ fullName: "works", status: failed.includes(name) ? "failed" : "passed" }],
  })),
});

describe("meridian ci replay", () => {
  test("prints the cases, the bound and the default; as JSON the ratios hold what the command promises", async () => {
    const args = ["replay", "--train", earlier, "--judge", later, "--shards", "4,8,16"];
    const text = await ci(...args);
    const printed = JSON.parse((await ci(...args, "--json")).stdout) as {
      default: string;
      defaultInMatrix: string;
      cases: { strategy: string; overBound: number; timesRoundRobin: number }[];
    };

    expect(text).toMatchObject({ code: 0, stderr: "" });
    expect(text.stdout).toContain("Lower bound with 16 shards: gradients/core/test_pulse_gradient.py.");
    expect(text.stdout).toMatch(
      /^Default: adaptive, .* In a matrix: predictive, 1\.0044 of the lower bound on average, 1\.0092 at worst\.$/m,
    );
    for (const name of [printed.default, printed.defaultInMatrix]) {
      const cases = printed.cases.filter(({ strategy }) => strategy === name);
      expect(cases).toHaveLength(3);
      for (const { overBound, timesRoundRobin } of cases) {
        expect(overBound).toBeLessThanOrEqual(1.03);
        expect(timesRoundRobin).toBeGreaterThan(1);
      }
    }
  });

  const broken: [string[], string][] = [
    [["--shards", "0"], "whole numbers from 1 to 1000"],
    [["--judge", "/nowhere.csv"], "error: /nowhere.csv cannot be read: ENOENT."],
    [["--judge", file("negative.csv", "a.py,-1\n")], 'negative.csv:1 has the duration "-1"'],
  ];
  test.each(broken.map(([args, message]) => [message, args] as const))(
    "refused with exit code 2: %s",
    async (message, args) => {
      const { code, stdout, stderr } = await ci("replay", "--train", earlier, "--judge", later, ...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain(message);
    },
  );
});

describe("from results to a verified run", () => {
  const history = file("history.jsonl");
  const seconds = { "a.test.ts": 40, "b.test.ts": 30, "c.test.ts": 20, "d.test.ts": 10 };
  const results = file("jest.json", jestResults(seconds));
  const [plan, matrix, svg] = [file("plan.json"), file("matrix.json"), file("plan.svg")];
  const shard = async (number: number) =>
    (await ci("shard", "--plan", plan, "--shard", String(number))).stdout.trim().split("\n");
  const ran = (number: number, names: readonly string[]) =>
    `${number}=${file(`shard-${number}.json`, jestResults(Object.fromEntries(names.map((name) => [name, seconds[name as keyof typeof seconds]]))))}`;
  const verify = (...reports: string[]) => ci("verify", "--plan", plan, "--root", folder, ...reports);

  beforeAll(async () => {
    for (const id of ["1", "2"]) await ci("ingest", "--history", history, "--root", folder, results, "--run", id);
    await ci("plan", "--history", history, "--root", folder, "--shards", "2", "--out", plan);
  });

  test("ingest adds a run once, and a broken file leaves the history as it was", async () => {
    const own = file("own.jsonl");
    const ingest = (...args: string[]) => ci("ingest", "--history", own, "--root", folder, ...args);

    expect((await ingest(results, "--run", "1")).stdout).toContain("4 observations, 4 new of 4");
    expect((await ingest(results, "--run", "1")).stdout).toContain("4 observations, 0 new of 4");
    expect((await ingest(results, "--run", "2")).stdout).toContain("8 observations, 4 new of 4");
    const before = readFileSync(own, "utf8");
    expect(await ingest(results, file("torn.xml", "<testsuite"), "--run", "3")).toMatchObject({ code: 2, stdout: "" });
    expect(readFileSync(own, "utf8")).toBe(before);
  });

  test("ingests that run at once lose nothing", async () => {
    const shared = file("shared.jsonl");
    const add = (id: number) =>
      run("ci", "ingest", results, "--history", shared, "--root", folder, "--run", String(id));
    await Promise.all([1, 2, 3].map(add));
    expect(readFileSync(shared, "utf8").trim().split("\n")).toHaveLength(12);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  }, 60_000);

  test("an engine's event log keeps operation and duration, and nothing of its inputs", async () => {
    const metadata = {
      op: "create",
      urn: "urn:pulumi:dev::p::t::a",
      type: "t",
      new: { custom: true, inputs: { key: "hunter2" } },
    };
    const log = [
      { sequence: 1, timestamp: 100, resourcePreEvent: { metadata } },
      { sequence: 2, timestamp: 104, resOutputsEvent: { metadata } },
    ];
    const own = file("operations.jsonl");
    const { code } = await ci(
      "ingest",
      file("events.jsonl", log.map((event) => JSON.stringify(event)).join("\n")),
      "--history",
      own,
    );

    expect(code).toBe(0);
    expect(readFileSync(own, "utf8")).toMatch(
      /^\{"kind":"operation","name":"create urn:pulumi:dev::p::t::a".*"seconds":4,/,
    );
    expect(readFileSync(own, "utf8")).not.toContain("hunter2");
  });

  test("plan writes shards, a matrix and a chart", async () => {
    const args = [
      "plan",
      "--history",
      history,
      "--root",
      folder,
      "--shards",
      "2",
      "--out",
      plan,
      "--matrix",
      matrix,
      "--svg",
      svg,
      "--price",
      "linux",
    ];
    // In a process of its own: vega is an ES module, which Jest does not load.
    const { stdout } = await run("ci", ...args);

    expect({ shards: stdout.match(/^\d +2 +50\.0 s +2 min$/gm)?.length }).toEqual({ shards: 2 });
    expect(JSON.parse(readFileSync(matrix, "utf8"))).toEqual({
      include: [1, 2].map((number) => ({ shard: number, of: 2, quarantined: false, timeoutMinutes: 2 })),
    });
    expect(readFileSync(svg, "utf8")).toMatch(/^<svg[^]*prefers-color-scheme: dark/);
    expect([await shard(1), await shard(2)]).toEqual([
      ["a.test.ts", "d.test.ts"],
      ["b.test.ts", "c.test.ts"],
    ]);
  }, 30_000);

  test("verify passes what ran exactly once, and names what was dropped or doubled with exit code 1", async () => {
    const [one, two] = [await shard(1), await shard(2)];
    const sound = await verify(ran(1, one), ran(2, two));
    expect(sound.code).toBe(0);
    expect(sound.stdout).toContain("Each of 4 planned test files ran exactly once.");
    expect(sound.stdout).toMatch(/^success +100\.0% +on target$/m);

    const dropped = await verify(ran(1, one.slice(1)), ran(2, two));
    expect([dropped.code, dropped.stdout]).toEqual([
      1,
      expect.stringContaining(`dropped: ${one[0]} (planned for shard 1) ran nowhere`),
    ]);
    const doubled = await verify(ran(1, one), ran(2, [...two, one[0]!]));
    expect([doubled.code, doubled.stdout]).toEqual([
      1,
      expect.stringContaining(`doubled: ${one[0]} ran 2 times, in shards 1, 2`),
    ]);
    expect((await verify("shard-1.json")).stderr).toContain('"shard-1.json" names no shard.');
  });

  test("rebalance gives a dead shard's rest to the others", async () => {
    const done = ran(2, ["b.test.ts"]);
    const { code, stdout } = await ci(
      "rebalance",
      "--plan",
      plan,
      "--dead",
      "1",
      "--finished",
      done,
      "--root",
      folder,
      "--json",
    );
    expect({ code, ...(JSON.parse(stdout) as object) }).toMatchObject({
      code: 0,
      shards: [{ shard: 2, tests: ["c.test.ts", "a.test.ts", "d.test.ts"] }],
    });
  });

  test("a target that cannot be reached is exit code 1 with the reason", async () => {
    const { code, stderr } = await ci("plan", "--history", history, "--root", folder, "--target-reduction", "95");
    expect([code, stderr]).toEqual([1, expect.stringContaining("a.test.ts alone takes 40.0 s: split that file")]);
  });

  const broken: [string[], string][] = [
    [["plan", "--history", "/nowhere.jsonl"], "There is no history /nowhere.jsonl."],
    [
      ["plan", "--durations", later, "--min-runners", "9", "--max-runners", "3"],
      "--min-runners 9 is over --max-runners 3.",
    ],
    [["plan", "--durations", later, "--shards", "1001"], "whole number from 1 to 1000"],
    [["plan", "--durations", later, "--price", "atari"], '--price is "atari"'],
    [["shard", "--plan", plan, "--shard", "9"], "Shard 9 is not in"],
  ];
  test.each(broken.map(([args, message]) => [message, args] as const))(
    "refused with exit code 2: %s",
    async (message, args) => {
      const { code, stderr } = await ci(...args);
      expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    },
  );
});

describe("the rest", () => {
  test("plan --pipeline plans the example, prints its critical path, and takes no options of test files", async () => {
    const example = join(projectRoot, "pipeline", "examples", "six-groups.yaml");
    const args = ["plan", "--pipeline", example, "--history", file("none.jsonl")];
    const { code, stdout } = await ci(...args);

    expect(code).toBe(0);
    expect(stdout).toContain("Critical path, 16:20: lint → build → images → engine → package → report");
    expect((await ci(...args, "--target-reduction", "30")).code).toBe(2);
  });

  test("autoscale obeys other rules, and refuses broken ones", async () => {
    const rules = (text: string) => ["autoscale", "--durations", later, "--rules", file("rules.yaml", text), "--json"];
    const sound =
      "{minRunners: 2, maxRunners: 4, evaluateEverySeconds: 30, startupSeconds: 0, up: {by: 1, cooldownSeconds: 60, loadAtLeast: 0.8, queueAtLeast: 1}, down: {by: 1, cooldownSeconds: 60, loadBelow: 0.5}}";

    expect(JSON.parse((await ci(...rules(sound))).stdout)).toMatchObject({ peakRunners: 4 });
    expect(await ci(...rules("minRunners: -1"))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("rules.yaml, minRunners is -1"),
    });
  });

  test("matrix drops what no pair needs; quarantine, timeouts and cache say so when there is nothing", async () => {
    const axes = file("axes.yaml", "axes: { os: [linux, macos], node: [20, 22], db: [a, b] }");
    expect((await ci("matrix", axes)).stdout).toContain("4 of 8 jobs have all 12 pairs of values.");
    const empty = file("empty.jsonl", "");
    for (const [name, line] of [
      ["quarantine", "No test file is flaky"],
      ["timeouts", "The history has no job that passed."],
      ["cache", "The history has no steps"],
    ] as const) {
      expect(await ci(name, "--history", empty)).toMatchObject({ code: 0, stdout: expect.stringContaining(line) });
    }
  });

  test("coverage is merged, and told apart from another with exit code 1", async () => {
    const covered = (...times: number[]) => ({
      "a.ts": {
        path: "a.ts",
        statementMap: { 0: {}, 1: {} },
        fnMap: {},
        branchMap: {},
        s: Object.fromEntries(times.entries()),
        f: {},
        b: {},
      },
    });
    const [one, two, whole] = [
      file("c1.json", covered(1, 0)),
      file("c2.json", covered(0, 2)),
      file("c.json", covered(1, 2)),
    ];

    expect(await ci("coverage", one, two, "--equals", whole)).toMatchObject({
      code: 0,
      stdout: "2 shards: 2 of 2 statements reached.\n",
    });
    expect(await ci("coverage", one, "--equals", whole)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("a.ts, statement 1: not reached, reached"),
    });
  });
});

describe("docs/pipeline.md", () => {
  const page = readFileSync(join(projectRoot, "docs", "pipeline.md"), "utf8");
  const commands = [...page.matchAll(/^npx meridian ci ((?:replay|autoscale|plan --pipeline) .*)$/gm)].map(
    ([, args = ""]) => args,
  );

  test("shows three commands whose output is the same everywhere", () => expect(commands).toHaveLength(3));

  test.each(commands)("shows what `ci %s` prints", async (args) => {
    const words = args.replace(/ --svg \S+/, "").split(" ");
    const { code, stdout } = await ci(...words, ...(words[0] === "plan" ? ["--history", file("none.jsonl")] : []));
    expect([code, page]).toEqual([0, expect.stringContaining(stdout)]);
  });
});
