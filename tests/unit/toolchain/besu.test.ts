import { join } from "node:path";

import { findBesu } from "../../../toolchain/besu";
import { ToolMissingError } from "../../../toolchain/tool";
import { machine, writeProgram, type Machine } from "./machine";

let here: Machine;
beforeEach(() => (here = machine()));
afterEach(() => here.remove());

const version = "besu/v26.8.0/linux-x86_64/openjdk-java-25\n";

test("besu on PATH says its version", async () => {
  const path = here.install("besu", () => ({ stdout: version }));
  expect(await findBesu(here.host)).toEqual({ name: "besu", version: "26.8.0", path, source: "path" });
});

test("BESU_HOME, which was set on purpose, comes before PATH", async () => {
  here.install("besu", () => ({ stdout: version }));
  const home = join(here.home, "besu-26.8.0");
  const path = writeProgram(join(home, "bin", "besu"));
  const host = { ...here.host, env: { ...here.host.env, BESU_HOME: home } };
  expect(await findBesu(host)).toMatchObject({ path, source: "BESU_HOME" });
});

test("a build from source that names no version is used all the same", async () => {
  here.install("besu", () => ({ stdout: "besu/vnull/linux-x86_64/openjdk-java-25" }));
  expect(await findBesu(here.host)).toMatchObject({ version: "unknown" });
});

test("absent, or without its Java: the error names each place and how to get it", async () => {
  here.install("besu", () => ({ code: 1, stderr: "JAVA_HOME is not set" }));
  const error: unknown = await findBesu(here.host).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ToolMissingError);
  expect((error as ToolMissingError).message).toMatch(/BESU_HOME: not set[^]*JAVA_HOME is not set/);
  expect((error as ToolMissingError).hint).toContain("BESU_HOME");
});
