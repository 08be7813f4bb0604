import { chmodSync } from "node:fs";

import { BESU_IMAGE } from "../../../besu/image";
import { findDocker } from "../../../toolchain/docker";
import { findLocalBesu } from "../../../toolchain/local-besu";
import { ToolMissingError } from "../../../toolchain/tool";
import { machine, type Machine, type Program } from "./machine";

let here: Machine;
beforeEach(() => (here = machine()));
afterEach(() => here.remove());

const engine =
  (version = "28.5.1", kind = "linux", security = '["name=seccomp,profile=builtin"]'): Program =>
  () => ({ stdout: `${version} ${kind} ${security}\n` });
const noEngine: Program = (_, { timeoutMs }) => ({
  code: 1,
  stdout: "  null\n",
  stderr: `Cannot connect to the Docker daemon${timeoutMs === undefined ? ", ever" : ""}.`,
});
const besu: Program = () => ({ stdout: "besu/v26.8.0/linux-x86_64/openjdk-java-25\n" });

const missing = async (found: Promise<unknown>): Promise<ToolMissingError> => {
  const error: unknown = await found.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ToolMissingError);
  return error as ToolMissingError;
};

test("docker is there when its engine answers, and has the engine's version", async () => {
  const path = here.install("docker", engine());
  expect(await findDocker(here.host)).toEqual({ name: "docker", version: "28.5.1", path, source: "path" });
});

test("a client without an engine is not enough: the error says what it said", async () => {
  here.install("docker", noEngine);
  expect((await missing(findDocker(here.host))).message).toContain(
    "no engine that answers: exit code 1: Cannot connect",
  );
});

test("an old client that does not fail without an engine is not taken for one", async () => {
  here.install("docker", () => ({ stdout: "  null\n", stderr: "Cannot connect to the Docker daemon." }));
  expect((await missing(findDocker(here.host))).message).toContain("Cannot connect to the Docker daemon");
});

test("an engine that hangs is given up", async () => {
  here.install("docker", (_, { timeoutMs }) => ({ problem: `no end after ${(timeoutMs ?? Infinity) / 1000} s` }));
  expect((await missing(findDocker(here.host))).message).toContain("no end after 10 s");
});

test.each([
  ["runs windows containers", engine("28.5.1", "windows")],
  ["is rootless", engine("28.5.1", "linux", '["name=seccomp,profile=builtin","name=rootless"]')],
])("an engine that %s cannot run the network", async (reason, program) => {
  here.install("docker", program);
  expect((await missing(findDocker(here.host))).message).toContain(reason);
});

test("a besu of this machine goes before Docker, which is not even asked", async () => {
  const path = here.install("besu", besu);
  here.install("docker", engine());
  expect(await findLocalBesu(here.host)).toMatchObject({ path });
  expect(here.calls).toEqual(["besu --version"]);
});

test("without a besu the engine runs the image that the clusters run, and nothing is said of what was never there", async () => {
  const docker = here.install("docker", engine());
  const progress = jest.fn();
  expect(await findLocalBesu(here.host, progress)).toEqual({ docker, image: BESU_IMAGE });
  expect(progress).not.toHaveBeenCalled();
});

test("a BESU_HOME that leads nowhere is said aloud before Docker takes its place", async () => {
  const docker = here.install("docker", engine());
  const host = { ...here.host, env: { ...here.host.env, BESU_HOME: "/nowhere" } };
  const progress = jest.fn();
  expect(await findLocalBesu(host, progress)).toMatchObject({ docker });
  expect(progress.mock.calls).toEqual([[{ kind: "note", text: "BESU_HOME: /nowhere/bin/besu is no program" }]]);
});

test("with neither, one error names all three places and each way out", async () => {
  const error = await missing(findLocalBesu(here.host));
  expect(error.message).toMatch(/BESU_HOME: not set\n.*besu on PATH: not there\n.*docker on PATH: not there$/);
  expect(error.hint).toMatch(/BESU_HOME[^]*Docker engine/);
  expect(error.exitCode).toBe(2);
});

test("a docker that may not be executed is none", async () => {
  chmodSync(here.install("docker", engine()), 0o644);
  expect((await missing(findDocker(here.host))).message).toContain("not there");
});
