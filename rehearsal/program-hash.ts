import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { projectRoot } from "../toolchain/paths";

/** Folders that decide which resources there are, in what order, and how long they take in the rehearsal. */
const folders = ["besu", "components", "contracts", "regions", "rehearsal"];

const sources = /\.(ts|mjs|cjs|json|sol|yaml)$/;

/** Files of the program below the checkout, sorted. */
const filesOf = (): string[] => {
  const root = readdirSync(projectRoot).filter((name) => sources.test(name) && !/^Pulumi\..+\.yaml$/.test(name));
  const below = folders.flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && sources.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name).slice(projectRoot.length + 1)),
  );
  return [...root, ...below].sort();
};

/** Hash of the program in this checkout together with a configuration: equal when their graph is. */
export const programHash = (configuration: string): string => {
  const hash = createHash("sha256").update(configuration);
  for (const file of filesOf()) hash.update(`\0${file}\0`).update(readFileSync(join(projectRoot, file)));
  return hash.digest("hex");
};
