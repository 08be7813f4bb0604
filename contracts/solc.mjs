#!/usr/bin/env node
// The npm solc as an executable that answers as the native one does: `--version` and `--standard-json` (from stdin to
// stdout, imports under `--base-path`). forge runs it, and so does contracts/compile.ts: a process of its own, because
// the compiler hooks itself into the handlers of whatever process loads it.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const solc = createRequire(import.meta.url)("solc");
const flags = process.argv.slice(2);
const basePathAt = flags.indexOf("--base-path");
const basePath = basePathAt < 0 ? undefined : flags[basePathAt + 1];

const readImport = (path) => {
  try {
    return { contents: readFileSync(join(basePath ?? ".", path), "utf8") };
  } catch (error) {
    return { error: String(error) };
  }
};

if (flags.includes("--version")) {
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}\n`);
} else if (flags.includes("--standard-json")) {
  const input = readFileSync(0, "utf8");
  process.stdout.write(solc.compile(input, basePath === undefined ? undefined : { import: readImport }));
} else {
  process.stderr.write("contracts/solc.mjs knows --version and --standard-json.\n");
  process.exitCode = 2;
}
