import { join } from "node:path";

import { parseFault } from "../../rehearsal/azure/faults";
import type { Rehearsal, RunResult } from "../../rehearsal/rehearsal";
import { resume } from "../../rehearsal/resume";
import { type CrashResult, crashSweep, type CrashSweepOptions } from "../../rehearsal/sweep/crashes";
import { closeRehearsals, nameOf, openRehearsal } from "./support/engine";
import type { GraphNode } from "./support/graph";
import { listSchedule } from "./support/list-schedule";

const program = join(__dirname, "programs", "graph");

/** Twenty resources in three regions; none depends on one of another region. */
const regions = ["japaneast", "uksouth", "brazilsouth"];
const twenty: GraphNode[] = Array.from({ length: 20 }, (_, index) => ({
  name: nodeName(index),
  after: index < 6 ? [] : [...new Set([nodeName(index - 3), nodeName(index - 6)])],
  location: regions[index % 3]!,
  tag: "first",
  // As the fleet names its resources: what was made is met again, where an automatic name would make a second one.
  fixedName: nodeName(index),
}));

function nodeName(index: number): string {
  return `n${String(index).padStart(2, "0")}`;
}

const durationOf = (name: string): number => 12_000 + ((Number(name.slice(1)) * 37) % 5) * 3000;

const open = (nodes: readonly GraphNode[] = twenty): Promise<Rehearsal> =>
  openRehearsal({
    program,
    environment: { MERIDIAN_TEST_GRAPH: JSON.stringify(nodes) },
    durationMs: (_type, urn) => durationOf(nameOf(urn)),
  });

const faults = (...texts: string[]) => texts.map((text) => parseFault(text));
const errorsOf = ({ diagnostics }: RunResult): string[] =>
  diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);

/** Names of the resources in the stack and in the cloud; equal unless something was lost or is there twice. */
const inventory = async (rehearsal: Rehearsal): Promise<{ stack: string[]; cloud: string[]; pending: number }> => {
  const { deployment } = JSON.parse(await rehearsal.exportState()) as {
    deployment: { resources: { id?: string; urn: string; type: string }[]; pending_operations?: unknown[] };
  };
  const own = deployment.resources.filter(({ type }) => type.startsWith("azure-native:"));
  const plain = (id = ""): string => id.split("/").at(-1)!;
  return {
    stack: own.map(({ id }) => plain(id)).sort(),
    cloud: rehearsal.cloud
      .below("")
      .map(({ id }) => plain(id))
      .sort(),
    pending: deployment.pending_operations?.length ?? 0,
  };
};

const all = twenty.map(({ name }) => name).sort();
const complete = { stack: all, cloud: all, pending: 0 };

jest.setTimeout(300_000);
afterEach(closeRehearsals);

describe("faults on twenty resources", () => {
  test("with 2% flaky answers it succeeds without help, the same in every run", async () => {
    const run = async (): Promise<RunResult> => {
      const rehearsal = await open();
      const result = await rehearsal.run("up", { parallel: 8, faults: faults("flaky=0.02") });
      expect(errorsOf(result)).toEqual([]);
      expect(result.exitCode).toBe(0);
      expect(await inventory(rehearsal)).toEqual(complete);
      return result;
    };
    const first = await run();
    const retried = first.trace.filter(({ retries }) => retries !== undefined);
    expect(retried.length).toBeGreaterThan(0);
    expect(retried.every(({ faults: met }) => met?.[0] === "flaky=0.02")).toBe(true);
    const plain = listSchedule(twenty, durationOf, 8);
    expect(first.virtualMs).toBeGreaterThan(plain.at(-1)!.endMs);
    const withoutIds = ({ trace }: RunResult) => trace.map((entry) => ({ ...entry, id: 0 })); // ids go by arrival
    expect(withoutIds(await run())).toEqual(withoutIds(first));
  });

  test("a throttled region waits, the others do not, and the trace says who waited", async () => {
    const rehearsal = await open();
    const result = await rehearsal.run("up", { parallel: 20, faults: faults("throttle@uksouth=30") });
    expect(result.exitCode).toBe(0);
    const roots = result.trace.filter(({ arrivedMs }) => arrivedMs === 0);
    for (const { urn, throttledMs } of roots) {
      const there = twenty.find(({ name }) => name === nameOf(urn))!.location === "uksouth";
      expect(throttledMs).toEqual(there ? [[0, 30_000]] : undefined);
    }
  });

  test("a refusal in one region lets the others finish with --continue-on-error; the next run touches that region only", async () => {
    const rehearsal = await open();
    const fault = faults("hard-throttle@uksouth=86400");
    const result = await rehearsal.run("up", { parallel: 8, continueOnError: true, faults: fault });
    expect(result.exitCode).not.toBe(0);
    expect(errorsOf(result).some((message) => message.includes('Code="ResourceRequestsThrottled"'))).toBe(true);
    const made = result.trace.filter(({ outcome }) => outcome === "succeeded").map(({ urn }) => nameOf(urn));
    const elsewhere = twenty.filter(({ location }) => location !== "uksouth").map(({ name }) => name);
    expect(made.sort()).toEqual(elsewhere);
    expect(result.trace.find(({ outcome }) => outcome === "failed")).toMatchObject({
      errorCode: "ResourceRequestsThrottled",
      faults: ["hard-throttle@uksouth=86400"],
    });
    const second = await rehearsal.run("up", { parallel: 8 });
    expect(errorsOf(second)).toEqual([]);
    const there = twenty.filter(({ location }) => location === "uksouth").map(({ name }) => name);
    expect(second.trace.map(({ urn }) => nameOf(urn)).sort()).toEqual(there);
    expect(await inventory(rehearsal)).toEqual(complete);
  });
});

describe("a crash of the engine", () => {
  const sweep = (how: Partial<CrashSweepOptions> = {}): Promise<readonly CrashResult[]> =>
    crashSweep({ open, close: () => closeRehearsals(), points: 3, seed: 2, parallel: 5, resume, ...how });

  test("at three seeded points: what exists is adopted, the rest is made, and all is as without it", async () => {
    const results = await sweep();
    expect(results).toHaveLength(3);
    for (const { problems, found, made, name } of results) {
      expect({ name, problems }).toEqual({ name, problems: [] });
      expect(found.adopted).toBeGreaterThan(0);
      expect(made).toBeLessThan(twenty.length);
    }
  });

  test("a sweep that forgets to resume is told what is wrong", async () => {
    const forgetful = (rehearsal: Rehearsal): Promise<[]> => {
      rehearsal.clearLocks();
      return Promise.resolve([]);
    };
    const [result] = await sweep({ points: 1, resume: forgetful });
    expect(result!.problems.join("\n")).toMatch(/the run after it fails: .*cannot create already existing resource/);
    expect(result!.problems.join("\n")).toMatch(/is lost from the stack/);
    expect(result!.problems.join("\n")).toMatch(/is in the cloud and not in the stack/);
  });

  test("without resuming, what exists is refused: the test would notice", async () => {
    const rehearsal = await open();
    await rehearsal.run("up", { parallel: 5, faults: faults("crash@n04") });
    rehearsal.clearLocks();
    const second = await rehearsal.run("up", { parallel: 5 });
    expect(second.exitCode).not.toBe(0);
    expect(errorsOf(second).join("\n")).toContain("cannot create already existing resource");
    // Nothing is lost by that either.
    expect((await resume(rehearsal)).some(({ decision }) => decision === "adopted")).toBe(true);
    expect((await rehearsal.run("up", { parallel: 5 })).exitCode).toBe(0);
    expect(await inventory(rehearsal)).toEqual(complete);
  });
});
