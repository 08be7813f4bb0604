import { findBesu } from "./besu";
import { findChromium } from "./chromium";
import { etcd, kubeApiserver } from "./cluster-tools";
import { findDocker } from "./docker";
import { minimumGo, findGo } from "./go";
import { findGoTool } from "./go-tool";
import { findOnPath, thisHost, type Host } from "./host";
import { findFoundry } from "./npm-tools";
import { findDebianTool } from "./debian-package";
import { promtool } from "./promtool";
import { findPulumi } from "./pulumi";
import { firstFound, type Tool } from "./tool";
import { formatVersion, parseVersion } from "./versions";

/** The tools that Meridian can use, in the order in which `meridian doctor` lists them. */
export const toolNames = [
  "node",
  "npm",
  "go",
  "pulumi",
  "pulumi-language-nodejs",
  "anvil",
  "forge",
  "kube-apiserver",
  "etcd",
  "besu",
  "docker",
  "chromium",
  "promtool",
] as const;
export type ToolName = (typeof toolNames)[number];

async function findNpm(host: Host): Promise<Tool> {
  const path = findOnPath("npm", host);
  // Under `npm run` and `npx` npm has told us its version: "npm/10.8.2 node/v20.20.2 …".
  const told = /^npm\/(\S+)/.exec(host.env.npm_config_user_agent ?? "")?.[1];
  if (path !== undefined && told !== undefined) return { name: "npm", version: told, path, source: "path" };
  return firstFound<Tool>(
    "npm",
    [
      {
        what: "npm on PATH",
        get: async () => {
          if (path === undefined) return { missed: "not there" };
          const version = parseVersion((await host.run(path, ["--version"], { timeoutMs: 20_000 })).stdout);
          if (version === undefined) return { missed: `${path} does not answer` };
          return { found: { name: "npm", version: formatVersion(version), path, source: "path" } };
        },
      },
    ],
    "Install Node.js 20.20 or newer, which brings npm: https://nodejs.org/",
  );
}

/**
 * Finds a tool; installs and builds nothing.
 *
 * @throws ToolMissingError saying where it was looked for and what to install
 */
export async function findTool(name: ToolName, host: Host = thisHost()): Promise<Tool> {
  switch (name) {
    case "node":
      return { name, version: process.versions.node, path: process.execPath, source: "this process" };
    case "npm":
      return findNpm(host);
    case "go":
      return firstFound(
        name,
        [{ what: "go on PATH", get: () => findGo(host) }],
        `Install Go ${formatVersion(minimumGo)} or newer: https://go.dev/dl/`,
      );
    case "pulumi":
      return (await findPulumi(host)).pulumi;
    case "pulumi-language-nodejs":
      return (await findPulumi(host)).languageHost;
    case "anvil":
    case "forge":
      return findFoundry(name, host);
    case "kube-apiserver":
      return findGoTool(kubeApiserver, host);
    case "etcd":
      return findGoTool(etcd, host);
    case "besu":
      return findBesu(host);
    case "docker":
      return findDocker(host);
    case "chromium":
      return findChromium(host);
    case "promtool":
      return findDebianTool(promtool, host);
  }
}
