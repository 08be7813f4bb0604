import { join } from "node:path";

import { findOnPath, isExecutable, thisHost, type Host } from "./host";
import { explainFailure } from "./run";
import { firstFound, type Attempt, type Outcome, type Tool, type ToolSource } from "./tool";
import { formatVersion, parseVersion } from "./versions";

/** What to do where there is no Besu. */
export const installBesu = [
  "Meridian neither ships nor builds Besu. Do one of these, then try again:",
  "  - install it, so that `besu` is on PATH: https://besu.hyperledger.org/stable/public-networks/get-started/install",
  "  - unpack a release (it needs Java 21; from 26.6 on Java 25) and set BESU_HOME to its folder",
].join("\n");

/** A JVM takes a second or two to say its version, and longer on a busy machine. */
const ANSWER_TIMEOUT_MS = 60_000;

async function ask(path: string, source: ToolSource, host: Host): Promise<Outcome<Tool>> {
  const answer = await host.run(path, ["--version"], { timeoutMs: ANSWER_TIMEOUT_MS });
  if (answer.code !== 0) return { missed: `${path} does not answer: ${explainFailure(answer)}` };
  // "besu/v26.8.0/linux-x86_64/openjdk-java-25"; a build from source may name no version.
  const version = parseVersion(/besu\/v?(\S+?)\//.exec(answer.stdout)?.[1] ?? "");
  return {
    found: { name: "besu", version: version === undefined ? "unknown" : formatVersion(version), path, source },
  };
}

async function inHome(host: Host): Promise<Outcome<Tool>> {
  const home = host.env.BESU_HOME ?? "";
  if (home === "") return { missed: "not set" };
  const path = join(home, "bin", host.platform === "win32" ? "besu.bat" : "besu");
  return isExecutable(path) ? ask(path, "BESU_HOME", host) : { missed: `${path} is no program` };
}

async function onPath(host: Host): Promise<Outcome<Tool>> {
  const path = findOnPath("besu", host);
  return path === undefined ? { missed: "not there" } : ask(path, "path", host);
}

/** Besu in BESU_HOME, which the user set on purpose, else on PATH. A miss is worth a word where something is there. */
export const besuAttempts = (host: Host): Attempt<Tool>[] => [
  { what: "BESU_HOME", quiet: (host.env.BESU_HOME ?? "") === "", get: () => inHome(host) },
  { what: "besu on PATH", quiet: findOnPath("besu", host) === undefined, get: () => onPath(host) },
];

/**
 * Besu as a program of this machine.
 *
 * @throws ToolMissingError saying where it was looked for and how to get it
 */
export const findBesu = (host: Host = thisHost()): Promise<Tool> => firstFound("besu", besuAttempts(host), installBesu);
