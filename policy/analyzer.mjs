#!/usr/bin/env node
// The policies as the plugin that Pulumi's engine starts: `pulumi preview --policy-pack policy/analyzer.mjs`. An executable
// of our own, since a language host of every age can start one, where a folder needs a host that runs policy packs.
import { root, run } from "../toolchain/bundle.mjs";

process.chdir(root); // @pulumi/policy looks for package.json there
run("policy/index.ts");
