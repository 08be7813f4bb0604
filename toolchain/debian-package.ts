import { copyFile, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { findOnPath, isExecutable, thisHost, toolFolder, type Host } from "./host";
import type { Progress } from "./progress";
import { explainFailure } from "./run";
import { readStored, store } from "./store";
import { firstFound, type Attempt, type Outcome, type Tool, type ToolSource } from "./tool";
import { formatVersion, parseVersion } from "./versions";

/** A program that the user names, or that is on PATH, or that Debian's package of it holds. */
export interface DebianTool {
  readonly name: "promtool" | "shellcheck";
  /** Debian's package; what it depends on is not got, so the program must need no more than libc. */
  readonly package: string;
  /** What is downloaded, in megabytes. */
  readonly megabytes: number;
  /** Environment variable in which the user names the program. */
  readonly variable: "MERIDIAN_PROMTOOL" | "MERIDIAN_SHELLCHECK";
  /** The program's path in the package. */
  readonly program: string;
  /** What to do when it cannot be had. */
  readonly install: string;
}

/** A failure inside `store`'s callback that is an answer to the caller. */
class Missed extends Error {}

/** All that the program says of its version is a number somewhere; some say it on stderr. */
async function ask(tool: DebianTool, path: string, source: ToolSource, host: Host): Promise<Outcome<Tool>> {
  const answer = await host.run(path, ["--version"], { timeoutMs: 60_000 });
  if (answer.code !== 0) return { missed: `${path} does not answer: ${explainFailure(answer)}` };
  const version = parseVersion(/(\d+\.\d+\.\d+)/.exec(answer.stdout + answer.stderr)?.[1] ?? "");
  return {
    found: { name: tool.name, version: version === undefined ? "unknown" : formatVersion(version), path, source },
  };
}

async function named(tool: DebianTool, host: Host): Promise<Outcome<Tool>> {
  const path = host.env[tool.variable] ?? "";
  if (path === "") return { missed: "not set" };
  return isExecutable(path) ? ask(tool, path, tool.variable, host) : { missed: `${path} is no program` };
}

async function onPath(tool: DebianTool, host: Host): Promise<Outcome<Tool>> {
  const path = findOnPath(tool.name, host);
  return path === undefined ? { missed: "not there" } : ask(tool, path, "path", host);
}

/** Which version of its package is taken is Debian's to say; the stamp in the folder tells. */
const folderOf = (tool: DebianTool, host: Host): string => toolFolder(host, tool.name, "debian-package");

async function inCache(tool: DebianTool, host: Host): Promise<Outcome<Tool>> {
  const folder = folderOf(tool, host);
  const stored = await readStored(folder);
  if (stored.state === "absent") return { missed: "not there yet" };
  if (stored.state === "torn") return { missed: `${folder} is damaged and will be replaced` };
  const { origin, versions } = stored.stamp;
  const path = join(folder, tool.program);
  return { found: { name: tool.name, version: versions[tool.name] ?? "unknown", path, source: "cache", origin } };
}

/** Takes the program out of Debian's package, without root and without installing anything: apt checks its signature. */
async function fromDebian(tool: DebianTool, host: Host, progress?: Progress): Promise<Outcome<Tool>> {
  const missing = ["apt-get", "dpkg-deb"].find((name) => findOnPath(name, host) === undefined);
  if (missing !== undefined) return { missed: `this is not Debian: ${missing} is not there` };
  const text = `Getting ${tool.name} out of Debian's package ${tool.package} (${tool.megabytes} MB), once a machine`;
  progress?.({ kind: "started", text });
  const download = await mkdtemp(join(tmpdir(), "meridian-debian-"));
  try {
    await store(folderOf(tool, host), [tool.program], async (folder) => {
      const must = async (command: string, args: readonly string[]): Promise<void> => {
        const answer = await host.run(command, args, { cwd: download, timeoutMs: 300_000 });
        if (answer.code !== 0) throw new Missed(`${command} ${args[0] ?? ""}: ${explainFailure(answer)}`);
      };
      await must("apt-get", ["download", tool.package]);
      const [archive] = (await readdir(download)).filter((name) => name.endsWith(".deb"));
      if (archive === undefined) throw new Missed("apt-get download left no package");
      await must("dpkg-deb", ["-x", archive, "content"]);
      const program = join(folder, tool.program);
      await mkdir(dirname(program), { recursive: true });
      // The cache may be on another file system than temporary files.
      await copyFile(join(download, "content", tool.program), program);
      const answer = await ask(tool, program, "cache", host);
      if ("missed" in answer) throw new Missed(answer.missed);
      return { origin: `Debian's package ${archive}`, versions: { [tool.name]: answer.found.version } };
    });
  } catch (error) {
    // A cache that cannot be written to is a reason, too; anything else is a bug.
    if (!(error instanceof Missed) && (error as NodeJS.ErrnoException).syscall === undefined) throw error;
    const missed = (error as Error).message;
    progress?.({ kind: "failed", text: `${text}: ${missed}` });
    return { missed };
  } finally {
    await rm(download, { recursive: true, force: true });
  }
  progress?.({ kind: "done", text });
  return inCache(tool, host);
}

const attempts = (tool: DebianTool, host: Host): Attempt<Tool>[] => [
  { what: tool.variable, quiet: (host.env[tool.variable] ?? "") === "", get: () => named(tool, host) },
  { what: `${tool.name} on PATH`, quiet: findOnPath(tool.name, host) === undefined, get: () => onPath(tool, host) },
  { what: "Meridian's cache", quiet: true, get: () => inCache(tool, host) },
];

/**
 * A program that the user named, else on PATH, else in the cache.
 *
 * @throws ToolMissingError saying where it was looked for and how to get it
 */
export const findDebianTool = (tool: DebianTool, host: Host = thisHost()): Promise<Tool> =>
  firstFound(tool.name, attempts(tool, host), tool.install);

/**
 * The same, else taken out of Debian's package into the cache.
 *
 * @throws ToolMissingError saying what was tried
 */
export function ensureDebianTool(
  tool: DebianTool,
  { onProgress, host = thisHost() }: { readonly onProgress?: Progress; readonly host?: Host } = {},
): Promise<Tool> {
  const debian = {
    what: `Debian's package ${tool.package}`,
    quiet: true,
    get: () => fromDebian(tool, host, onProgress),
  };
  return firstFound(tool.name, [...attempts(tool, host), debian], tool.install, onProgress);
}
