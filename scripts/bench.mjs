// `npm run bench -- engine [--help]`: measures beside a peer and writes bench/results/<name>.json.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { root, run } from "../toolchain/bundle.mjs";
import packages from "../toolchain/packages.cjs";

await packages.ensurePackages(root);
const [name = "", ...args] = process.argv.slice(2);
const entry = join("bench", `${name}.ts`);
const parts = new Set(["machine", "terraform", "usage"]);
if (/^[a-z-]+$/.test(name) && !parts.has(name) && existsSync(join(root, entry))) {
  process.exitCode = await run(entry).main(args);
} else {
  const names = readdirSync(join(root, "bench")).flatMap((file) => /^(.*)\.ts$/.exec(file)?.[1] ?? []);
  process.stderr.write(
    `Unknown benchmark "${name}". Allowed: ${names.filter((each) => !parts.has(each)).join(", ")}.\n`,
  );
  process.exitCode = 2;
}
