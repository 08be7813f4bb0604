import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { modes } from "../../../rehearsal/forecast/modes";
import { recordOf } from "../../../rehearsal/record-graph";
import { projectRoot } from "../../../toolchain/paths";
import { ownProgram, recorded } from "../rehearsal/forecast/graphs";

const folder = mkdtempSync(join(tmpdir(), "meridian-forecast-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As if the stack had been recorded before. */
beforeAll(() => {
  for (const program of [ownProgram, modes.maximum, modes.ultra]) {
    const { file, hash } = recordOf("dev", program, folder);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ schemaVersion: 2, hash, graph: recorded("dev", program) }));
  }
});

jest.setTimeout(60_000);

/** Runs the command line; a refusal is its exit code and what it says. */
const meridian = async (...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
  const bin = join(projectRoot, "bin", "meridian.mjs");
  try {
    const result = await promisify(execFile)(process.execPath, [bin, ...args], { maxBuffer: 64 * 1024 * 1024 });
    return { code: 0, ...result };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
};
/** What `--json` prints, as far as it is looked at. */
interface Printed {
  readonly parallel: readonly { readonly parallel: number | "unbounded" }[];
  readonly modes: readonly { readonly mode: string; readonly p50Seconds: number }[];
}

const forecast = (...args: readonly string[]) => meridian("forecast", "--folder", folder, ...args);

describe("meridian forecast", () => {
  test("prints modes, phases, numbers of slots, the critical path, what fails, and a recommendation", async () => {
    const { code, stdout } = await forecast("--runs", "20");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Forecast of a first deployment of stack dev: \d+ operations, 20 runs, seed 1\.$/m);
    for (const row of ["sequential  1 ", "standard    10 ", "maximum     128 ", "ultra       unbounded "]) {
      expect(stdout).toContain(row);
    }
    expect(stdout).toMatch(/^ {2}monitoring +\d/m);
    expect(stdout).toMatch(/^ {2}1 +fails +fails/m);
    expect(stdout).toContain("chain138-ready holds the only slot");
    expect(stdout).toMatch(/^ {2}\w+-cluster-aks +\d+ min/m);
    expect(stdout).toMatch(/^Recommended: With --parallel 24 /m);
  });

  test("gives the same as JSON, draws it, and takes a measured profile", async () => {
    const svg = join(folder, "chart.svg");
    const profile = join(folder, "profile.json");
    const type = "azure-native:containerservice:ManagedCluster";
    writeFileSync(profile, JSON.stringify({ schemaVersion: 1, types: { [type]: { median: 2000, p95: 2100 } } }));
    const common = ["--runs", "5", "--mode", "ultra", "--parallel", "1,24,unbounded", "--json"];
    const plain = JSON.parse((await forecast(...common, "--svg", svg)).stdout) as Printed;
    const measured = JSON.parse((await forecast(...common, "--profile", profile)).stdout) as Printed;

    expect(plain).toMatchObject({ schemaVersion: 1, stack: "dev", runs: 5, seed: 1, recommendation: { parallel: 24 } });
    expect(plain.parallel.map(({ parallel }) => parallel)).toEqual([1, 24, "unbounded"]);
    expect(plain.modes.map(({ mode }) => mode)).toEqual(["ultra"]);
    expect(measured.modes[0]!.p50Seconds).toBeGreaterThan(plain.modes[0]!.p50Seconds + 1000);

    const drawn = readFileSync(svg, "utf8");
    expect(drawn).toContain("<svg");
    expect(drawn).toContain("prefers-color-scheme: dark");
    for (const text of ["Stack dev: time of a first deployment, 5 runs", "lower bound", "p95", "fails", "unbounded"]) {
      expect(drawn).toContain(`>${text}<`);
    }
  });

  test.each([
    [["--parallel", "8,0"], "It must be a whole number of at least 1."],
    [["--mode", "fast"], "Allowed: sequential, standard, maximum, ultra."],
    [["--stack", "prud"], 'There is no stack "prud": Pulumi.prud.yaml does not exist.'],
    [["--profile", "/nowhere.json"], "/nowhere.json cannot be read: ENOENT."],
  ])("refuses %p with one message and exit code 2", async (args, message) => {
    const { code, stderr } = await forecast(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe("meridian calibrate", () => {
  const events = join(folder, "events.jsonl");
  const line = (type: string, seconds: number): string =>
    JSON.stringify({ type, urn: `urn:${seconds}`, operation: "create", seconds, outcome: "succeeded" });
  const network = "azure-native:network:VirtualNetwork";

  test("fits what has enough samples, names what has not, and writes a profile that forecast takes", async () => {
    const seconds = Array.from({ length: 20 }, (_, index) => 5 * 1.1 ** (index - 9.5));
    writeFileSync(events, [...seconds.map((value) => line(network, value)), line("rare:type", 3)].join("\n"));
    const out = join(folder, "measured.json");
    const { code, stdout } = await meridian("calibrate", events, "--out", out);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^azure-native:network:VirtualNetwork +20 +5\.00 s/m);
    expect(stdout).toContain("Fewer than 10 samples: these keep the modelled latency.\n  rare:type (1)");
    expect(JSON.parse(readFileSync(out, "utf8")).types[network]).toMatchObject({ median: 5, samples: 20 });
    expect((await forecast("--runs", "1", "--mode", "ultra", "--profile", out)).code).toBe(0);
  });

  test("refuses a file of something else by its line, and writes nothing", async () => {
    writeFileSync(events, "hello\n");
    const out = join(folder, "never.json");
    const { code, stderr } = await meridian("calibrate", events, "--out", out);
    expect(code).toBe(2);
    expect(stderr).toContain("events.jsonl:1 is no recorded operation: hello");
    expect(existsSync(out)).toBe(false);
  });
});
