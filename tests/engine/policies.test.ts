import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { projectRoot } from "../../toolchain/paths";
import { closeRehearsals, openRehearsal } from "./support/engine";

jest.setTimeout(300_000);
const folder = mkdtempSync(join(tmpdir(), "meridian-policies-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(closeRehearsals);

test("the engine runs the policies as a pack, with its configuration, and a violation stops a preview of dev", async () => {
  const configuration = join(folder, "policies.json");
  const allowed = ["northeurope", "brazilsouth", "japaneast", "southeastasia", "westeurope"];
  writeFileSync(configuration, JSON.stringify({ protected: "disabled", "allowed-regions": { allowed } }));
  const pack = join(projectRoot, "policy", "analyzer.mjs");
  const rehearsal = await openRehearsal({ program: projectRoot, stack: "dev", commandAnswer: "{}" });
  const { exitCode, output } = await rehearsal.run("preview", { parallel: 64, policies: { pack, configuration } });

  expect(exitCode).not.toBe(0);
  const violations = [...output.matchAll(/\[mandatory\]\s+(\S+)\s+\(.*: ([\w-]+)\)/g)].map(([, policy, name]) => [
    policy!,
    name!,
  ]);
  const named = new Set(violations.map(([policy]) => policy));
  expect({ named: [...named].sort(), output: named.size === 2 ? "" : output }).toEqual({
    named: ["allowed-regions", "no-local-accounts"],
    output: "",
  });
  const outside = violations.flatMap(([policy, name]) => (policy === "allowed-regions" ? [name!] : []));
  expect(outside.every((name) => name.startsWith("eastasia-"))).toBe(true);
});
