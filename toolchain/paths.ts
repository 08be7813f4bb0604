import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

const findRoot = (folder: string): string => {
  if (existsSync(join(folder, "Pulumi.yaml"))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error("No Pulumi.yaml above this file: not a Meridian checkout.");
  return findRoot(parent);
};

/** Absolute path of the checkout, whether this runs from source or from a bundle in node_modules/.cache. */
export const projectRoot: string = findRoot(__dirname);
