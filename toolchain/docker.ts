import { findOnPath, thisHost, type Host } from "./host";
import { explainFailure } from "./run";
import { firstFound, type Attempt, type Tool } from "./tool";

/** An engine answers within a second; one that hangs should not hold up the error. */
const ANSWER_TIMEOUT_MS = 10_000;

/** Version, kind of containers, and security options: `28.5.1 linux ["name=seccomp,profile=builtin"]`. */
const QUESTION = "{{.ServerVersion}} {{.OSType}} {{json .SecurityOptions}}";

/** Docker on PATH, with an engine whose containers can share this machine's loopback. */
export const dockerOnPath = (host: Host): Attempt<Tool> => ({
  what: "docker on PATH",
  quiet: true,
  get: async () => {
    const path = findOnPath("docker", host);
    if (path === undefined) return { missed: "not there" };
    const answer = await host.run(path, ["info", `--format=${QUESTION}`], { timeoutMs: ANSWER_TIMEOUT_MS });
    // Without an engine the client prints " " for what it does not know; only since Docker 20.10 does it fail, too.
    const [, version, kind, security = ""] = /^(\S+) (\S+) (.*)/.exec(answer.stdout) ?? [];
    if (answer.code !== 0 || version === undefined) {
      return { missed: `${path} has no engine that answers: ${explainFailure(answer)}` };
    }
    if (kind !== "linux") return { missed: `the engine of ${path} runs ${kind ?? "unknown"} containers, not linux` };
    // Its "host" network is the one inside RootlessKit's namespace (docs.docker.com, engine/security/rootless).
    if (security.includes("name=rootless")) {
      return { missed: `the engine of ${path} is rootless: its containers cannot listen on this machine's loopback` };
    }
    return { found: { name: "docker", version, path, source: "path" } };
  },
});

/**
 * Docker, with its engine.
 *
 * @throws ToolMissingError saying what is missing: the program, the engine, or the right to use it
 */
export const findDocker = (host: Host = thisHost()): Promise<Tool> =>
  firstFound(
    "docker",
    [dockerOnPath(host)],
    "Install Docker Engine and start it: https://docs.docker.com/engine/install/",
  );
