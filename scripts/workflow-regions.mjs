// Writes the regions of regions/data/regions.json that have zones into the choices of .github/workflows/deploy.yml; a test holds
// the two together.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "../toolchain/bundle.mjs";

const file = join(root, ".github", "workflows", "deploy.yml");
const { regions } = JSON.parse(readFileSync(join(root, "regions", "data", "regions.json"), "utf8"));
const names = regions
  .filter(({ availabilityZones }) => availabilityZones === true)
  .map(({ name }) => name)
  .sort();
const choices = ["every region", ...names].map((name) => `          - ${name}\n`).join("");
const text = readFileSync(file, "utf8");
writeFileSync(
  file,
  text.replace(/(workflow-regions\.mjs`\.\n {8}options:\n)( {10}- .*\n)+/, (_, before) => before + choices),
);
