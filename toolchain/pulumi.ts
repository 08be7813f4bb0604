import { realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { executable, findOnPath, isExecutable, thisHost, toolFolder, type Host } from "./host";
import type { Progress } from "./progress";
import { buildPulumi, installFromVendor } from "./pulumi-install";
import { installPulumi, languageHost, pulumiVersion } from "./pulumi-versions";
import { explainFailure } from "./run";
import { readStored } from "./store";
import { firstFound, type Attempt, type Outcome, type Tool, type ToolSource } from "./tool";
import { formatVersion, isCompatible, parseVersion } from "./versions";

/** The engine and the language host that belongs to it. */
export interface PulumiTools {
  readonly pulumi: Tool;
  readonly languageHost: Tool;
}

export interface EnsureOptions {
  readonly onProgress?: Progress;
  readonly signal?: AbortSignal;
  /** @default this machine */
  readonly host?: Host;
}

/** Pulumi on PATH: not older than what Meridian is tested with, and with its Node.js language host. */
export async function pulumiOnPath(host: Host, signal?: AbortSignal): Promise<Outcome<PulumiTools>> {
  const path = findOnPath("pulumi", host);
  if (path === undefined) return { missed: "not there" };
  const answer = await host.run(path, ["version"], {
    env: { PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeoutMs: 20_000,
    signal,
  });
  const version = answer.code === 0 ? parseVersion(answer.stdout) : undefined;
  if (version === undefined) return { missed: `${path} does not answer: ${explainFailure(answer)}` };
  const minimum = parseVersion(pulumiVersion);
  if (minimum !== undefined && !isCompatible(version, minimum)) {
    return { missed: `${path} is ${formatVersion(version)}; ${pulumiVersion} or a newer 3.x is needed` };
  }

  const pulumi: Tool = { name: "pulumi", version: formatVersion(version), path, source: "path" };
  // The vendor ships the two side by side; the engine looks on PATH first, then beside itself.
  const beside = join(dirname(realpathSync(path)), executable(languageHost, host.platform));
  const elsewhere = findOnPath(languageHost, host);
  if (elsewhere !== undefined) {
    const shipped = realpathSync(elsewhere) === beside || dirname(elsewhere) === dirname(path);
    const seen = shipped ? pulumi.version : "unknown";
    return { found: { pulumi, languageHost: { name: languageHost, version: seen, path: elsewhere, source: "path" } } };
  }
  if (isExecutable(beside)) {
    return { found: { pulumi, languageHost: { ...pulumi, name: languageHost, path: beside } } };
  }
  return { missed: `${path} has no ${languageHost} beside it, nor is there one on PATH` };
}

/** What the store holds for the version in use. */
export async function pulumiInCache(host: Host, source: ToolSource = "cache"): Promise<Outcome<PulumiTools>> {
  const folder = toolFolder(host, "pulumi", pulumiVersion);
  const stored = await readStored(folder);
  if (stored.state === "absent") return { missed: "not there yet" };
  if (stored.state === "torn") return { missed: `${folder} is damaged and will be replaced` };
  const { origin, versions } = stored.stamp;
  const tool = (name: string): Tool => ({
    name,
    version: versions[name] ?? "unknown",
    path: join(folder, "bin", executable(name, host.platform)),
    source,
    origin,
  });
  return { found: { pulumi: tool("pulumi"), languageHost: tool(languageHost) } };
}

/** Finds Pulumi without getting it: on PATH, else in the cache. */
export const findPulumi = (host: Host = thisHost()): Promise<PulumiTools> =>
  firstFound("pulumi", [onPath(host), inCache(host)], "Run: npx meridian doctor --fix");

const onPath = (host: Host, signal?: AbortSignal): Attempt<PulumiTools> => ({
  what: "pulumi on PATH",
  get: () => pulumiOnPath(host, signal),
});

const inCache = (host: Host): Attempt<PulumiTools> => ({ what: "Meridian's cache", get: () => pulumiInCache(host) });

/**
 * The Pulumi engine and its Node.js language host: on PATH, else from the user's cache, else by the vendor's installer,
 * else built from the Go module proxy. What is installed or built goes into the cache, so it happens once a machine.
 *
 * @throws ToolMissingError saying what was tried
 */
export function ensurePulumi(options: EnsureOptions = {}): Promise<PulumiTools> {
  const { onProgress, signal, host = thisHost() } = options;
  const into = (fill: typeof buildPulumi, source: ToolSource) => async (): Promise<Outcome<PulumiTools>> => {
    const got = await fill(host, onProgress, signal);
    return "missed" in got ? got : pulumiInCache(host, source);
  };
  const attempts: Attempt<PulumiTools>[] = [
    { ...onPath(host, signal), quiet: findOnPath("pulumi", host) === undefined },
    { ...inCache(host), quiet: true },
    { what: "the vendor's installer", quiet: true, get: into(installFromVendor, "vendor") },
    { what: "building it from the Go module proxy", quiet: true, get: into(buildPulumi, "built") },
  ];
  return firstFound("pulumi", attempts, installPulumi, onProgress);
}

/**
 * A PATH on which these tools come first, so that the engine finds the language host that belongs to it.
 *
 * @param path the PATH to put them before
 */
export function pathWith(tools: PulumiTools, path: string = process.env.PATH ?? ""): string {
  const folders = [tools.pulumi, tools.languageHost].map((tool) => dirname(tool.path));
  return [...new Set(folders), path].filter((folder) => folder !== "").join(delimiter);
}
