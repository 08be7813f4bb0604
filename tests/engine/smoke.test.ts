import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { smokeFile } from "../../cli/smoke";
import { runSmoke } from "../../operations/smoke";
import { projectRoot } from "../../toolchain/paths";
import { closeRehearsals, openRehearsal } from "./support/engine";

jest.setTimeout(240_000);
const folder = mkdtempSync(join(tmpdir(), "meridian-smoke-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(closeRehearsals);

test("a smoke run deploys the generated configuration with the real engine, and leaves nothing behind", async () => {
  const configuration = join(folder, "Pulumi.smoke.yaml");
  writeFileSync(configuration, smokeFile({ region: "swedencentral", stack: "smoke" }).text);
  const rehearsal = await openRehearsal({ program: projectRoot, stack: "smoke", configuration });
  let most = 0;
  const stack = {
    clearLocks: () => rehearsal.clearLocks(),
    exportState: () => rehearsal.exportState(),
    importState: (state: string) => rehearsal.importState(state),
    refresh: (targets: readonly string[]) => rehearsal.refresh(targets),
    up: async () => {
      const run = await rehearsal.run("up", { parallel: 64, checkpoints: false, continueOnError: true });
      most = rehearsal.cloud.size;
      return run;
    },
    destroy: () => rehearsal.run("destroy", { parallel: 64, checkpoints: false }),
  };
  const { succeeded, deployed } = await runSmoke(stack, {
    ...{ attempts: 1, parallel: 64, random: () => 0, contracts: [], importExisting: false, keep: false },
    onStep: () => undefined,
    isInterrupted: () => false,
  });
  expect(deployed.runs[0].diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(succeeded).toBe(true);
  expect(most).toBeGreaterThan(40);
  expect(rehearsal.cloud.size).toBe(0);
});
