import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a made-up Docker engine is like. */
export interface FakeEngine {
  readonly running: boolean;
  /** Whether images can be pulled. */
  readonly registry: boolean;
  /** As older clients: removing a container that is not there is a failure. */
  readonly strict: boolean;
  /** What runs in place of an entry point. */
  readonly programs: Readonly<Record<string, readonly string[]>>;
}

/** `docker` and an engine, neither of them real; see fake-docker.cjs. */
export interface FakeDocker {
  /** Absolute path of `docker`, in a folder that may stand on PATH. */
  readonly docker: string;
  readonly set: (engine: Partial<FakeEngine>) => void;
  /** The arguments of every call. */
  readonly calls: () => string[][];
  /** Process ids of the containers, by name. */
  readonly containers: () => Record<string, number>;
}

/** Puts a made-up Docker into a folder: its engine runs and can pull every image. */
export function fakeDocker(folder: string, engine: Partial<FakeEngine> = {}): FakeDocker {
  const home = join(folder, "docker");
  mkdirSync(home, { recursive: true });
  let now: FakeEngine = { running: true, registry: true, strict: false, programs: {} };
  const set = (change: Partial<FakeEngine>): void => {
    now = { ...now, ...change };
    writeFileSync(join(home, "engine.json"), JSON.stringify(now));
  };
  set(engine);
  const docker = join(home, "docker");
  const script = join(__dirname, "fake-docker.cjs");
  writeFileSync(docker, `#!/bin/sh\nMERIDIAN_FAKE_DOCKER='${home}' exec '${process.execPath}' '${script}' "$@"\n`);
  chmodSync(docker, 0o755);
  const containers = join(home, "containers");
  return {
    docker,
    set,
    calls: () => {
      const file = join(home, "calls.jsonl");
      if (!existsSync(file)) return [];
      const lines = readFileSync(file, "utf8").trimEnd().split("\n");
      return lines.map((line) => JSON.parse(line) as string[]);
    },
    containers: () => {
      const names = existsSync(containers) ? readdirSync(containers) : [];
      return Object.fromEntries(names.map((name) => [name, Number(readFileSync(join(containers, name), "utf8"))]));
    },
  };
}
