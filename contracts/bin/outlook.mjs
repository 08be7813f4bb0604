#!/usr/bin/env node
import { run } from "../../toolchain/bundle.mjs";

run("contracts/outlook/main.ts", { inlinePackages: true });
