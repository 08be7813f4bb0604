import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { smokeFile } from "../../../cli/smoke";
import { parseFleet, readSettings } from "../../../fleet";
import { runSmoke, type SmokeStack, smokeSettings } from "../../../operations/smoke";
import type { EngineRun } from "../../../operations/deploy/stack";
import { catalogue } from "../../../regions/catalogue";
import { projectRoot } from "../../../toolchain/paths";

jest.setTimeout(60_000);

const meridian = async (...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
  const bin = join(projectRoot, "bin", "meridian.mjs");
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, [bin, "smoke", ...args])) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
};

/** A stack whose commands are recorded; `codes` are the exit codes of its attempts and of its destruction. */
const stackOf = (up: number, destroy: number) => {
  const did: string[] = [];
  const run = (what: string, exitCode: number): Promise<EngineRun> => {
    did.push(what);
    return Promise.resolve({ exitCode, diagnostics: [] });
  };
  const stack: SmokeStack<EngineRun> = {
    clearLocks: () => undefined,
    exportState: () => Promise.resolve('{"version":3,"deployment":{}}'),
    importState: () => Promise.reject(new Error("there is nothing to settle")),
    refresh: () => Promise.reject(new Error("there is nothing to read")),
    up: () => run("up", up),
    destroy: () => run("destroy", destroy),
  };
  const options = { attempts: 1, parallel: 8, random: () => 0, contracts: [], importExisting: false };
  const smoke = (keep: boolean) =>
    runSmoke(stack, { ...options, keep, onStep: () => undefined, isInterrupted: () => false });
  return { did, smoke };
};

describe("meridian smoke", () => {
  test("without --run it describes configuration, cost and steps, and makes nothing", async () => {
    const { code, stdout } = await meridian("--region", "swedencentral", "--stack", "smoke-test");
    expect(code).toBe(0);
    expect(stdout).toContain("name: swedencentral");
    expect(stdout).toMatch(/^About \d+\.\d\d USD an hour at list prices/m);
    expect(stdout).toMatch(/Nothing was made\. With --run:\n {2}pulumi stack init smoke-test --no-select\n/);
    expect(existsSync(join(projectRoot, "Pulumi.smoke-test.yaml"))).toBe(false);
  });

  test("its configuration is accepted by the program, in every region, and is the cheapest of its kind", () => {
    for (const { name } of catalogue) {
      const fleet = parseFleet(readSettings(smokeSettings(name)));
      expect(fleet.regions).toEqual([expect.objectContaining({ name, validators: 4 })]);
      expect(fleet).toMatchObject({ protect: false, cluster: { tier: "Free", systemNodes: 1 } });
    }
    const { cost } = smokeFile({ region: "northeurope", stack: "smoke" });
    expect(cost.usdAMonth).toBeGreaterThan(0);
    expect(cost.lines.some(({ what }) => what.includes("Standard_D2s_v5"))).toBe(true);
  });

  test.each([
    [["--region", "northeurop"], "northeurop"],
    [["--stack", "a b"], '"a b" is no stack\'s name.'],
    [["--keep"], "--keep is given without --run, which makes nothing."],
    [["--yes"], "--yes is given without --run, which makes nothing."],
    [["--run", "--stack", "dev"], "Pulumi.dev.yaml exists and is not the configuration of a smoke run."],
    [["--run", "--stack", "smoke-test"], "This deploys for real, and there is no terminal to ask in."],
  ])("refuses %p with exit code 2, and makes nothing", async (args, message) => {
    const { code, stderr } = await meridian(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(existsSync(join(projectRoot, "Pulumi.smoke-test.yaml"))).toBe(false);
  });

  test.each([
    ["what was deployed", 0, 0, true],
    ["what an unfinished deployment has made", 1, 0, false],
    ["and says so when that fails", 0, 1, false],
  ] as const)("destroys %s", async (_what, up, destroy, succeeded) => {
    const { did, smoke } = stackOf(up, destroy);
    expect((await smoke(false)).succeeded).toBe(succeeded);
    expect(did).toEqual(["up", "destroy"]);
  });

  test("keeps it when that is wanted", async () => {
    const { did, smoke } = stackOf(0, 0);
    expect(await smoke(true)).toMatchObject({ succeeded: true });
    expect(did).toEqual(["up"]);
  });
});
