import { findOnPath, isExecutable, thisHost, type Host } from "./host";
import { explainFailure } from "./run";
import { firstFound, type Attempt, type Outcome, type Tool, type ToolSource } from "./tool";
import { formatVersion, parseVersion } from "./versions";

/** The names under which distributions install Chromium and its kin. */
const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/** A browser reads its profile's folders first, which takes seconds on a busy machine. */
const ANSWER_TIMEOUT_MS = 60_000;

async function ask(path: string, source: ToolSource, host: Host): Promise<Outcome<Tool>> {
  const answer = await host.run(path, ["--version"], { timeoutMs: ANSWER_TIMEOUT_MS });
  if (answer.code !== 0) return { missed: `${path} does not answer: ${explainFailure(answer)}` };
  // "Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)"
  const version = parseVersion(/(\d+\.\d+\.\d+)/.exec(answer.stdout)?.[1] ?? "");
  return {
    found: { name: "chromium", version: version === undefined ? "unknown" : formatVersion(version), path, source },
  };
}

const named = (variable: "MERIDIAN_CHROMIUM" | "CHROME_BIN", host: Host): Attempt<Tool> => ({
  what: variable,
  get: async () => {
    const path = host.env[variable] ?? "";
    if (path === "") return { missed: "not set" };
    return isExecutable(path) ? ask(path, variable, host) : { missed: `${path} is no program` };
  },
});

async function onPath(host: Host): Promise<Outcome<Tool>> {
  const path = names.map((name) => findOnPath(name, host)).find((found) => found !== undefined);
  return path === undefined ? { missed: "not there" } : ask(path, "path", host);
}

/**
 * A Chromium that the user named, else one on PATH. The tests open the report in it.
 *
 * @throws ToolMissingError saying where it was looked for and how to get it
 */
export const findChromium = (host: Host = thisHost()): Promise<Tool> =>
  firstFound(
    "chromium",
    [
      named("MERIDIAN_CHROMIUM", host),
      named("CHROME_BIN", host),
      { what: `${names.join(", ")} on PATH`, get: () => onPath(host) },
    ],
    "Install it (Debian and Ubuntu: apt-get install chromium), or set MERIDIAN_CHROMIUM to the program of one that is there.",
  );
