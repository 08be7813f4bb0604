import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { executable, findOnPath, isExecutable, thisHost, type Host } from "./host";
import { projectRoot } from "./paths";
import { explainFailure } from "./run";
import { firstFound, type Outcome, type Tool } from "./tool";
import { formatVersion, parseVersion } from "./versions";

/** The programs of Foundry that come as npm packages, one package a platform. */
export type FoundryTool = "anvil" | "forge";

/** The platforms that Foundry publishes, by Node's name for them. */
const platforms: Readonly<Record<string, string>> = {
  "linux-x64": "linux-amd64",
  "linux-arm64": "linux-arm64",
  "darwin-x64": "darwin-amd64",
  "darwin-arm64": "darwin-arm64",
  "win32-x64": "win32-amd64",
};

/** `@foundry-rs/anvil-linux-amd64`; undefined on a platform that Foundry does not publish. */
export function foundryPackage(name: FoundryTool, host: Pick<Host, "platform" | "arch">): string | undefined {
  const platform = platforms[`${host.platform}-${host.arch}`];
  return platform === undefined ? undefined : `@foundry-rs/${name}-${platform}`;
}

async function inPackages(name: FoundryTool, host: Host, root: string): Promise<Outcome<Tool>> {
  const packageName = foundryPackage(name, host);
  if (packageName === undefined) return { missed: `none is published for ${host.platform} on ${host.arch}` };
  const folder = join(root, "node_modules", packageName);
  const path = join(folder, "bin", executable(name, host.platform));
  if (!isExecutable(path)) return { missed: `${packageName} is not installed` };
  const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as { version: string };
  return { found: { name, version, path, source: "npm" } };
}

async function onPath(name: FoundryTool, host: Host): Promise<Outcome<Tool>> {
  const path = findOnPath(name, host);
  if (path === undefined) return { missed: "not there" };
  const answer = await host.run(path, ["--version"], { timeoutMs: 20_000 });
  const version = answer.code === 0 ? parseVersion(answer.stdout) : undefined;
  if (version === undefined) return { missed: `${path} does not answer: ${explainFailure(answer)}` };
  return { found: { name, version: formatVersion(version), path, source: "path" } };
}

/**
 * Foundry's native program from the locked npm package (its JavaScript wrapper costs 50 ms a start), else from PATH.
 *
 * @param root folder that has node_modules
 * @throws ToolMissingError
 */
export function findFoundry(name: FoundryTool, host: Host = thisHost(), root: string = projectRoot): Promise<Tool> {
  return firstFound(
    name,
    [
      { what: "the npm package", get: () => inPackages(name, host, root) },
      { what: `${name} on PATH`, get: () => onPath(name, host) },
    ],
    `Run "npm ci" (without --omit=optional), or install Foundry: https://getfoundry.sh/`,
  );
}
