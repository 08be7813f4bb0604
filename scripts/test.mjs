// `npm test`: packages, then tools, then every tier. `npm test -- --selectProjects unit` runs one tier;
// other arguments go to Jest as they are.
import { spawn } from "node:child_process";
import { join } from "node:path";

import { root, run } from "../toolchain/bundle.mjs";
import packages from "../toolchain/packages.cjs";

/** The tiers named after --selectProjects; undefined for all. */
function selectedTiers(args) {
  const at = args.indexOf("--selectProjects");
  if (at < 0) return undefined;
  const after = args.slice(at + 1);
  const end = after.findIndex((arg) => arg.startsWith("-"));
  return end < 0 ? after : after.slice(0, end);
}

await packages.ensurePackages(root);
const args = process.argv.slice(2);
const { missing, skipped } = await run("toolchain/for-tests.ts").ensureTestTools(selectedTiers(args));
const ignored = Object.keys(missing);

const jest = spawn(
  process.execPath,
  [
    join(root, "node_modules", "jest", "bin", "jest.js"),
    ...args,
    ...(ignored.length > 0 ? ["--ignoreProjects", ...ignored] : []),
  ],
  {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      MERIDIAN_UNAVAILABLE_TIERS: JSON.stringify(missing),
      MERIDIAN_SKIPPED_TIERS: JSON.stringify(skipped),
    },
  },
);
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => jest.kill(name));
jest.once("exit", (code) => (process.exitCode = code ?? 1));
