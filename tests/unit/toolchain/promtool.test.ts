import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { ensurePromtool, findPromtool } from "../../../toolchain/promtool";
import { ToolMissingError } from "../../../toolchain/tool";
import { machine, writeProgram, type Machine } from "./machine";

let here: Machine;
beforeEach(() => (here = machine()));
afterEach(() => here.remove());

const says = () => ({ stdout: "promtool, version 2.42.0+ds (branch: debian/sid)\n" });

/** A Debian whose apt-get brings a package that dpkg-deb can unpack. */
function debian(): void {
  here.install("apt-get", (_, { cwd = "" }) => {
    writeFileSync(join(cwd, "prometheus_2.42.0_amd64.deb"), "");
    return {};
  });
  here.install("dpkg-deb", (_, { cwd = "" }) => {
    writeProgram(join(cwd, "content", "usr", "bin", "promtool"));
    return {};
  });
  here.answer("promtool", says);
}

test("promtool on PATH says its version", async () => {
  const path = here.install("promtool", says);
  expect(await findPromtool(here.host)).toEqual({ name: "promtool", version: "2.42.0", path, source: "path" });
});

test("MERIDIAN_PROMTOOL comes before PATH", async () => {
  here.install("promtool", says);
  const path = writeProgram(join(here.home, "my-promtool"));
  here.answer("my-promtool", () => ({ stderr: "promtool, version 3.5.0 (branch: HEAD)\n" }));
  const host = { ...here.host, env: { ...here.host.env, MERIDIAN_PROMTOOL: path } };
  expect(await findPromtool(host)).toMatchObject({ path, version: "3.5.0", source: "MERIDIAN_PROMTOOL" });
});

test("without one it comes out of Debian's package, once a machine, and nothing is installed", async () => {
  debian();
  expect(await ensurePromtool({ host: here.host })).toMatchObject({
    version: "2.42.0",
    source: "cache",
    origin: "Debian's package prometheus_2.42.0_amd64.deb",
  });
  expect(await findPromtool(here.host)).toMatchObject({ version: "2.42.0", source: "cache" });
  expect(here.calls.filter((call) => call.startsWith("apt-get"))).toEqual(["apt-get download prometheus"]);
});

test("finding alone downloads nothing", async () => {
  debian();
  await expect(findPromtool(here.host)).rejects.toThrow(ToolMissingError);
  expect(here.calls).toEqual([]);
});

test("no Debian, no network, or a package without the program: the error says so, and nothing is left behind", async () => {
  const error = async () => (await ensurePromtool({ host: here.host }).catch((caught: unknown) => caught)) as Error;
  expect((await error()).message).toContain("apt-get is not there");
  debian();
  here.answer("apt-get", () => ({ code: 100, stderr: "E: Unable to fetch some archives" }));
  expect((await error()).message).toContain("Unable to fetch some archives");
  debian();
  here.answer("dpkg-deb", () => ({}));
  expect(await error()).toMatchObject({ hint: expect.stringContaining("apt-get install prometheus") });
  debian();
  expect(await ensurePromtool({ host: here.host })).toMatchObject({ version: "2.42.0" });
});
