import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { exporterCode } from "../../../../components/exporter-code";

jest.setTimeout(60_000);

test("what a pod gets is a whole program: one file, without the checkout, until SIGTERM", async () => {
  const folder = mkdtempSync(join(tmpdir(), "meridian-exporter-"));
  const [program, settings] = [join(folder, "exporter.js"), join(folder, "settings.json")];
  // A port that nothing listens at: the exporter has to tell that nobody answers.
  const validators = [{ region: "uksouth", ordinal: 0, url: "http://127.0.0.1:9" }];
  writeFileSync(program, exporterCode().text);
  writeFileSync(settings, JSON.stringify({ regions: [{ name: "uksouth", validators }], blockPeriodSeconds: 2 }));
  const child = spawn(process.execPath, [program], {
    cwd: folder,
    env: { EXPORTER_SETTINGS: settings, EXPORTER_PORT: "0", EXPORTER_INTERVAL_SECONDS: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const port = /:(\d+)\n/.exec(line.toString())?.[1] ?? "";
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(await answer.text()).toContain("# TYPE meridian_validator_up gauge");
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(503);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  } finally {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
});
