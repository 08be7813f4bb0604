import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import * as estimate from "../../../pipeline/estimate";
import * as histories from "../../../pipeline/history";
import * as split from "../../../pipeline/split";
import HistorySequencer from "../../sequencer.cjs";

const root = mkdtempSync(join(tmpdir(), "meridian-sequencer-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const history = join(root, "history.jsonl");
const line = (name: string, seconds: number, more = {}): string =>
  JSON.stringify({
    ...{ kind: "test", name, run: "1", attempt: 1, at: "2026-11-21T12:00:00Z", seconds, outcome: "passed" },
    ...more,
  });

interface JestTest {
  readonly path: string;
  readonly context: {
    readonly config: { readonly rootDir: string; readonly cache: boolean };
    readonly hasteFS: object;
  };
  duration?: number;
}
const hasteFS = { getSize: (path: string) => statSync(path).size };
const testsOf = (...names: string[]): JestTest[] =>
  names.map((name) => ({ path: join(root, name), context: { config: { rootDir: root, cache: false }, hasteFS } }));

const planner: Record<string, object> = {
  "pipeline/estimate.ts": estimate,
  "pipeline/history.ts": histories,
  "pipeline/split.ts": split,
};
const told: string[] = [];
beforeEach(() => void told.splice(0));
const sequencer = (file = history) =>
  new HistorySequencer(
    {},
    {
      history: file,
      warn: (text: string) => told.push(text),
      load: (entry: string) => Promise.resolve(planner[entry]),
    },
  );
const namesOf = (tests: readonly JestTest[]): string[] => tests.map(({ path }) => basename(path));

describe("the order of the tests", () => {
  test("is the longest first, and the same whatever order they are given in", async () => {
    writeFileSync(history, [line("a.test.ts", 1), line("b.test.ts", 9), line("c.test.ts", 4)].join("\n"));
    const expected = ["b.test.ts", "c.test.ts", "a.test.ts"];
    expect(namesOf(await sequencer().sort(testsOf("a.test.ts", "b.test.ts", "c.test.ts")))).toEqual(expected);
    const tests = testsOf("c.test.ts", "a.test.ts", "b.test.ts");
    expect(namesOf(await sequencer().sort(tests))).toEqual(expected);
    expect(tests.map(({ duration }) => duration)).toEqual([4000, 1000, 9000]);
    expect(told).toEqual([]);
  });

  test("has a file that was never measured where its size puts it", async () => {
    writeFileSync(
      history,
      [line("a.test.ts", 2, { sizeBytes: 20 }), line("b.test.ts", 8, { sizeBytes: 80 })].join("\n"),
    );
    writeFileSync(join(root, "new.test.ts"), "x".repeat(50));
    expect(namesOf(await sequencer().sort(testsOf("new.test.ts", "a.test.ts", "b.test.ts")))).toEqual([
      "b.test.ts",
      "new.test.ts",
      "a.test.ts",
    ]);
  });

  test("is Jest's own, the largest first, when the history is broken, and the line is told", async () => {
    writeFileSync(history, `${line("a.test.ts", 9)}\n${line("b.test.ts", -1)}`);
    writeFileSync(join(root, "a.test.ts"), "x");
    writeFileSync(join(root, "b.test.ts"), "x".repeat(9));
    expect(namesOf(await sequencer().sort(testsOf("a.test.ts", "b.test.ts")))).toEqual(["b.test.ts", "a.test.ts"]);
    expect(told.join("\n")).toMatch(/history\.jsonl:2/);
  });

  test("is Jest's own when there is no history, without a word", async () => {
    expect(await sequencer(join(root, "none")).sort(testsOf("a.test.ts"))).toHaveLength(1);
    expect(told).toEqual([]);
  });
});

test("shards hold each file once, and are as even as durations allow", async () => {
  const names = ["a.test.ts", "b.test.ts", "c.test.ts", "d.test.ts"];
  writeFileSync(history, names.map((name, index) => line(name, [8, 3, 3, 2][index]!)).join("\n"));
  const shards: JestTest[][] = [];
  for (const shardIndex of [1, 2]) {
    shards.push((await sequencer().shard(testsOf(...names), { shardIndex, shardCount: 2 })) as JestTest[]);
  }
  expect(shards.flatMap(namesOf).sort()).toEqual(names);
  expect(shards.map((shard) => namesOf(shard).sort()).sort()).toEqual([
    ["a.test.ts"],
    ["b.test.ts", "c.test.ts", "d.test.ts"],
  ]);
});
