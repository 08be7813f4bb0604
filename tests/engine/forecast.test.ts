import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import type { PhaseOrder } from "../../regions/phases";
import { type Fault, parseFault } from "../../rehearsal/azure/faults";
import { azureModel } from "../../rehearsal/forecast/azure-model";
import { traceOf } from "../../rehearsal/forecast/forecast";
import type { Graph } from "../../rehearsal/forecast/graph";
import { prepare, simulate } from "../../rehearsal/forecast/simulate";
import { recordedGraph, recordOf } from "../../rehearsal/record-graph";
import type { RunResult } from "../../rehearsal/rehearsal";
import { waitForQuorum } from "../../rehearsal/quorum-wait";
import { readConfiguration } from "../../rehearsal/rehearse";
import { projectRoot } from "../../toolchain/paths";
import { ensurePulumi } from "../../toolchain/pulumi";
import { closeRehearsals, openRehearsal } from "./support/engine";
import { timesOf } from "./support/forecast";

jest.setTimeout(240_000);

const folder = mkdtempSync(join(tmpdir(), "meridian-forecast-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(closeRehearsals);

const pulumi = async (): Promise<string> => (await ensurePulumi()).pulumi.path;
const record = (phases: PhaseOrder): Promise<Graph> =>
  recordedGraph({ stack: "dev", program: { phases, contracts: "batches" }, pulumi, folder });

/** A first deployment of dev on a clock of its own, without chains. */
const rehearse = async (
  phases: PhaseOrder,
  parallel: number,
  { targets = [], faults = [] }: { readonly targets?: readonly string[]; readonly faults?: readonly Fault[] } = {},
): Promise<RunResult> => {
  const settings = parse(readFileSync(join(projectRoot, "Pulumi.dev.yaml"), "utf8")) as { config: object };
  const configuration = join(folder, `${phases}.yaml`);
  writeFileSync(configuration, stringify({ config: { ...settings.config, "meridian:phases": phases } }));
  const fleet = readConfiguration("dev");
  const rehearsal = await openRehearsal({
    ...{ program: projectRoot, stack: "dev", configuration },
    commandAnswer: "{}",
    waitOf: waitForQuorum(fleet),
  });
  try {
    return await rehearsal.run("up", { parallel, targets, faults, checkpoints: false });
  } finally {
    rehearsal.close();
  }
};

describe.each(["overlap", "barrier"] as const)("the forecast of dev, phases %s", (phases) => {
  const parallels = phases === "overlap" ? [1, 8, 24, 128] : [1];
  test.each(parallels)("is the rehearsal, each operation to the millisecond, at --parallel %d", async (parallel) => {
    const graph = await record(phases);
    const rehearsed = await rehearse(phases, parallel);
    const forecast = simulate(prepare(graph), azureModel(graph).start(1), parallel);

    expect(forecast.totalMs).toBe(rehearsed.virtualMs);
    expect(timesOf(traceOf(graph, forecast))).toEqual(timesOf(rehearsed.trace));
    // With one slot the command that waits for validators keeps them from it, unless a barrier makes it come after them.
    const fails = phases === "overlap" && parallel === 1;
    expect(rehearsed.exitCode === 0).toBe(!fails);
    expect(forecast.failed !== undefined).toBe(fails);
  });
});

describe("with faults, the forecast of dev", () => {
  const faults = ["flaky=0.02", "throttle@japaneast", "busy@uksouth:cluster"].map((text) => parseFault(text));
  const promised = 0.01;

  test.each([8, 24, 128])(
    "is within 1%% of the rehearsal, and counts its throttles, at --parallel %d",
    async (parallel) => {
      const graph = await record("overlap");
      const rehearsed = await rehearse("overlap", parallel, { faults });
      expect(rehearsed.exitCode).toBe(0);
      const forecast = simulate(prepare(graph), azureModel(graph, { faults }).start(1), parallel);
      const plain = simulate(prepare(graph), azureModel(graph).start(1), parallel);

      expect(Math.abs(forecast.totalMs / rehearsed.virtualMs - 1)).toBeLessThan(promised);
      // The same world answers both, so they agree to the millisecond; without the faults they would not.
      expect(timesOf(traceOf(graph, forecast))).toEqual(timesOf(rehearsed.trace));
      expect(timesOf(traceOf(graph, plain))).not.toEqual(timesOf(rehearsed.trace));
      expect(forecast.throttles).toBe(
        rehearsed.trace.reduce((sum, { throttledMs = [] }) => sum + throttledMs.length, 0),
      );
      expect(forecast.throttles).toBeGreaterThan(0);
    },
  );
});

test("a recorded graph is used again, and recorded anew when the program or the configuration is another", async () => {
  await record("overlap");
  const { file } = recordOf("dev", { phases: "overlap", contracts: "batches" }, folder);
  const again = await recordedGraph({
    ...{ stack: "dev", program: { phases: "overlap", contracts: "batches" }, folder },
    pulumi: () => Promise.reject(new Error("nothing is to be recorded")),
  });
  expect(again.operations.length).toBeGreaterThan(200);
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, "utf8")) as object), hash: "of another" }));
  await expect(
    recordedGraph({
      ...{ stack: "dev", program: { phases: "overlap", contracts: "batches" }, folder },
      pulumi: () => Promise.reject(new Error("it is recorded again")),
    }),
  ).rejects.toThrow("it is recorded again");
});

test("behind barriers one region of a fresh stack is refused, and the message names the barrier", async () => {
  const { exitCode, diagnostics } = await rehearse("barrier", 64, {
    targets: ["**::japaneast-*", "**::global-*"],
  });
  expect(exitCode).not.toBe(0);
  const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
  expect(errors.join("\n")).toMatch(
    /global-phase-infrastructure.* depends on .* which was( was)? not specified in --target list/,
  );
});
