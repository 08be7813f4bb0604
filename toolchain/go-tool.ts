import { join } from "node:path";

import { buildRecipe, findGo, programIn, type Recipe } from "./go";
import { executable, findOnPath, thisHost, toolFolder, type Host } from "./host";
import type { Progress } from "./progress";
import { explainFailure } from "./run";
import { readStored, store } from "./store";
import { firstFound, type Attempt, type Outcome, type Tool, type ToolSource } from "./tool";
import { compareVersions, formatVersion, parseVersion, type Version } from "./versions";

/** One program that is found on PATH, or built once a machine from the Go module proxy. */
export interface GoTool {
  /** Name of the program, of its recipe and of its folder in the cache. */
  readonly name: string;
  /** The version that the recipe builds. */
  readonly version: string;
  readonly recipe: Recipe;
  /** The oldest version on PATH that will do; the major version must be the same. */
  readonly minimum: Version;
  /** For the progress line: "3 to 5 minutes". */
  readonly buildTime: string;
  /** What to do when it cannot be had. */
  readonly install: string;
}

/** A failure inside `store`'s callback that is an answer to the caller. */
class Missed extends Error {}

/** Asks a program for its version; every tool here answers `--version` without doing anything else. */
async function versionOf(path: string, host: Host, signal?: AbortSignal): Promise<Outcome<Version>> {
  const answer = await host.run(path, ["--version"], { timeoutMs: 30_000, signal });
  const version = answer.code === 0 ? parseVersion(answer.stdout) : undefined;
  return version === undefined ? { missed: `${path} does not answer: ${explainFailure(answer)}` } : { found: version };
}

async function onPath(tool: GoTool, host: Host, signal?: AbortSignal): Promise<Outcome<Tool>> {
  const path = findOnPath(tool.name, host);
  if (path === undefined) return { missed: "not there" };
  const version = await versionOf(path, host, signal);
  if ("missed" in version) return version;
  const seen = formatVersion(version.found);
  if (version.found[0] !== tool.minimum[0] || compareVersions(version.found, tool.minimum) < 0) {
    return { missed: `${path} is ${seen}; ${formatVersion(tool.minimum)} or newer is needed` };
  }
  return { found: { name: tool.name, version: seen, path, source: "path" } };
}

async function inCache(tool: GoTool, host: Host, source: ToolSource = "cache"): Promise<Outcome<Tool>> {
  const folder = toolFolder(host, tool.name, tool.version);
  const stored = await readStored(folder);
  if (stored.state === "absent") return { missed: "not there yet" };
  if (stored.state === "torn") return { missed: `${folder} is damaged and will be replaced` };
  const path = join(folder, "bin", executable(tool.name, host.platform));
  const { origin, versions } = stored.stamp;
  return { found: { name: tool.name, version: versions[tool.name] ?? "unknown", path, source, origin } };
}

/** Builds the recipe into the cache, and starts the program once before it counts. */
async function build(tool: GoTool, host: Host, progress?: Progress, signal?: AbortSignal): Promise<Outcome<Tool>> {
  const go = await findGo(host, signal);
  if ("missed" in go) return go;
  const text = `Building ${tool.name} ${tool.version} with go ${go.found.version}, once a machine, ${tool.buildTime}`;
  progress?.({ kind: "started", text });
  const file = join("bin", executable(tool.name, host.platform));
  try {
    await store(toolFolder(host, tool.name, tool.version), [file], async (folder) => {
      const built = await buildRecipe(host, go.found, tool.recipe, await programIn(folder, tool.name, host), signal);
      if ("missed" in built) throw new Missed(built.missed);
      const version = await versionOf(built.found, host, signal);
      if ("missed" in version) throw new Missed(version.missed);
      return { origin: `built with go ${go.found.version}`, versions: { [tool.name]: tool.version } };
    });
  } catch (error) {
    // A cache that cannot be written to is a reason, too; anything else is a bug.
    if (!(error instanceof Missed) && (error as NodeJS.ErrnoException).syscall === undefined) throw error;
    const missed = (error as Error).message;
    progress?.({ kind: "failed", text: `${text}: ${missed}` });
    return { missed };
  }
  progress?.({ kind: "done", text });
  return inCache(tool, host, "built");
}

/**
 * Finds a tool without getting it: on PATH, else in the cache.
 *
 * @throws ToolMissingError
 */
export const findGoTool = (tool: GoTool, host: Host = thisHost()): Promise<Tool> =>
  firstFound(tool.name, attempts(tool, host), tool.install);

/**
 * Finds a tool on PATH or in the cache, else builds it from the Go module proxy into the cache.
 *
 * @throws ToolMissingError saying what was tried
 */
export function ensureGoTool(
  tool: GoTool,
  options: { readonly onProgress?: Progress; readonly signal?: AbortSignal; readonly host?: Host } = {},
): Promise<Tool> {
  const { onProgress, signal, host = thisHost() } = options;
  const building: Attempt<Tool> = {
    what: "building it from the Go module proxy",
    quiet: true,
    get: () => build(tool, host, onProgress, signal),
  };
  return firstFound(tool.name, [...attempts(tool, host, signal), building], tool.install, onProgress);
}

const attempts = (tool: GoTool, host: Host, signal?: AbortSignal): Attempt<Tool>[] => [
  {
    what: `${tool.name} on PATH`,
    quiet: findOnPath(tool.name, host) === undefined,
    get: () => onPath(tool, host, signal),
  },
  { what: "Meridian's cache", quiet: true, get: () => inCache(tool, host) },
];
