#!/usr/bin/env node
import { root, run } from "../toolchain/bundle.mjs";
import packages from "../toolchain/packages.cjs";

await packages.ensurePackages(root);
process.exitCode = await run("cli/main.ts").main(process.argv.slice(2));
