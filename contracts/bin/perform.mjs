#!/usr/bin/env node
import { run } from "../../toolchain/bundle.mjs";

run("contracts/deploy/perform-main.ts", { inlinePackages: true });
