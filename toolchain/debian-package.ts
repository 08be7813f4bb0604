import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { findOnPath, isExecutable, thisHost, toolFolder, type Host } from "./host";
import type { Progress } from "./progress";
import { explainFailure } from "./run";
import { readStored, store } from "./store";
import { firstFound, type Attempt, type Outcome, type Tool, type ToolSource } from "./tool";
import { formatVersion, parseVersion } from "./versions";

/** A program that the user names, or that is on PATH, or that Debian's package of it holds. */
export interface DebianTool {
  readonly name: string;
  /** Debian's package; what it depends on is not got, so the program must need no more than libc. */
  readonly package: string;
  /** Environment variable in which the user names the program. */
  readonly variable: "MERIDIAN_SHELLCHECK";
  /** The program's path in the package. */
  readonly program: string;
  /** What to do when it cannot be had. */
  readonly install: string;
}

/** A failure inside `store`'s callback that is an answer to the caller. */
class Missed extends Error {}

/** All that the program says of its version is a number somewhere. */
async function ask(tool: DebianTool, path: string, source: ToolSource, host: Host): Promise<Outcome<Tool>> {
  const answer = await host.run(path, ["--version"], { timeoutMs: 30_000 });
  if (answer.code !== 0) return { missed: `${path} does not answer: ${explainFailure(answer)}` };
  const version = parseVersion(/(\d+\.\d+\.\d+)/.exec(answer.stdout)?.[1] ?? "");
  return {
    found: { name: tool.name, version: version === undefined ? "unknown" : formatVersion(version), path, source },
  };
}

const folderOf = (tool: DebianTool, host: Host): string => toolFolder(host, tool.name, "debian");

async function inCache(tool: DebianTool, host: Host): Promise<Outcome<Tool>> {
  const stored = await readStored(folderOf(tool, host));
  if (stored.state !== "whole") return { missed: stored.state === "absent" ? "not there yet" : "damaged" };
  return ask(tool, join(folderOf(tool, host), tool.program), "cache", host);
}

/** Downloads the package by apt and unpacks it into the cache: nothing is installed, and no rights are needed. */
async function unpack(tool: DebianTool, host: Host, progress?: Progress): Promise<Outcome<Tool>> {
  if (findOnPath("apt-get", host) === undefined || findOnPath("dpkg-deb", host) === undefined) {
    return { missed: "this is not Debian: there is no apt-get, or no dpkg-deb" };
  }
  const text = `Getting ${tool.name} from Debian's package, once a machine`;
  progress?.({ kind: "started", text });
  const download = await mkdtemp(join(tmpdir(), "meridian-debian-"));
  try {
    await store(folderOf(tool, host), [tool.program], async (folder) => {
      const got = await host.run("apt-get", ["download", tool.package], { cwd: download, timeoutMs: 120_000 });
      if (got.code !== 0) throw new Missed(`apt-get download ${tool.package}: ${explainFailure(got)}`);
      const script = 'dpkg-deb -x "$1"/*.deb "$2"';
      const unpacked = await host.run("sh", ["-c", script, "sh", download, folder], { timeoutMs: 60_000 });
      if (unpacked.code !== 0) throw new Missed(`dpkg-deb: ${explainFailure(unpacked)}`);
      const answer = await ask(tool, join(folder, tool.program), "cache", host);
      if ("missed" in answer) throw new Missed(answer.missed);
      return { origin: "Debian's package", versions: { [tool.name]: answer.found.version } };
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

/**
 * A program that the user named, else on PATH, else in the cache, else from Debian's package.
 *
 * @throws ToolMissingError saying what was tried
 */
export function ensureDebianTool(
  tool: DebianTool,
  { onProgress, host = thisHost() }: { readonly onProgress?: Progress; readonly host?: Host } = {},
): Promise<Tool> {
  const attempts: Attempt<Tool>[] = [
    {
      what: tool.variable,
      quiet: true,
      get: async () => {
        const path = host.env[tool.variable] ?? "";
        if (path === "") return { missed: "not set" };
        return isExecutable(path) ? ask(tool, path, tool.variable, host) : { missed: `${path} is no program` };
      },
    },
    {
      what: `${tool.name} on PATH`,
      quiet: true,
      get: async () => {
        const path = findOnPath(tool.name, host);
        return path === undefined ? { missed: "not there" } : ask(tool, path, "path", host);
      },
    },
    { what: "Meridian's cache", quiet: true, get: () => inCache(tool, host) },
    { what: "Debian's package", quiet: true, get: () => unpack(tool, host, onProgress) },
  ];
  return firstFound(tool.name, attempts, tool.install, onProgress);
}
