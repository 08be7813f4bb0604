import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { QuiescenceMethod } from "../../rehearsal/clock/quiescence";
import type { Rehearsal, RunResult } from "../../rehearsal/rehearsal";
import { closeRehearsals, nameOf, openRehearsal } from "./support/engine";
import type { GraphNode } from "./support/graph";
import { deletionSchedule, listSchedule, type Scheduled } from "./support/list-schedule";

const program = join(__dirname, "programs", "graph");

/** Twenty resources, five roots, every other one with two dependencies. */
const twenty: GraphNode[] = Array.from({ length: 20 }, (_, index) => ({
  name: nodeName(index),
  after: index < 5 ? [] : [...new Set([nodeName(index - 5), nodeName((index * 7) % 5)])],
  location: "japaneast",
  tag: "first",
}));

function nodeName(index: number): string {
  return `n${String(index).padStart(2, "0")}`;
}

/** Distinct but also equal durations, so that ties happen: 1000, 1300, … and every fifth the same. */
const durationOf = (name: string): number => 1000 + ((Number(name.slice(1)) * 37) % 5) * 300;

const open = (
  nodes: readonly GraphNode[],
  quiescence: QuiescenceMethod = "auto",
  folder?: string,
): Promise<Rehearsal> =>
  openRehearsal({
    program,
    quiescence,
    environment: { MERIDIAN_TEST_GRAPH: JSON.stringify(nodes) },
    durationMs: (_type, urn) => durationOf(nameOf(urn)),
    ...(folder !== undefined && { folder }),
  });

const scheduleOf = ({ trace }: RunResult): Scheduled[] =>
  trace.map(({ urn, startMs, endMs }) => ({ name: nameOf(urn), startMs, endMs }));

/** `fixedName` of a resource that Azure refuses. */
const refused = "bad!name";
const withFailing = (name: string): GraphNode[] =>
  twenty.map((node) => (node.name === name ? { ...node, fixedName: refused } : node));

/** A refusal takes a second (rehearsal/azure/latency.json). */
const durationWithFailing =
  (failing: string) =>
  (name: string): number =>
    name === failing ? 1000 : durationOf(name);

const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "meridian-again-"));
  folders.push(folder);
  return folder;
};
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

const bringUp = async (nodes: readonly GraphNode[]): Promise<string> => {
  const folder = newFolder();
  const rehearsal = await open(nodes, "auto", folder);
  expect((await rehearsal.run("up", { parallel: 8 })).exitCode).toBe(0);
  rehearsal.close();
  return folder;
};

/** The home of a rehearsal in which `twenty` exist; made once, copied for each use. */
let upOfTwenty: Promise<string> | undefined;
const homeOfTwenty = async (): Promise<string> => {
  const copy = newFolder();
  cpSync(await (upOfTwenty ??= bringUp(twenty)), copy, { recursive: true });
  return copy;
};

/** Opens the home of `before` again, with the changed graph. */
const reopenAfterUp = async (changed: readonly GraphNode[], before = twenty): Promise<Rehearsal> =>
  open(changed, "auto", before === twenty ? await homeOfTwenty() : await bringUp(before));

const kindsOf = (result: RunResult): object[] =>
  result.trace.map(({ kind, urn, startMs, endMs }) => ({ kind, name: nameOf(urn), startMs, endMs }));

jest.setTimeout(120_000);
afterEach(closeRehearsals);

describe("virtual clock on twenty resources", () => {
  for (const parallel of [1, 2, 8]) {
    test(`equals list scheduling to the millisecond at parallelism ${parallel}`, async () => {
      const expected = listSchedule(twenty, durationOf, parallel);
      // "auto" is one or the other: the tests below go by it.
      for (const method of ["processes", "program"] as const) {
        const result = await (await open(twenty, method)).run("up", { parallel });
        expect(result.diagnostics).toEqual([]);
        expect(result.exitCode).toBe(0);
        expect(scheduleOf(result)).toEqual(expected);
        expect(result.virtualMs).toBe(expected.at(-1)?.endMs);
        // Each witness was really asked.
        expect(result.verdicts).toEqual({ program: 0, processes: 0, window: 0, [method]: 20 });
      }
    });
  }

  test("is the same beside a busy process on every core", async () => {
    const expected = listSchedule(twenty, durationOf, 3);
    const load = [0, 1, 2].map(() => spawn(process.execPath, ["-e", "for (;;) Math.sqrt(2)"], { stdio: "ignore" }));
    try {
      for (const method of ["processes", "program"] as const) {
        const result = await (await open(twenty, method)).run("up", { parallel: 3 });
        expect(scheduleOf(result)).toEqual(expected);
      }
    } finally {
      for (const child of load) child.kill("SIGKILL");
    }
  });

  test("a failing resource stops the rest, and what depends on it is never created", async () => {
    const failing = "n03";
    const expected = listSchedule(twenty, durationWithFailing(failing), 2, { failing: new Set([failing]) });
    for (const method of ["processes", "auto"] as const) {
      const result = await (await open(withFailing(failing), method)).run("up", { parallel: 2 });
      expect(result.exitCode).not.toBe(0);
      expect(scheduleOf(result)).toEqual(expected);
      expect(result.diagnostics.some(({ message }) => message.includes("these invalid characters: '!'"))).toBe(true);
      expect(result.diagnostics.filter(({ message }) => message.includes("withdrawn"))).toEqual([]);
    }
  });

  test("with --continue-on-error everything that does not depend on the failure is created", async () => {
    const failing = "n03";
    const options = { failing: new Set([failing]), continueOnError: true };
    const expected = listSchedule(twenty, durationWithFailing(failing), 2, options);
    const result = await (await open(withFailing(failing))).run("up", { parallel: 2, continueOnError: true });
    expect(result.exitCode).not.toBe(0);
    expect(scheduleOf(result)).toEqual(expected);
    expect(expected.map(({ name }) => name)).not.toContain("n08");
  });

  test("--target creates the targets alone, on the same clock", async () => {
    const targets = ["n00", "n01", "n05"];
    const nodes = twenty.filter(({ name }) => targets.includes(name));
    const expected = listSchedule(nodes, durationOf, 1);
    const result = await (await open(twenty)).run("up", { parallel: 1, targets: targets.map((name) => `**::${name}`) });
    expect(result.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(scheduleOf(result)).toEqual(expected);
  });

  test("an update in place holds slots and keeps the order of the dependencies; a second run does nothing", async () => {
    const second = await reopenAfterUp(twenty.map((node) => ({ ...node, tag: "second" })));
    const result = await second.run("up", { parallel: 2 });
    expect(result.changes).toMatchObject({ update: 20 });
    expect(scheduleOf(result)).toEqual(listSchedule(twenty, durationOf, 2));
    const again = await second.run("up", { parallel: 2 });
    expect(again.trace).toEqual([]);
    expect(again.virtualMs).toBe(0);
  });

  test("a replacement that creates first: all creations, then the deletions of the old ones", async () => {
    const moved = new Set(["n00", "n19"]);
    const second = await reopenAfterUp(
      twenty.map((node) => (moved.has(node.name) ? { ...node, location: "uksouth" } : node)),
    );
    const result = await second.run("up", { parallel: 8 });
    expect(result.diagnostics).toEqual([]);
    expect(result.changes).toMatchObject({ replace: 2, same: 19 });
    const expected = [
      { kind: "create", name: "n00", startMs: 0, endMs: durationOf("n00") },
      { kind: "create", name: "n19", startMs: 0, endMs: durationOf("n19") },
    ].sort((a, b) => a.endMs - b.endMs);
    const created = Math.max(...expected.map(({ endMs }) => endMs));
    const deletions = deletionSchedule(
      twenty.filter(({ name }) => moved.has(name)),
      durationOf,
      8,
    ).map((entry) => ({ kind: "delete", ...entry, startMs: created + entry.startMs, endMs: created + entry.endMs }));
    expect(kindsOf(result)).toEqual([...expected, ...deletions]);
  });

  test("a replacement that deletes first: the old one goes before its successor with the same name comes", async () => {
    const named = twenty.slice(0, 3).map((node) => ({ ...node, fixedName: `fixed-${node.name}` }));
    const second = await reopenAfterUp(
      named.map((node) => (node.name === "n01" ? { ...node, location: "uksouth" } : node)),
      named,
    );
    const result = await second.run("up", { parallel: 8 });
    const half = durationOf("n01");
    expect(result.changes).toMatchObject({ replace: 1 });
    expect(kindsOf(result)).toEqual([
      { kind: "delete", name: "n01", startMs: 0, endMs: half },
      { kind: "create", name: "n01", startMs: half, endMs: 2 * half },
    ]);
  });

  for (const parallel of [1, 2, 8]) {
    test(`destroy goes in the engine's waves at parallelism ${parallel} and leaves nothing`, async () => {
      const rehearsal = await reopenAfterUp(twenty);
      const result = await rehearsal.run("destroy", { parallel });
      expect(result.exitCode).toBe(0);
      expect(scheduleOf(result)).toEqual(deletionSchedule(twenty, durationOf, parallel));
      expect(rehearsal.cloud.size).toBe(0);
    });
  }
});
