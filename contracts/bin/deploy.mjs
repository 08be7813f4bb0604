#!/usr/bin/env node
import { run } from "../../toolchain/bundle.mjs";

run("contracts/deploy/main.ts", { inlinePackages: true });
