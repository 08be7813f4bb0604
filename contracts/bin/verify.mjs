#!/usr/bin/env node
import { run } from "../../toolchain/bundle.mjs";

run("contracts/verify/main.ts", { inlinePackages: true });
