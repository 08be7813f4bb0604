#!/usr/bin/env node
import { run } from "../../toolchain/bundle.mjs";

run("contracts/wait/main.ts", { inlinePackages: true });
