import { copyFile, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { findOnPath, isExecutable, thisHost, toolFolder, type Host } from "./host";
import type { Progress } from "./progress";
import { explainFailure } from "./run";
import { readStored, store } from "./store";
import { firstFound, type Attempt, type Outcome, type Tool, type ToolSource } from "./tool";

const NAME = "promtool";

/** Which version of Debian's package is taken is Debian's to say; the stamp in the folder tells. */
const CACHED_AS = "debian";

const INSTALL =
  "Install Prometheus (Debian and Ubuntu: apt-get install prometheus), or set MERIDIAN_PROMTOOL to the promtool of one that is there: https://prometheus.io/download/";

/** A failure inside `store`'s callback that is an answer to the caller. */
class Missed extends Error {}

async function ask(path: string, source: ToolSource, host: Host): Promise<Outcome<Tool>> {
  const answer = await host.run(path, ["--version"], { timeoutMs: 60_000 });
  if (answer.code !== 0) return { missed: `${path} does not answer: ${explainFailure(answer)}` };
  // "promtool, version 2.42.0+ds (branch: debian/sid, …)"; some builds say it on stderr.
  const version = /version (\d+\.\d+\.\d+)/.exec(answer.stdout + answer.stderr)?.[1] ?? "unknown";
  return { found: { name: NAME, version, path, source } };
}

async function named(host: Host): Promise<Outcome<Tool>> {
  const path = host.env.MERIDIAN_PROMTOOL ?? "";
  if (path === "") return { missed: "not set" };
  return isExecutable(path) ? ask(path, "MERIDIAN_PROMTOOL", host) : { missed: `${path} is no program` };
}

async function onPath(host: Host): Promise<Outcome<Tool>> {
  const path = findOnPath(NAME, host);
  return path === undefined ? { missed: "not there" } : ask(path, "path", host);
}

async function inCache(host: Host): Promise<Outcome<Tool>> {
  const folder = toolFolder(host, NAME, CACHED_AS);
  const stored = await readStored(folder);
  if (stored.state === "absent") return { missed: "not there yet" };
  if (stored.state === "torn") return { missed: `${folder} is damaged and will be replaced` };
  const { origin, versions } = stored.stamp;
  const path = join(folder, "bin", NAME);
  return { found: { name: NAME, version: versions[NAME] ?? "unknown", path, source: "cache", origin } };
}

/** Takes the program out of Debian's package, without root and without installing anything: apt checks its signature. */
async function fromDebian(host: Host, progress?: Progress): Promise<Outcome<Tool>> {
  const missing = ["apt-get", "dpkg-deb"].find((name) => findOnPath(name, host) === undefined);
  if (missing !== undefined) return { missed: `${missing} is not there` };
  const text = "Getting promtool out of Debian's package prometheus (19 MB), once a machine";
  progress?.({ kind: "started", text });
  const download = await mkdtemp(join(tmpdir(), "meridian-promtool-"));
  try {
    await store(toolFolder(host, NAME, CACHED_AS), [join("bin", NAME)], async (folder) => {
      const must = async (command: string, args: readonly string[]): Promise<void> => {
        const answer = await host.run(command, args, { cwd: download, timeoutMs: 300_000 });
        if (answer.code !== 0) throw new Missed(`${command} ${args[0] ?? ""}: ${explainFailure(answer)}`);
      };
      await must("apt-get", ["download", "prometheus"]);
      const [archive] = (await readdir(download)).filter((name) => name.endsWith(".deb"));
      if (archive === undefined) throw new Missed("apt-get download left no package");
      await must("dpkg-deb", ["-x", archive, "content"]);
      await mkdir(join(folder, "bin"));
      const program = join(folder, "bin", NAME);
      // The cache may be on another file system than temporary files.
      await copyFile(join(download, "content", "usr", "bin", NAME), program);
      const seen = await ask(program, "cache", host);
      if ("missed" in seen) throw new Missed(seen.missed);
      return { origin: `Debian's package ${archive}`, versions: { [NAME]: seen.found.version } };
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
  return inCache(host);
}

const attempts = (host: Host): Attempt<Tool>[] => [
  { what: "MERIDIAN_PROMTOOL", quiet: (host.env.MERIDIAN_PROMTOOL ?? "") === "", get: () => named(host) },
  { what: "promtool on PATH", quiet: findOnPath(NAME, host) === undefined, get: () => onPath(host) },
  { what: "Meridian's cache", quiet: true, get: () => inCache(host) },
];

/**
 * Prometheus' promtool, which tests alert rules: one that the user named, else on PATH, else in the cache.
 *
 * @throws ToolMissingError saying where it was looked for and how to get it
 */
export const findPromtool = (host: Host = thisHost()): Promise<Tool> => firstFound(NAME, attempts(host), INSTALL);

/**
 * The same, else taken out of Debian's package into the cache.
 *
 * @throws ToolMissingError saying what was tried
 */
export const ensurePromtool = ({
  host = thisHost(),
  onProgress,
}: { readonly host?: Host; readonly onProgress?: Progress } = {}): Promise<Tool> =>
  firstFound(
    NAME,
    [...attempts(host), { what: "Debian's package prometheus", quiet: true, get: () => fromDebian(host, onProgress) }],
    INSTALL,
    onProgress,
  );
