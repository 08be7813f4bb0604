import { readFileSync } from "node:fs";
import { join } from "node:path";

import { projectRoot } from "../../toolchain/paths";

/** Version of an installed package: a simulated provider answers for the one that the program imports. */
export const versionOf = (packageName: string): string => {
  const text = readFileSync(join(projectRoot, "node_modules", packageName, "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version.replace(/^v/, "");
};
